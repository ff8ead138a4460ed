import { base64urlnopad, hex } from '@scure/base';
import { FarmError } from '#contract/errors.ts';
import type { PackageManifest, ParameterSchema } from '#contract/package-manifest.ts';
import { isLine } from '#contract/plain-text.ts';
import type { ParameterValue, ParameterValues } from '../../model/instances/parameter-values.ts';
import { matchesPattern } from '../../model/packages/pattern.ts';
import type { Ids } from '../../ports/ids.ts';

/** Letters and digits that nobody mistakes for another when reading them out: 31 of them, about five bits each. */
const passwordLetters = 'abcdefghjkmnpqrstuvwxyz23456789';
const passwordLength = 16;
const secretBytes = 32;
/** Of a value whose package says nothing of its length. */
const mostCharacters = 4000;

/** Random bytes as the port gives them: base64url. */
const bytesOf = (ids: Ids, count: number): Uint8Array => base64urlnopad.decode(ids.token(count));

function makePassword(ids: Ids): string {
  // A byte beyond the last whole multiple would make the first letters likelier.
  const limit = 256 - (256 % passwordLetters.length);
  let made = '';
  while (made.length < passwordLength) {
    for (const byte of bytesOf(ids, passwordLength)) if (byte < limit) made += passwordLetters.charAt(byte % passwordLetters.length);
  }
  return (made.slice(0, passwordLength).match(/.{4}/g) ?? []).join('-');
}

function generate(kind: 'password' | 'hex', ids: Ids): string {
  return kind === 'password' ? makePassword(ids) : hex.encode(bytesOf(ids, secretBytes));
}

function problemOf(schema: ParameterSchema, value: ParameterValue): string | undefined {
  if (schema.type === 'boolean') return typeof value === 'boolean' ? undefined : 'type';
  if (schema.type === 'integer') {
    if (typeof value !== 'number' || !Number.isInteger(value)) return 'type';
    if (schema.minimum !== undefined && value < schema.minimum) return 'minimum';
    return schema.maximum !== undefined && value > schema.maximum ? 'maximum' : undefined;
  }
  if (typeof value !== 'string') return 'type';
  if (!isLine(value)) return 'pattern';
  if (value.length > mostCharacters) return 'maxLength';
  if (schema.minLength !== undefined && value.length < schema.minLength) return 'minLength';
  if (schema.maxLength !== undefined && value.length > schema.maxLength) return 'maxLength';
  if (schema.enum !== undefined && !schema.enum.includes(value)) return 'enum';
  if (schema.pattern !== undefined && !matchesPattern(schema.pattern, value)) return 'pattern';
  return undefined;
}

export type Resolved = { readonly open: Record<string, ParameterValue>; readonly secret: Record<string, ParameterValue> };

/**
 * What a person gave, what the core makes itself, and the manifest's defaults, parted into what may be read and what is sealed.
 * Throws `PARAMETER_INVALID` with the code of the rule that a value breaks.
 */
export function resolveParameters(manifest: Pick<PackageManifest, 'parameters'>, given: ParameterValues, ids: Ids): Resolved {
  const { properties, required } = manifest.parameters;
  for (const name of Object.keys(given))
    if (!Object.hasOwn(properties, name)) throw new FarmError('PARAMETER_INVALID', { parameter: name, problem: 'unknown' });
  const resolved: Resolved = { open: {}, secret: {} };
  for (const [name, schema] of Object.entries(properties)) {
    const makes = schema['x-generate'];
    const value = given[name] ?? (makes === undefined ? schema.default : generate(makes, ids));
    if (value === undefined) {
      if (required.includes(name)) throw new FarmError('PARAMETER_INVALID', { parameter: name, problem: 'required' });
      continue;
    }
    const problem = problemOf(schema, value);
    if (problem !== undefined) throw new FarmError('PARAMETER_INVALID', { parameter: name, problem });
    const isSecret = schema['x-secret'] === true || makes !== undefined;
    (isSecret ? resolved.secret : resolved.open)[name] = value;
  }
  return resolved;
}

import { join } from 'node:path';
import type { InstanceSpec } from '#contract/agent/instances.ts';
import { FarmError } from '#contract/errors.ts';
import type { CommandValue, PackageManifest, ParameterSchema } from '#contract/package-manifest.ts';

/** What the placeholders of one instance stand for. `payload` and `data` are absolute folders. */
export type PlaceholderValues = {
  readonly runtime: string;
  readonly payload: string;
  readonly data: string;
  readonly port: number;
  readonly listenHost: string;
  readonly spec: InstanceSpec;
};

type Scalar = string | number | boolean;

function lookUp(from: string, values: PlaceholderValues): Scalar {
  const { spec } = values;
  switch (from) {
    case 'runtime':
    case 'payload':
    case 'data':
    case 'port':
    case 'listenHost':
      return values[from];
    case 'url':
    case 'host':
      return spec[from];
    case 'instanceName':
      return spec.name;
    default: {
      const parameter = from.slice('parameter.'.length);
      const value = Object.hasOwn(spec.parameters, parameter) ? spec.parameters[parameter] : undefined;
      if (value === undefined) throw new FarmError('PARAMETER_INVALID', { parameter, problem: 'missing' });
      return value;
    }
  }
}

/** One whole value: it never becomes two arguments. A literal stays as it is; a placeholder without prefix or path keeps its type. */
export function resolveValue(value: CommandValue, values: PlaceholderValues): Scalar {
  if (typeof value === 'string') return value;
  const found = lookUp(value.from, values);
  const withPath = value.path === undefined ? found : join(String(found), ...value.path.split('/'));
  return value.prefix === undefined ? withPath : `${value.prefix}${String(withPath)}`;
}

const isPort = (value: CommandValue): boolean => typeof value !== 'string' && value.from === 'port';

/** Does a file of the manifest hold the port? */
export function holdsPort(file: PackageManifest['files'][number]): boolean {
  return file.format === 'csv' ? file.rows.some((row) => row.some(isPort)) : Object.values(file.value).some(isPort);
}

/** A set-up step that was told the port may have written it where nobody knows; all else is told anew with every start. */
export const mayMovePort = ({ setup }: PackageManifest): boolean => !setup.some(({ command }) => command.some(isPort));

function isSecret(value: CommandValue, manifest: PackageManifest): boolean {
  if (typeof value === 'string' || !value.from.startsWith('parameter.')) return false;
  return manifest.parameters.properties[value.from.slice('parameter.'.length)]?.['x-secret'] === true;
}

/** Program and arguments; the runtime gets options of its own first. Throws `MANIFEST_INVALID` when a secret would stand in a process list. */
export function resolveCommand(
  command: readonly CommandValue[],
  manifest: PackageManifest,
  values: PlaceholderValues,
  runtimeOptions: readonly string[] = [],
): { program: string; args: string[] } {
  const [program = '', ...args] = command.map((value) => {
    if (isSecret(value, manifest))
      throw new FarmError('MANIFEST_INVALID', { packageId: manifest.id, path: 'command', problem: 'secret-in-arguments' });
    return String(resolveValue(value, values));
  });
  const [first] = command;
  const isRuntime = typeof first === 'object' && first.from === 'runtime';
  return { program, args: isRuntime ? [...runtimeOptions, ...args] : args };
}

export function resolveEnvironment(manifest: PackageManifest, values: PlaceholderValues): Record<string, string> {
  const entries = Object.entries(manifest.start.environment).map(([key, value]) => [key, String(resolveValue(value, values))] as const);
  return { NODE_ENV: 'production', ...Object.fromEntries(entries) };
}

/** RFC 4180 §2: every field quoted, quotes doubled; line breaks are refused, because readers disagree about them. */
export function writeCsv(rows: readonly (readonly Scalar[])[]): string {
  const field = (value: Scalar): string => {
    const text = String(value);
    if (/[\r\n\0]/.test(text)) throw new FarmError('PARAMETER_INVALID', { parameter: '', problem: 'line-break' });
    return /[",\s]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `${rows.map((row) => row.map(field).join(',')).join('\n')}\n`;
}

/** The text of a file that we write into the data folder. */
export function fileText(file: PackageManifest['files'][number], values: PlaceholderValues): string {
  if (file.format === 'csv') return writeCsv(file.rows.map((row) => row.map((value) => resolveValue(value, values))));
  const entries = Object.entries(file.value).map(([key, value]) => [key, resolveValue(value, values)] as const);
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}

function problemOf(schema: ParameterSchema, value: Scalar): string | undefined {
  if (schema.type === 'boolean') return typeof value === 'boolean' ? undefined : 'type';
  if (schema.type === 'integer') {
    if (typeof value !== 'number' || !Number.isInteger(value)) return 'type';
    return value < (schema.minimum ?? -Infinity) || value > (schema.maximum ?? Infinity) ? 'range' : undefined;
  }
  if (typeof value !== 'string' || value.includes('\0')) return 'type';
  if (value.length < (schema.minLength ?? 0) || value.length > (schema.maxLength ?? 10_000)) return 'length';
  if (schema.enum !== undefined && !schema.enum.includes(value)) return 'enum';
  return schema.pattern !== undefined && !new RegExp(`^(?:${schema.pattern})$`, 'u').test(value) ? 'pattern' : undefined;
}

/** The core has checked them already; the agent runs programs with them, so it looks again. Throws `PARAMETER_INVALID`. */
export function checkParameters(manifest: PackageManifest, spec: InstanceSpec): void {
  const { properties, required } = manifest.parameters;
  for (const parameter of required) {
    if (!Object.hasOwn(spec.parameters, parameter)) throw new FarmError('PARAMETER_INVALID', { parameter, problem: 'missing' });
  }
  for (const [parameter, value] of Object.entries(spec.parameters)) {
    const schema = Object.hasOwn(properties, parameter) ? properties[parameter] : undefined;
    const problem = schema === undefined ? 'unknown' : problemOf(schema, value);
    if (problem !== undefined) throw new FarmError('PARAMETER_INVALID', { parameter, problem });
  }
}

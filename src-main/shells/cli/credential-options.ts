import { readFile } from 'node:fs/promises';
import type { CredentialChange } from '#contract/api/domains.ts';
import { readField } from '#contract/catalogue/credential-fields.ts';
import { fieldsOf, kindsOf, type NamedField, type ProviderKind, type ProviderPort } from '#contract/catalogue/providers.ts';
import { sayField, sayFieldHint, sayFieldProblem, sayProvider } from '#words/say-provider.ts';
import type { Translate } from '#words/translate.ts';
import type { Call, OptionSpec } from './command.ts';
import { UsageError } from './failures.ts';

/** `apiKey` of a DNS provider is `--dns-api-key-file`: a secret on the command line would be seen by everyone who lists processes. */
export function optionOf(port: ProviderPort, { name, isSecret }: Pick<NamedField, 'name' | 'isSecret'>): string {
  const words = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `${port}-${words}${isSecret ? '-file' : ''}`;
}

const valueNames = { text: 'TEXT', password: 'TEXT', url: 'URL', host: 'HOST[:PORT]', servers: 'ADDRESS[:PORT]' } as const;

function summaryOf(kind: ProviderKind, field: NamedField, t: Translate): string {
  const parts = { provider: sayProvider(t, kind), field: sayField(t, kind, field.name), hint: sayFieldHint(t, kind, field) };
  return field.isSecret ? t('cli.credentials.secret', parts) : t('cli.credentials.field', parts);
}

/** The options of every provider of a port. Where two providers have a field of one name, one option serves both. */
export function credentialOptions(port: ProviderPort): Readonly<Record<string, OptionSpec>> {
  const options: Record<string, OptionSpec> = {};
  for (const kind of kindsOf(port))
    for (const field of fieldsOf(kind)) {
      const name = optionOf(port, field);
      const before = options[name];
      options[name] = {
        type: 'string',
        value: field.isSecret ? 'FILE' : valueNames[field.format],
        isMany: true,
        summary: (t) => [...(typeof before?.summary === 'function' ? [before.summary(t)] : []), summaryOf(kind, field, t)].join(' · '),
      };
    }
  return options;
}

/** What one field's options hold: today's shorter names count as well. */
export type GivenOptions = (field: NamedField) => readonly string[];

type Reading = Pick<Call, 't' | 'readInput' | 'typed'> & {
  readonly port: ProviderPort;
  readonly kind: ProviderKind;
  readonly given: GivenOptions;
  /** False: what is not given stays as it is. */
  readonly isWhole: boolean;
};

/** Which secret comes from standard input: the one that says `-`, or the only one that is needed and not given. Throws `UsageError`. */
function secretFromInput({ port, kind, given, isWhole }: Reading): NamedField | undefined {
  const fields = fieldsOf(kind);
  const secrets = fields.filter(({ isSecret }) => isSecret);
  const dashed = secrets.filter((field) => given(field).at(-1) === '-');
  const isNothingGiven = fields.every((field) => given(field).length === 0);
  const missing = secrets.filter((field) => given(field).length === 0 && !field.isOptional && (isWhole || isNothingGiven));
  const [first, ...others] = [...dashed, ...missing];
  const [other] = others;
  if (other !== undefined) throw new UsageError('cli.usage.needed', { option: `--${optionOf(port, other)}` });
  if (first === undefined && !isWhole && isNothingGiven && fields.length > 0)
    throw new UsageError('cli.usage.needed', { option: fields.map((field) => `--${optionOf(port, field)}`).join(', ') });
  return first;
}

async function textOf(field: NamedField, reading: Reading, fromInput: NamedField | undefined): Promise<string> {
  const given = reading.given(field);
  if (field.name === fromInput?.name) return reading.readInput();
  if (field.isSecret) return given.at(-1) === undefined ? '' : readFile(given.at(-1) ?? '', 'utf8');
  return field.format === 'servers' ? given.join('\n') : (given.at(-1) ?? '');
}

/**
 * The credentials that were typed, each checked by its row. Throws `UsageError` for an option of another provider, for what is missing, and for
 * what does not fit; never says a secret.
 */
export async function readCredentialOptions(reading: Reading): Promise<CredentialChange> {
  const { t, typed, port, kind, isWhole } = reading;
  const fields = fieldsOf(kind);
  const own = fields.map((field) => optionOf(port, field));
  const foreign = Object.keys(credentialOptions(port)).find((name) => !own.includes(name) && typed.all(name).length > 0);
  if (foreign !== undefined) throw new UsageError('cli.usage.credential', { option: `--${foreign}`, provider: sayProvider(t, kind) });
  const fromInput = secretFromInput(reading);
  const values: CredentialChange = {};
  for (const field of fields) {
    const option = `--${optionOf(port, field)}`;
    const isGiven = reading.given(field).length > 0 || field.name === fromInput?.name;
    const found = readField(field, field.schema, await textOf(field, reading, fromInput));
    if (found.kind === 'problem')
      throw new UsageError('cli.usage.field', { option, problem: sayFieldProblem(t, found.problem, found.text) });
    if (found.kind === 'value') values[field.name] = typeof found.value === 'string' ? found.value : [...found.value];
    else if (isGiven || (isWhole && !field.isOptional)) throw new UsageError('cli.usage.needed', { option });
  }
  return values;
}

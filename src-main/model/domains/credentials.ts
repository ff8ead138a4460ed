import { type FieldProblem, fieldProblem, hasUserinfo } from '#contract/catalogue/credential-fields.ts';
import {
  type CredentialsOf,
  type DnsKind,
  fieldsOf,
  type NamedField,
  type ProviderKind,
  providers,
} from '#contract/catalogue/providers.ts';

type Values = Readonly<Record<string, unknown>>;
export type CredentialRefusal = { readonly provider: ProviderKind; readonly field: string; readonly problem: FieldProblem };

/** The first field whose value its provider does not take, or undefined. `isWhole`: what is missing is refused, too. Never says a value. */
export function refuseCredentials(kind: ProviderKind, values: Values, { isWhole }: { isWhole: boolean }): CredentialRefusal | undefined {
  const fields = fieldsOf(kind);
  const unknown = Object.keys(values).find((name) => !fields.some((field) => field.name === name));
  if (unknown !== undefined) return { provider: kind, field: unknown, problem: 'unknown' };
  for (const field of fields) {
    if (!isWhole && values[field.name] === undefined) continue;
    const problem = fieldProblem(field, field.schema, values[field.name]);
    if (problem !== undefined) return { provider: kind, field: field.name, problem };
  }
  return undefined;
}

/** Scheme, host and port of an address; a host as it is. Two ways to write one place count as two, which costs a person a key and nobody a secret. */
function placeOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const [, scheme, authority] = /^(https?):[/\\]+([^/\\?#]*)/i.exec(value.toLowerCase()) ?? [];
  if (scheme === undefined || authority === undefined) return value.toLowerCase();
  const usualPort = scheme === 'http' ? ':80' : ':443';
  const host = authority.replace(/^.*@/, '');
  return `${scheme}://${host.endsWith(usualPort) ? host.slice(0, -usualPort.length) : host}`;
}

/**
 * A change that leads to another place, host, port or scheme, names every secret anew: the one that is kept was given for the place before, and whoever may
 * change an address would have it sent to their own. `before`: the settings that are kept. The first secret that is missing, or undefined.
 */
export function refuseKeptSecrets(kind: ProviderKind, before: Values, change: Values): CredentialRefusal | undefined {
  const missing = fieldsOf(kind).find(({ name, isSecret, isOptional }) => isSecret && !isOptional && change[name] === undefined);
  return missing !== undefined && isElsewhere(kind, before, change) ? { provider: kind, field: missing.name, problem: 'again' } : undefined;
}

function isElsewhere(kind: ProviderKind, before: Values, change: Values): boolean {
  return fieldsOf(kind).some(
    ({ name, format }) =>
      (format === 'url' || format === 'host') && change[name] !== undefined && placeOf(change[name]) !== placeOf(before[name]),
  );
}

/** Credentials after a change. A secret that may be left out was given for the place before, too: where the change leads elsewhere it goes. */
export function changeCredentials(kind: ProviderKind, before: Values, change: Values): Values {
  const isGone = ({ isSecret, isOptional }: NamedField): boolean => isSecret && isOptional && isElsewhere(kind, before, change);
  const gone = fieldsOf(kind).flatMap((field) => (isGone(field) ? [field.name] : []));
  return { ...Object.fromEntries(Object.entries(before).filter(([name]) => !gone.includes(name))), ...change };
}

/** Decoded where it is well encoded, else as it is written: so it was sent. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Credentials without a name and password in an address, where releases up to 0.1 took them and sent them: they are the secret field that its row names.
 * One that is there already stays. The same object where there is nothing of the kind.
 */
export function liftLogins(kind: ProviderKind, values: Values): Values {
  const lifted: Record<string, unknown> = {};
  for (const { name, loginField } of fieldsOf(kind)) {
    const value = values[name];
    if (loginField === undefined || typeof value !== 'string' || !hasUserinfo(value)) continue;
    const [, scheme = '', userinfo = '', rest = ''] = /^([^/\\?#]*[/\\]+)([^/\\?#]*)@(.*)$/s.exec(value) ?? [];
    const [user = '', ...password] = userinfo.split(':');
    const login = `${decoded(user)}:${decoded(password.join(':'))}`;
    lifted[name] = `${scheme}${rest}`;
    if (login !== ':' && values[loginField] === undefined) lifted[loginField] = login;
  }
  return Object.keys(lifted).length === 0 ? values : { ...values, ...lifted };
}

/** Is there a name or password in an address? */
export const hasLogins = (kind: ProviderKind, settings: Values): boolean => liftLogins(kind, settings) !== settings;

/** The fields of a provider among stored settings, which hold other things of the farm as well. */
export function onlyFields(kind: ProviderKind, values: Values): Values {
  const names = fieldsOf(kind).map(({ name }) => name);
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => names.includes(name) && value !== undefined));
}

/** What is kept openly, and what is sealed. */
export function splitSecrets(kind: ProviderKind, values: Values): { readonly settings: Values; readonly secrets: Values } {
  const known = Object.entries(onlyFields(kind, values));
  const hidden = fieldsOf(kind).flatMap(({ name, isSecret }) => (isSecret ? [name] : []));
  return {
    settings: Object.fromEntries(known.filter(([name]) => !hidden.includes(name))),
    secrets: Object.fromEntries(known.filter(([name]) => hidden.includes(name))),
  };
}

type Schemas = { readonly [K in ProviderKind]: { readonly credentials: { readonly parse: (values: unknown) => CredentialsOf<K> } } };
const schemas: Schemas = providers;

/** Credentials with their defaults, typed by their row. Call `refuseCredentials` first: throws zod's error where they do not fit. */
export const readCredentials = <K extends ProviderKind>(kind: K, values: Values): CredentialsOf<K> =>
  schemas[kind].credentials.parse(values);

/** Where a name server is reached, for sentences: host and port of the first field that says it, never what stands before an @ there; else what its row says. */
export function serverOf(kind: DnsKind, settings: Values): string {
  for (const { name, format } of fieldsOf(kind)) {
    const value = settings[name];
    if (typeof value !== 'string') continue;
    if (format === 'host') return value;
    const host = format === 'url' ? /^https?:\/\/(?:[^@/?#]*@)?([^/?#]+)/i.exec(value)?.[1] : undefined;
    if (host !== undefined) return host.toLowerCase();
  }
  const row: { readonly server?: string } = providers[kind];
  return row.server ?? kind;
}

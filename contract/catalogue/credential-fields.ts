import * as z from 'zod';
import { canonicalIpv4, canonicalIpv6 } from '../ip-address.ts';
import { line } from '../plain-text.ts';

/** Where a server listens: an IP address and a port. */
export type Endpoint = { readonly address: string; readonly port: number };
export const endpoint = z.object({
  address: z.union([z.ipv4(), z.ipv6()]),
  port: z.number().int().min(1).max(65_535).default(53),
});

/** How a field is typed: `servers` are endpoints, one in a line; everything else is one line of text. */
export type FieldFormat = 'text' | 'password' | 'url' | 'host' | 'servers';
type FormatOf<V> = V extends string ? Exclude<FieldFormat, 'servers'> : V extends readonly unknown[] ? 'servers' : never;

/** What the form, the command line and the secret store need to know of one field. Its value's own rules stand in the schema. */
export type CredentialField<F extends FieldFormat = FieldFormat> = {
  readonly format: F;
  /** Sealed under the data key; in no row, log, answer or error, and never shown again. */
  readonly isSecret: boolean;
  /** Of an address: the secret field that takes a name and password which an older release kept before its host. */
  readonly loginField?: string;
};

/** One field's description for each field of the schema, in the order in which a person meets them. */
export type FieldsOf<S extends z.ZodRawShape> = {
  readonly [N in keyof S]: CredentialField<FormatOf<NonNullable<z.input<S[N]>>>>;
};

/** Why a field is not taken; the words are `providers.problem.<code>`. */
export const fieldProblems = ['required', 'again', 'unknown', 'kind', 'characters', 'url', 'userinfo', 'host', 'servers'] as const;
export type FieldProblem = (typeof fieldProblems)[number];

/** A line that goes into a header or a path: no space, no control character, nothing outside ASCII. */
export const plainText = z.string().regex(/^[\x21-\x7e]+$/);
/** What a web server asks for before all else (RFC 7617): a name, a colon, a password, in one line. */
export const basicLogin = line.min(1);
/** Has it a name or a password before its host (RFC 3986 §3.2.1)? They would be kept and shown openly, with the address. */
export const hasUserinfo = (url: string): boolean => /^[^/\\?#]*[/\\]+[^/\\?#]*@/.test(url);
export const webAddress = z.url({ protocol: /^https?$/ }).refine((url) => !hasUserinfo(url));
/** A host name or an IP address, with a port where it is not the usual one. */
export const hostAndPort = z.string().regex(/^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i);
export const endpoints = z.array(endpoint);

export type FieldReading =
  | { readonly kind: 'absent' }
  | { readonly kind: 'value'; readonly value: string | readonly Endpoint[] }
  /** `text`: the part that is wrong; empty where the whole is, and for every secret. */
  | { readonly kind: 'problem'; readonly problem: FieldProblem; readonly text: string };

function endpointOf(text: string): Endpoint | undefined {
  if (canonicalIpv6(text) !== undefined) return { address: text, port: 53 };
  const [, bracketed, plain = '', portText = '53'] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = bracketed ?? plain;
  const canonical = bracketed === undefined ? canonicalIpv4(address) : canonicalIpv6(address);
  const port = Number(portText);
  return canonical !== undefined && port > 0 && port < 65_536 ? { address, port } : undefined;
}

function readEndpoints(text: string): FieldReading {
  const words = text.split(/[\s,;]+/).filter((word) => word !== '');
  const found = words.map((word) => ({ word, server: endpointOf(word) }));
  const bad = found.find(({ server }) => server === undefined);
  return bad === undefined
    ? { kind: 'value', value: found.flatMap(({ server }) => (server === undefined ? [] : [server])) }
    : { kind: 'problem', problem: 'servers', text: bad.word };
}

const problemOf = { text: 'characters', password: 'characters', url: 'url', host: 'host', servers: 'servers' } as const satisfies Record<
  FieldFormat,
  FieldProblem
>;

/** The problem of a value that its field's schema does not take, or undefined. Says nothing of the value itself. */
export function fieldProblem({ format }: CredentialField, schema: z.core.$ZodType, value: unknown): FieldProblem | undefined {
  if (z.safeParse(schema, value).success) return undefined;
  if (value === undefined || value === '') return 'required';
  if (format === 'url' && typeof value === 'string' && hasUserinfo(value)) return 'userinfo';
  return typeof value === (format === 'servers' ? 'object' : 'string') ? problemOf[format] : 'kind';
}

/** What a person typed into a field, as its value: without the spaces around it; nothing typed is absent. */
export function readField(field: CredentialField, schema: z.core.$ZodType, typed: string): FieldReading {
  const text = typed.trim();
  if (text === '') return { kind: 'absent' };
  const reading: FieldReading = field.format === 'servers' ? readEndpoints(text) : { kind: 'value', value: text };
  if (reading.kind !== 'value') return reading;
  const problem = fieldProblem(field, schema, reading.value);
  return problem === undefined ? reading : { kind: 'problem', problem, text: '' };
}

import * as z from 'zod';
import { basicLogin, type CredentialField, endpoints, type FieldsOf, plainText, webAddress } from './credential-fields.ts';

/** What a provider is for. One that serves two ports is two rows. */
export type ProviderPort = 'dns' | 'acme' | 'notify' | 'backup';

type Description<S extends z.ZodRawShape> = {
  /** What a person types to connect it. Form, options of the command line, REST and the driver's type come from here. */
  readonly credentials: z.ZodObject<S>;
  readonly fields: FieldsOf<S>;
  /** The host of its API where no field of the form says it. */
  readonly server?: string;
};

const provider = <P extends ProviderPort, K extends string, S extends z.ZodRawShape>(port: P, kind: K, description: Description<S>) => ({
  port,
  kind,
  ...description,
  /** The same as one thing that a request holds; a field that it does not know is refused, not dropped. */
  request: z.strictObject({ ...description.credentials.shape, kind: z.literal(kind) }),
});

/** A row stands under its own kind, or it does not compile. */
const table = <T extends { readonly [K in keyof T]: { readonly port: ProviderPort; readonly kind: K } }>(rows: T): T => rows;

/**
 * Every provider. One row = one provider; its folder is `src-main/drivers/<port>/<kind>/`, its words are `providers.<kind>.*`. A field that is
 * added later is optional or has a default: stored domains do not have it.
 */
export const providers = table({
  powerdns: provider('dns', 'powerdns', {
    credentials: z.object({
      url: webAddress,
      apiKey: plainText,
      /** Only for a proxy in front of the API that asks for a name and password. */
      login: basicLogin.optional(),
      /** Only where the name servers cannot be found through the zone's NS records: a hidden primary, a test on another port. */
      nameServers: endpoints.optional(),
    }),
    fields: {
      url: { format: 'url', isSecret: false, loginField: 'login' },
      apiKey: { format: 'password', isSecret: true },
      login: { format: 'password', isSecret: true },
      nameServers: { format: 'servers', isSecret: false },
    },
  }),
  /** Part of this program: one listener for every domain that it serves, and nothing to type. */
  builtin: provider('dns', 'builtin', { credentials: z.object({}), fields: {}, server: 'builtin' }),
});

export type ProviderKind = keyof typeof providers;
export type KindOf<P extends ProviderPort> = {
  [K in ProviderKind]: (typeof providers)[K]['port'] extends P ? K : never;
}[ProviderKind];
export type CredentialsOf<K extends ProviderKind> = z.output<(typeof providers)[K]['credentials']>;
export type FieldOf<K extends ProviderKind> = Extract<keyof (typeof providers)[K]['fields'], string>;

export type DnsKind = KindOf<'dns'>;

/** The providers of a port, in the order of the table. */
export function kindsOf<P extends ProviderPort>(port: P): readonly KindOf<P>[] {
  const kinds = Object.keys(providers) as ProviderKind[];
  return kinds.filter((kind): kind is KindOf<P> => providers[kind].port === port);
}

export type NamedField = CredentialField & {
  readonly name: string;
  /** Of the value; `undefined` is taken where the field may be left out. */
  readonly schema: z.core.$ZodType;
  readonly isOptional: boolean;
  /** What is taken where nothing was given: text, or undefined. */
  readonly fallback: string | undefined;
};

/** The fields of a provider in their order, for whoever draws or reads them all alike. */
export function fieldsOf(kind: ProviderKind): readonly NamedField[] {
  const fields: Readonly<Record<string, CredentialField>> = providers[kind].fields;
  const shape: Readonly<Record<string, z.core.$ZodType>> = providers[kind].credentials.shape;
  return Object.entries(fields).flatMap(([name, field]) => {
    const schema = shape[name];
    if (schema === undefined) return [];
    const empty = z.safeParse(schema, undefined);
    const fallback = empty.success && typeof empty.data === 'string' ? empty.data : undefined;
    return [{ ...field, name, schema, isOptional: empty.success, fallback }];
  });
}

/** The name servers' providers as the request of `domains.add` takes them. */
const dnsKinds = kindsOf('dns') as [DnsKind, ...DnsKind[]];
export const dnsKind = z.enum(dnsKinds);
type DnsRow = (typeof providers)[DnsKind];
export const dnsRequest = z.discriminatedUnion(
  'kind',
  dnsKinds.map((kind) => providers[kind].request) as [DnsRow['request'], ...DnsRow['request'][]],
);
export type DnsRequest = z.output<typeof dnsRequest>;

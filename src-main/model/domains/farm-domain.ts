import type { DnsKind } from '#contract/catalogue/providers.ts';
import type { DomainId, FarmId, InstanceId, Instant } from '#contract/ids.ts';

export type FarmDomain = {
  readonly id: DomainId;
  readonly farmId: FarmId;
  readonly name: string;
  readonly dnsKind: DnsKind;
  /** Driver settings that are not secret. */
  readonly dnsSettings: Readonly<Record<string, unknown>>;
  /** Sealed JSON of the credentials. */
  readonly sealedCredentials: string;
  readonly isDefault: boolean;
  readonly createdAtMs: Instant;
};

/** The row of the settings that says that a domain is on its way out: no instance begins below it any more. It goes together with the domain. */
export const leavingKey = (domainId: DomainId): string => `leaving-domain:${domainId}`;

/** The same while it is being added: no instance begins below it yet. */
export const addingKey = (domainId: DomainId): string => `adding-domain:${domainId}`;

/** What is desired of a domain. */
export type DomainState = 'adding' | 'there' | 'leaving';

/** What names a domain, also after its row has gone. */
export type DomainRef = { readonly domainId: DomainId; readonly name: string; readonly dnsKind: FarmDomain['dnsKind'] };

export const domainRefOf = ({ id, name, dnsKind }: Pick<FarmDomain, 'id' | 'name' | 'dnsKind'>): DomainRef => ({
  domainId: id,
  name,
  dnsKind,
});

/** A record that we put into DNS, so that exactly it can be taken out again. */
export type OwnedRecord = {
  /** `<domainId>/<name>/<type>/<value>` */
  readonly id: string;
  readonly farmId: FarmId;
  readonly domainId: DomainId;
  readonly instanceId: InstanceId;
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'CNAME';
  readonly value: string;
  readonly ttlSeconds: number;
  readonly createdAtMs: Instant;
};

/** One record of the built-in name server. */
export type ServedRecord = {
  /** `<zone>/<name>/<type>/<value>` */
  readonly id: string;
  readonly farmId: FarmId;
  readonly zone: string;
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly ttlSeconds: number;
};

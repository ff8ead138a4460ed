import type { CredentialsOf, DnsKind } from '#contract/catalogue/providers.ts';
import type { DnsDriver } from '../../ports/dns-writes.ts';
import { createBuiltinOnFreePort } from './builtin/index.ts';
import type { DnsDriverContext } from './driver-context.ts';
import { createPowerDnsDriver } from './powerdns/index.ts';

export type DnsDrivers = {
  readonly [K in DnsKind]: (credentials: CredentialsOf<K>, context: DnsDriverContext) => DnsDriver | Promise<DnsDriver>;
};

/** One driver for each DNS row of `contract/catalogue/providers.ts`; a row without a driver, or a driver without a row, does not compile. */
export const dnsDrivers: DnsDrivers = {
  builtin: (_nothing, context) => createBuiltinOnFreePort(context),
  powerdns: createPowerDnsDriver,
};

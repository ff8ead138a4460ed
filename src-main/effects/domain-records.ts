import { isFarmError } from '#contract/errors.ts';
import type { DomainRef, OwnedRecord } from '../model/domains/farm-domain.ts';
import { dnsRefusalError, planChange } from '../model/domains/plan-change.ts';
import type { DnsAccess } from '../ports/access.ts';
import type { Changes } from '../ports/changes.ts';
import type { DnsWritesOf } from '../ports/dns-writes.ts';
import type { Store } from '../ports/store.ts';
import type { Effect } from './effect.ts';

export type DomainRecordsDeps = {
  readonly store: Store;
  readonly dns: DnsAccess;
  readonly dnsWritesOf: DnsWritesOf;
  readonly changes: Changes;
};
export type DomainRecordsFacts = { readonly names: readonly string[] };

/**
 * Records that the farm once wrote below a domain for instances that it no longer has. They are taken out with the domain, and nothing else is; nobody
 * wants them back.
 */
export function createDomainRecordsEffect(deps: DomainRecordsDeps): Effect<DomainRef, object, DomainRecordsFacts> {
  const ownedOf = ({ domainId }: DomainRef): Promise<readonly OwnedRecord[]> => deps.store.ownedRecords.find({ domainId });
  const observe = async (ref: DomainRef): Promise<DomainRecordsFacts | 'absent'> => {
    const owned = await ownedOf(ref);
    return owned.length === 0 ? 'absent' : { names: [...new Set(owned.map(({ name }) => name))] };
  };
  const takeOut = async (ref: DomainRef, { name, type, value }: OwnedRecord, signal: AbortSignal): Promise<void> => {
    const driver = await deps.dns.driver(ref.domainId);
    const zone = await driver.findZone(name, { signal });
    const change = { action: 'remove', others: 'keep', zone: zone.name, name, type, values: [value] } as const;
    const planning = planChange(await driver.list(zone, { name }, { signal }), change);
    if (planning.kind === 'refusal') throw dnsRefusalError(planning.refusal, { domain: ref.name, server: driver.kind });
    if (planning.kind === 'plan') await deps.dnsWritesOf(driver).apply(zone, planning.plan, { signal });
  };
  return {
    kind: 'domain-records',
    timeoutMs: 120_000,
    waiting: (name) => ({ code: 'dns-write', parameters: { domain: name } }),
    known: observe,
    observe,
    describe: (seen, wanted, { name }) =>
      wanted === 'absent' && typeof seen === 'object' ? { code: 'domain-records-out', parameters: { name } } : undefined,
    ensure: async () => ({ names: [] }),
    remove: async (ref, _seen, { signal }) => {
      for (const record of await ownedOf(ref)) {
        try {
          await takeOut(ref, record, signal);
        } catch (error) {
          if (!isFarmError(error, 'DNS_ZONE_MISSING')) throw error;
        }
        await deps.store.ownedRecords.remove(record.id);
      }
      deps.changes.announce({ kind: 'domain', id: ref.domainId });
      return 'gone';
    },
    restore: () => 'absent',
  };
}

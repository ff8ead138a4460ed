import { isFarmError } from '#contract/errors.ts';
import type { DomainId } from '#contract/ids.ts';
import type { FarmDomain, OwnedRecord } from '../model/domains/farm-domain.ts';
import { keptWildcard, wildcardNameOf } from '../model/domains/kept-wildcard.ts';
import { planChange } from '../model/domains/plan-change.ts';
import { addressType } from '../model/domains/server-addresses.ts';
import type { Farm } from '../model/settings/farm.ts';
import type { DnsAccess } from '../ports/access.ts';
import type { DnsWritesOf } from '../ports/dns-writes.ts';
import type { Store } from '../ports/store.ts';

type Deps = {
  readonly store: Pick<Store, 'domains' | 'ownedRecords'>;
  readonly dns: Pick<DnsAccess, 'driver'>;
  readonly dnsWritesOf: DnsWritesOf;
  readonly farm: () => Farm;
};
type Clearing = Pick<OwnedRecord, 'name' | 'type'> & { readonly values: readonly string[] };

/** Takes every record that is ours out of its zone, as when a whole farm goes. Repeatable; a zone that has gone is fine. Throws what the drivers throw. */
export function createClearRecords({ store, dns, dnsWritesOf, farm }: Deps): () => Promise<void> {
  const clearRecord = async (domainId: DomainId, { name, type, values }: Clearing): Promise<void> => {
    const driver = await dns.driver(domainId);
    const zone = await driver.findZone(name);
    const change = { action: 'remove', zone: zone.name, name, type, values, others: 'keep' } as const;
    const planning = planChange(await driver.list(zone, { name }), change);
    if (planning.kind === 'plan') await dnsWritesOf(driver).apply(zone, planning.plan);
  };
  const clearDomain = async (row: FarmDomain): Promise<void> => {
    const owned = (await store.ownedRecords.find({ domainId: row.id })).map(({ value, ...record }) => ({ ...record, values: [value] }));
    const kept = (keptWildcard(row)?.values ?? []).map((value) => ({
      name: wildcardNameOf(row),
      type: addressType(value),
      values: [value],
    }));
    for (const record of [...owned, ...kept]) {
      try {
        await clearRecord(row.id, record);
      } catch (error) {
        if (!isFarmError(error, 'DNS_ZONE_MISSING')) throw error;
      }
    }
  };
  return async () => {
    for (const row of await store.domains.find({ farmId: farm().id })) await clearDomain(row);
  };
}

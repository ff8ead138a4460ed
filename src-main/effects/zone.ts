import type { Leftover } from '#contract/api/jobs.ts';
import { isFarmError } from '#contract/errors.ts';
import type { DomainId } from '#contract/ids.ts';
import type { RecordSet } from '../model/domains/dns-records.ts';
import type { DomainDrivers } from '../ports/access.ts';
import type { Clock } from '../ports/clock.ts';
import type { DnsWritesOf } from '../ports/dns-writes.ts';
import type { Store } from '../ports/store.ts';
import type { Effect } from './effect.ts';

export type ZoneDeps = {
  readonly store: Pick<Store, 'domains'>;
  readonly clock: Clock;
  readonly dns: Pick<DomainDrivers, 'builtin'>;
  readonly dnsWritesOf: DnsWritesOf;
};
export type ZoneTarget = { readonly domainId: DomainId; readonly name: string };
/** How many record sets stand in it beside those that every zone has. */
export type ZoneFacts = { readonly records: number };

/** A zone of the name server inside this program; a zone of another's name server is never ours to make or to take away. */
export function createZoneEffect(deps: ZoneDeps): Effect<ZoneTarget, object, ZoneFacts> {
  /** Absent as well where another domain has come to the name since this one left it: the zone is that one's. */
  const observe = async ({ domainId, name }: ZoneTarget, signal: AbortSignal): Promise<ZoneFacts | 'absent'> => {
    if ((await deps.store.domains.find({ name })).some(({ id }) => id !== domainId)) return 'absent';
    const driver = await deps.dns.builtin();
    try {
      const zone = await driver.findZone(name, { signal });
      // the zone of a name above it
      if (zone.name !== name) return 'absent';
      const sets = await driver.list(zone, {}, { signal });
      // what every zone has: who answers for it, and the addresses of those
      const isApex = (set: RecordSet): boolean => set.name === zone.name && ['SOA', 'NS'].includes(set.type);
      const servers = sets.filter((set) => isApex(set) && set.type === 'NS').flatMap((set) => set.values);
      return { records: sets.filter((set) => !isApex(set) && !servers.includes(set.name)).length };
    } catch (error) {
      if (isFarmError(error, 'DNS_ZONE_MISSING')) return 'absent';
      throw error;
    }
  };
  return {
    kind: 'zone',
    timeoutMs: 30_000,
    waiting: (name) => ({ code: 'dns-write', parameters: { domain: name } }),
    // it is part of this program: its zones are known without asking anybody
    known: (target) => observe(target, new AbortController().signal),
    observe: (target, { signal }) => observe(target, signal),
    describe: (seen, wanted, { name }) => {
      const isThere = typeof seen === 'object';
      if (wanted === 'absent') return isThere || seen === 'unknown' ? { code: 'zone-out', parameters: { name } } : undefined;
      return isThere ? undefined : { code: 'zone-in', parameters: { name } };
    },
    ensure: async (target, _wanted, _seen, { signal }) => {
      await deps.dnsWritesOf(await deps.dns.builtin()).createZone(target.name, [], { signal });
      const seen = await observe(target, signal);
      return seen === 'absent' ? { records: 0 } : seen;
    },
    remove: async (target, _seen, { signal }) => {
      if ((await observe(target, signal)) === 'absent') return 'gone';
      const { name } = target;
      await deps.dnsWritesOf(await deps.dns.builtin()).removeZone?.(name, { signal });
      return 'gone';
    },
    // an empty one is made anew; what others wrote into one goes with it for good
    restore: ({ records }) => (records === 0 ? {} : 'lost'),
    evidence: async (target, _history, { signal }): Promise<readonly Leftover[]> => [
      {
        code: 'zone',
        parameters: { name: target.name },
        isPresent: (await observe(target, signal)) !== 'absent',
        checkedAtMs: deps.clock.nowMs(),
        witness: 'core',
      },
    ],
  };
}

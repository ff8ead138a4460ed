import type { Leftover } from '#contract/api/jobs.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import type { DomainRef, FarmDomain } from '../model/domains/farm-domain.ts';
import { sameValues } from '../model/domains/dns-records.ts';
import { keptWildcard, wildcardNameOf } from '../model/domains/kept-wildcard.ts';
import { type DnsChange, dnsRefusalError, planChange } from '../model/domains/plan-change.ts';
import { addressType } from '../model/domains/server-addresses.ts';
import type { DnsAccess } from '../ports/access.ts';
import type { Changes } from '../ports/changes.ts';
import type { Clock } from '../ports/clock.ts';
import type { DnsReads, DnsZone } from '../ports/dns.ts';
import type { DnsWritesOf } from '../ports/dns-writes.ts';
import type { Store } from '../ports/store.ts';
import type { Effect } from './effect.ts';

export type WildcardRecordDeps = {
  readonly store: Pick<Store, 'domains'>;
  readonly clock: Clock;
  readonly dns: DnsAccess;
  readonly dnsWritesOf: DnsWritesOf;
  readonly changes: Changes;
};
/** Addresses that the record answers with. Which of those that stand there are ours says the domain's row. */
export type WildcardRecordFacts = { readonly values: readonly string[] };

const ttlSeconds = 60;
type Opened = { readonly driver: DnsReads; readonly zone: DnsZone; readonly name: string; readonly row: FarmDomain };
const ofType = (type: 'A' | 'AAAA', values: readonly string[]): string[] => values.filter((value) => addressType(value) === type);

/** The wildcard record that the farm keeps in a domain's zone. What others put there stays. Throws `DNS_UNSAFE` where it would not, and what the driver throws. */
export function createWildcardRecordEffect(deps: WildcardRecordDeps): Effect<DomainRef, WildcardRecordFacts, WildcardRecordFacts> {
  /** Throws `NOT_FOUND` for a domain, and `DNS_ZONE_MISSING` for a zone, that has gone. */
  const open = async ({ domainId, name }: DomainRef, signal: AbortSignal): Promise<Opened> => {
    const row = await deps.store.domains.get(domainId);
    if (row === undefined) throw new FarmError('NOT_FOUND', { kind: 'domain', name });
    const driver = await deps.dns.driver(domainId);
    return { driver, zone: await driver.findZone(row.name, { signal }), name: wildcardNameOf(row), row };
  };
  const openIfThere = async (ref: DomainRef, signal: AbortSignal): Promise<Opened | undefined> => {
    try {
      return await open(ref, signal);
    } catch (error) {
      if (isFarmError(error, 'DNS_ZONE_MISSING') || isFarmError(error, 'NOT_FOUND')) return undefined;
      throw error;
    }
  };
  const oursOf = async ({ domainId }: DomainRef): Promise<readonly string[]> => {
    const row = await deps.store.domains.get(domainId);
    return row === undefined ? [] : (keptWildcard(row)?.values ?? []);
  };
  const observe = async (ref: DomainRef, signal: AbortSignal): Promise<WildcardRecordFacts | 'absent' | 'place-gone'> => {
    if ((await deps.store.domains.get(ref.domainId)) === undefined) return 'place-gone';
    const ours = await oursOf(ref);
    // where nothing is ours the name server needs not be asked
    const opened = ours.length === 0 ? undefined : await openIfThere(ref, signal);
    if (opened === undefined) return 'absent';
    const standing = (await opened.driver.list(opened.zone, { name: opened.name }, { signal })).flatMap((set) => set.values);
    const values = ours.filter((value) => standing.includes(value));
    return values.length === 0 ? 'absent' : { values };
  };
  const change = async ({ driver, zone, name, row }: Opened, wanted: DnsChange, signal: AbortSignal): Promise<void> => {
    const planning = planChange(await driver.list(zone, { name }, { signal }), wanted);
    if (planning.kind === 'refusal') throw dnsRefusalError(planning.refusal, { domain: row.name, server: driver.kind });
    if (planning.kind === 'plan') await deps.dnsWritesOf(driver).apply(zone, planning.plan, { signal });
  };
  const takeOut = async (opened: Opened, values: readonly string[], signal: AbortSignal): Promise<void> => {
    for (const type of ['A', 'AAAA'] as const) {
      const gone = ofType(type, values);
      const target = { zone: opened.zone.name, name: opened.name, type, values: gone };
      if (gone.length > 0) await change(opened, { action: 'remove', others: 'keep', ...target }, signal);
    }
  };

  return {
    kind: 'wildcard-record',
    timeoutMs: 60_000,
    waiting: (name) => ({ code: 'dns-write', parameters: { domain: name } }),
    known: async (ref) => {
      if ((await deps.store.domains.get(ref.domainId)) === undefined) return 'place-gone';
      const values = await oursOf(ref);
      return values.length === 0 ? 'absent' : { values };
    },
    observe: (ref, { signal }) => observe(ref, signal),
    describe: (seen, wanted, { name }) => {
      const facts = typeof seen === 'object' ? seen : undefined;
      const parameters = { name };
      if (wanted === 'absent') return facts === undefined ? undefined : { code: 'wildcard-record-out', parameters };
      return facts !== undefined && sameValues(facts.values, wanted.values) ? undefined : { code: 'wildcard-record-in', parameters };
    },
    ensure: async (ref, { values }, _seen, { signal }) => {
      const opened = await open(ref, signal);
      const ours = await oursOf(ref);
      for (const type of ['A', 'AAAA'] as const) {
        const wanted = ofType(type, values);
        const target = { zone: opened.zone.name, name: opened.name, type, values: wanted, owned: ofType(type, ours) };
        if (wanted.length > 0) await change(opened, { action: 'put', ttlSeconds, ...target }, signal);
      }
      await takeOut(
        opened,
        ours.filter((value) => !values.includes(value)),
        signal,
      );
      deps.changes.announce({ kind: 'domain', id: ref.domainId });
      return { values };
    },
    remove: async (ref, _seen, { signal }) => {
      const ours = await oursOf(ref);
      const opened = ours.length === 0 ? undefined : await openIfThere(ref, signal);
      if (opened !== undefined) await takeOut(opened, ours, signal);
      deps.changes.announce({ kind: 'domain', id: ref.domainId });
      return 'gone';
    },
    restore: (before) => before,
    evidence: async (ref, history, { signal }): Promise<readonly Leftover[]> => {
      const ours = [...new Set([...(typeof history.before === 'object' ? history.before.values : []), ...(history.after?.values ?? [])])];
      const opened = ours.length === 0 ? undefined : await openIfThere(ref, signal);
      if (opened === undefined) return [];
      const standing = (await opened.driver.list(opened.zone, { name: opened.name }, { signal })).flatMap((set) => set.values);
      return ours.map((value) => ({
        code: 'record',
        parameters: { name: opened.name, type: addressType(value), value },
        isPresent: standing.includes(value),
        checkedAtMs: deps.clock.nowMs(),
        witness: 'core',
      }));
    },
  };
}

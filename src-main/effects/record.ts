import { FarmError, isFarmError } from '#contract/errors.ts';
import * as z from 'zod';
import { recordLeftovers, standsLed } from '../checks/dns-answers.ts';
import { type Asking, type Opened, openZone, openZones } from '../checks/dns-zones.ts';
import { type InstanceRef, type Site, siteOf } from '../checks/site.ts';
import type { OwnedRecord } from '../model/domains/farm-domain.ts';
import { describeRecords, type RecordSet, sameValues } from '../model/domains/dns-records.ts';
import { keptWildcard } from '../model/domains/kept-wildcard.ts';
import { type DnsChange, dnsRefusalError, planChange } from '../model/domains/plan-change.ts';
import { addressType } from '../model/domains/server-addresses.ts';
import { claimingSets } from '../model/domains/wildcards.ts';
import type { DnsAccess } from '../ports/access.ts';
import type { Changes } from '../ports/changes.ts';
import type { Clock } from '../ports/clock.ts';
import type { DnsWritesOf } from '../ports/dns-writes.ts';
import type { OutsideProbe } from '../ports/probe.ts';
import type { Store } from '../ports/store.ts';
import type { Effect } from './effect.ts';

export type RecordDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly dns: DnsAccess;
  readonly dnsWritesOf: DnsWritesOf;
  readonly changes: Changes;
  readonly probe: OutsideProbe;
};
type Deps = Omit<RecordDeps, 'probe'>;

/** Short, so that an instance that moves is found again soon. */
const ttlSeconds = 60;

type AddressRecord = { readonly type: string; readonly value: string };
/** Where the name is to lead: the server's public addresses, and its name for the sentence that says that it has none. */
export type RecordWanted = { readonly addresses: readonly string[]; readonly server: string };
/** Our own records; whether they stand at the provider; and to where the farm's own wildcard leads the name in their place. `host`: of a rehearsal. */
export type RecordFacts = {
  readonly records: readonly AddressRecord[];
  readonly stands: boolean;
  readonly led: readonly string[] | null;
  readonly host?: string;
};

const recordsOf = (addresses: readonly string[]): AddressRecord[] => addresses.map((value) => ({ type: addressType(value), value }));
const valuesOf = (records: readonly AddressRecord[]): string[] => records.map(({ value }) => value);

/** What our records have been so far, also those whose end was cut off: name servers are asked until none of them is said any more. */
export function everOurs(history: {
  readonly before: RecordFacts | 'absent' | 'place-gone' | undefined;
  readonly after: RecordFacts | undefined;
  readonly noted: Readonly<Record<string, unknown>>;
}): readonly AddressRecord[] {
  const before = typeof history.before === 'object' ? history.before.records : [];
  const noted = recordsOf(z.array(z.string()).safeParse(history.noted.values).data ?? []);
  const all = [...before, ...(history.after?.records ?? []), ...noted];
  return all.filter((record, at) => all.findIndex(({ value }) => value === record.value) === at);
}

const ownedBy = (deps: Pick<Deps, 'store'>, site: Pick<Site, 'instanceId'>): Promise<readonly OwnedRecord[]> =>
  deps.store.ownedRecords.find({ instanceId: site.instanceId });

/** The DNS records of one instance's name. Each is saved as ours before it is written, so that nothing we wrote is ever unknown. */
export function createRecordEffect(deps: RecordDeps): Effect<InstanceRef, RecordWanted, RecordFacts> {
  const isDomainGone = async ({ domainId }: InstanceRef): Promise<boolean> => (await deps.store.domains.get(domainId)) === undefined;
  return {
    kind: 'record',
    timeoutMs: 60_000,
    waiting: () => ({ code: 'save', parameters: {} }),
    known: async (ref) => {
      if (await isDomainGone(ref)) return 'place-gone';
      const records = (await ownedBy(deps, ref)).map(({ type, value }) => ({ type, value }));
      const kept = keptWildcard((await siteOf(deps, ref)).domain);
      const led = kept?.isRelied === true ? kept.values : null;
      return records.length === 0 && led === null ? 'absent' : { records, stands: true, led };
    },
    observe: async (ref, { signal }) => {
      if (await isDomainGone(ref)) return 'place-gone';
      const site = await siteOf(deps, ref);
      const records = (await ownedBy(deps, ref)).map(({ type, value }) => ({ type, value }));
      if (records.length > 0) return { records, stands: await recordsStand(deps, site, records, signal), led: null };
      const led = await standsLed(deps, site, signal);
      return led === undefined ? 'absent' : { records, stands: true, led };
    },
    describe: (seen, wanted, { name }) => {
      const facts = typeof seen === 'object' ? seen : undefined;
      if (wanted === 'absent') {
        if (facts === undefined || facts.records.length === 0) return undefined;
        return { code: 'record-out', parameters: { name, values: valuesOf(facts.records).join(', ') } };
      }
      const isLed = facts?.led != null && facts.records.length === 0 && sameValues(facts.led, wanted.addresses);
      if (isLed || (facts?.stands === true && facts.led === null && sameValues(valuesOf(facts.records), wanted.addresses)))
        return undefined;
      return { code: 'record-in', parameters: { name, values: wanted.addresses.join(', '), server: wanted.server } };
    },
    foresee: async (ref, { addresses }) => ({
      records: recordsOf(addresses),
      stands: true,
      led: null,
      host: (await siteOf(deps, ref)).host,
    }),
    ensure: async (ref, wanted, _seen, call) => {
      await putRecords(deps, await siteOf(deps, ref), wanted, call);
      return { records: recordsOf(wanted.addresses), stands: true, led: null };
    },
    remove: async (ref, _seen, call) => {
      const owned = await ownedBy(deps, ref);
      const values = [
        ...new Set([...everOurs({ before: undefined, after: undefined, noted: call.noted }).map(({ value }) => value), ...valuesOf(owned)]),
      ];
      if (owned.length === 0) return 'gone';
      // noted first: after a kill between the two, the name servers are still asked for what we took out
      await call.note({ values });
      await dropRecords(deps, await siteOf(deps, ref), call);
      return 'gone';
    },
    restore: ({ records }) => (records.length === 0 ? 'absent' : { addresses: valuesOf(records), server: '' }),
    evidence: async (ref, history, { signal }, whom) =>
      (await isDomainGone(ref)) ? [] : recordLeftovers(deps, await siteOf(deps, ref), everOurs(history), signal, whom),
  };
}

/**
 * Notes records as ours again that stand there because of us, after somebody who took ours out could not see them yet. Those that another instance
 * has come to own meanwhile are its own.
 */
export async function claimRecords(deps: Deps, ref: InstanceRef, { records }: RecordFacts): Promise<void> {
  const site = await siteOf(deps, ref);
  for (const { type, value } of records) {
    const row = ownedRecord(deps, site, type === 'AAAA' ? 'AAAA' : 'A', value, ttlSeconds);
    await deps.store.transaction(async (tables) => {
      if ((await tables.ownedRecords.get(row.id)) === undefined) await tables.ownedRecords.insert(row);
    });
  }
}

const standingAt = (site: Site, { driver, zone }: Opened, signal: AbortSignal): Promise<readonly RecordSet[]> =>
  driver.list(zone, { name: site.host }, { signal });

/** Plans from what stood there when it was last listed, refuses what is unsafe, carries out; the driver looks again before it writes, and reads back. */
async function carryOut(
  deps: Pick<Deps, 'dnsWritesOf'>,
  site: Site,
  { driver, zone }: Opened,
  change: DnsChange,
  standing: readonly RecordSet[],
  signal: AbortSignal,
  beforeWrite: () => Promise<void>,
): Promise<void> {
  const planning = planChange(standing, change);
  if (planning.kind === 'refusal') throw dnsRefusalError(planning.refusal, { domain: site.domain.name, server: driver.kind });
  await beforeWrite();
  if (planning.kind === 'plan') await deps.dnsWritesOf(driver).apply(zone, planning.plan, { signal });
}

/** A name that somebody else has put there is not ours, even with the very same address: it would be ours to remove later. */
function refuseForeign(site: Site, standing: readonly RecordSet[], isOursAlready: (type: string) => boolean): void {
  const foreign = claimingSets(standing).filter((set) => !isOursAlready(set.type));
  if (foreign.length > 0) throw new FarmError('DNS_UNSAFE', { name: site.host, found: describeRecords(foreign) });
}

/**
 * The instance's name answers with its server's addresses. Each record is saved as ours before it is written, so that nothing we wrote is
 * ever unknown. Throws `DNS_UNSAFE` and what the driver throws.
 */
async function putRecords(deps: Deps, site: Site, { addresses, server }: RecordWanted, call: Asking): Promise<void> {
  const wanted = recordsOf(addresses);
  if (wanted.length === 0) throw new FarmError('SERVER_WITHOUT_ADDRESS', { server });
  call.waitFor({ code: 'dns-write', parameters: { domain: site.domain.name } });
  // written into a zone that holds the name no longer, a record is not answered, which the next step sees
  const opened = await openZone(deps, site, { signal: call.signal, mayBeRecent: true });
  const owned = await ownedBy(deps, site);
  const before = await standingAt(site, opened, call.signal);
  refuseForeign(site, before, (type) => owned.some((record) => record.type === type));
  const isOut = (record: OwnedRecord): boolean => !wanted.some(({ type, value }) => type === record.type && value === record.value);
  await removeRecords(deps, site, [opened], call.signal, isOut);
  const standing = owned.some(isOut) ? await standingAt(site, opened, call.signal) : before;
  const { minTtlSeconds, maxTtlSeconds } = opened.driver.capabilities;
  const ttl = Math.min(maxTtlSeconds, Math.max(minTtlSeconds, ttlSeconds));
  for (const type of ['A', 'AAAA'] as const) {
    const values = wanted.filter((record) => record.type === type).map(({ value }) => value);
    if (values.length === 0) continue;
    const ours = owned.filter((record) => record.type === type).map(({ value }) => value);
    const change: DnsChange = { action: 'put', zone: opened.zone.name, name: site.host, type, values, ttlSeconds: ttl, owned: ours };
    await carryOut(deps, site, opened, change, standing, call.signal, async () => {
      for (const value of values) await deps.store.ownedRecords.put(ownedRecord(deps, site, type, value, ttl));
    });
  }
  deps.changes.announce({ kind: 'domain', id: site.domain.id });
}

function ownedRecord(deps: Deps, site: Site, type: 'A' | 'AAAA', value: string, ttl: number): OwnedRecord {
  return {
    id: `${site.domain.id}/${site.host}/${type}/${value}`,
    farmId: site.domain.farmId,
    domainId: site.domain.id,
    instanceId: site.instanceId,
    name: site.host,
    type,
    value,
    ttlSeconds: ttl,
    createdAtMs: deps.clock.nowMs(),
  };
}

async function removeRecords(
  deps: Deps,
  site: Site,
  zones: readonly Opened[],
  signal: AbortSignal,
  isOut: (record: OwnedRecord) => boolean,
): Promise<void> {
  for (const record of await ownedBy(deps, site)) {
    if (!isOut(record)) continue;
    const { name, type, value } = record;
    for (const opened of zones) {
      const change: DnsChange = { action: 'remove', zone: opened.zone.name, name, type, values: [value], others: 'keep' };
      await carryOut(deps, site, opened, change, await standingAt(site, opened, signal), signal, () => Promise.resolve());
    }
    await deps.store.ownedRecords.remove(record.id);
  }
}

/** Takes out exactly what is ours. Absent is fine, and so is a zone that has gone as a whole. */
async function dropRecords(deps: Deps, site: Site, call: Asking): Promise<void> {
  const owned = await ownedBy(deps, site);
  if (owned.length === 0) return;
  call.waitFor({ code: 'dns-write', parameters: { domain: site.domain.name } });
  try {
    await removeRecords(deps, site, await openZones(deps, site, call.signal), call.signal, () => true);
  } catch (error) {
    if (!isFarmError(error, 'DNS_ZONE_MISSING')) throw error;
    for (const record of owned) await deps.store.ownedRecords.remove(record.id);
  }
  deps.changes.announce({ kind: 'domain', id: site.domain.id });
}

async function recordsStand(deps: Deps, site: Site, records: readonly AddressRecord[], signal: AbortSignal): Promise<boolean> {
  const { driver, zone } = await openZone(deps, site, { signal });
  const standing = await driver.list(zone, { name: site.host }, { signal });
  return records.every(({ type, value }) => standing.some((set) => set.type === type && set.values.includes(value)));
}

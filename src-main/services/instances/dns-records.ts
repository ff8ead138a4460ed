import type { Waiting } from '#contract/api/jobs.ts';
import { farmErrorFrom } from '#contract/agent/coded-failure.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import type { OwnedRecord } from '../../model/domains/farm-domain.ts';
import { describeRecords } from '../../model/domains/dns-records.ts';
import { type DnsChange, dnsRefusalError, planChange } from '../../model/domains/plan-change.ts';
import { addressType, publicAddressesOf } from '../../model/domains/server-addresses.ts';
import { claimingSets } from '../../model/domains/wildcards.ts';
import type { Server } from '../../model/servers/server.ts';
import type { DnsDriver, DnsZone } from '../../ports/dns.ts';
import type { InstanceJobDeps, PlacedSite, Site } from './work.ts';

type Deps = Pick<InstanceJobDeps, 'store' | 'clock' | 'dns' | 'changes'>;
export type Call = { readonly signal: AbortSignal; readonly waitFor: (waiting: Waiting) => void };

/** Short, so that an instance that moves is found again soon. */
const ttlSeconds = 60;

type WantedRecord = { readonly type: 'A' | 'AAAA'; readonly value: string };

function wantedRecords(server: Server): WantedRecord[] {
  return publicAddressesOf(server).map((value) => ({ type: addressType(value), value }));
}

const ownedBy = (deps: Deps, site: Site): Promise<readonly OwnedRecord[]> => deps.store.ownedRecords.find({ instanceId: site.instanceId });

export type Opened = { readonly driver: DnsDriver; readonly zone: DnsZone };
/** The driver of the instance's domain and the zone that holds its name. Throws what they throw, with the domain that people know. */
export async function openZone(deps: Pick<Deps, 'dns'>, site: Site, signal: AbortSignal): Promise<Opened> {
  const driver = await deps.dns.driver(site.domain.id);
  try {
    return { driver, zone: await driver.findZone(site.host, { signal }) };
  } catch (error) {
    throw ofDomain(error, site);
  }
}

/**
 * Everywhere where a record of the instance may have been written: the zone that holds its name now, and the domain's. They differ once somebody
 * has made a zone of its own for the name or for something above it. Throws as `openZone`.
 */
export async function openZones(deps: Pick<Deps, 'dns'>, site: Site, signal: AbortSignal): Promise<readonly Opened[]> {
  const nearest = await openZone(deps, site, signal);
  const { driver, zone } = nearest;
  if (zone.name.length <= site.domain.name.length) return [nearest];
  try {
    return [nearest, { driver, zone: await driver.findZone(site.domain.name, { signal }) }];
  } catch (error) {
    if (isFarmError(error, 'DNS_ZONE_MISSING')) return [nearest];
    throw ofDomain(error, site);
  }
}

/** While it looks for the zone a driver knows only the name; people know the domain that they added. */
function ofDomain(error: unknown, site: Site): unknown {
  if (!isFarmError(error) || !('domain' in error.parameters)) return error;
  return farmErrorFrom(error.code, { ...error.parameters, domain: site.domain.name }) ?? error;
}

/** Plans, refuses what is unsafe, carries out; the driver reads back. */
async function carryOut(
  site: Site,
  { driver, zone }: Opened,
  change: DnsChange,
  signal: AbortSignal,
  beforeWrite: () => Promise<void>,
): Promise<void> {
  const current = await driver.list(zone, { name: site.host }, { signal });
  const planning = planChange(current, change);
  if (planning.kind === 'refusal') throw dnsRefusalError(planning.refusal, { domain: site.domain.name, server: driver.kind });
  await beforeWrite();
  if (planning.kind === 'plan') await driver.apply(zone, planning.plan, { signal });
}

/** A name that somebody else has put there is not ours, even with the very same address: it would be ours to remove later. */
async function refuseForeign(
  site: Site,
  { driver, zone }: Opened,
  signal: AbortSignal,
  isOursAlready: (type: string) => boolean,
): Promise<void> {
  const current = await driver.list(zone, { name: site.host }, { signal });
  const foreign = claimingSets(current).filter((set) => !isOursAlready(set.type));
  if (foreign.length > 0) throw new FarmError('DNS_UNSAFE', { name: site.host, found: describeRecords(foreign) });
}

/**
 * The instance's name answers with its server's addresses. Each record is saved as ours before it is written, so that nothing we wrote is
 * ever unknown. Throws `DNS_UNSAFE` and what the driver throws.
 */
export async function putRecords(deps: Deps, site: PlacedSite, call: Call): Promise<void> {
  const wanted = wantedRecords(site.server);
  if (wanted.length === 0) throw new FarmError('SERVER_WITHOUT_ADDRESS', { server: site.server.name });
  call.waitFor({ code: 'dns-write', parameters: { domain: site.domain.name } });
  const opened = await openZone(deps, site, call.signal);
  const owned = await ownedBy(deps, site);
  await refuseForeign(site, opened, call.signal, (type) => owned.some((record) => record.type === type));
  await removeRecords(
    deps,
    site,
    [opened],
    call.signal,
    (record) => !wanted.some(({ type, value }) => type === record.type && value === record.value),
  );
  const { minTtlSeconds, maxTtlSeconds } = opened.driver.capabilities;
  const ttl = Math.min(maxTtlSeconds, Math.max(minTtlSeconds, ttlSeconds));
  for (const type of ['A', 'AAAA'] as const) {
    const values = wanted.filter((record) => record.type === type).map(({ value }) => value);
    if (values.length === 0) continue;
    const before = owned.filter((record) => record.type === type).map(({ value }) => value);
    const change: DnsChange = { action: 'put', zone: opened.zone.name, name: site.host, type, values, ttlSeconds: ttl, owned: before };
    await carryOut(site, opened, change, call.signal, async () => {
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
      await carryOut(site, opened, change, signal, () => Promise.resolve());
    }
    await deps.store.ownedRecords.remove(record.id);
  }
}

/** Takes out exactly what is ours. Absent is fine, and so is a zone that has gone as a whole. */
export async function dropRecords(deps: Deps, site: Site, call: Call): Promise<void> {
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

/** True when every record that the instance needs is ours and stands at the name server. */
export async function recordsStand(deps: Deps, site: PlacedSite, signal: AbortSignal): Promise<boolean> {
  const owned = await ownedBy(deps, site);
  const wanted = wantedRecords(site.server);
  if (wanted.length !== owned.length) return false;
  const { driver, zone } = await openZone(deps, site, signal);
  const standing = await driver.list(zone, { name: site.host }, { signal });
  return wanted.every(
    ({ type, value }) =>
      owned.some((record) => record.type === type && record.value === value) &&
      standing.some((set) => set.type === type && set.values.includes(value)),
  );
}

export const ownsRecords = async (deps: Deps, site: Site): Promise<boolean> => (await ownedBy(deps, site)).length > 0;

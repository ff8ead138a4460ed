import { FarmError, isFarmError } from '#contract/errors.ts';
import type { DomainId, InstanceId, ServerId } from '#contract/ids.ts';
import { describeRecords } from '../../model/domains/dns-records.ts';
import type { FarmDomain } from '../../model/domains/farm-domain.ts';
import { type KeptWildcard, keptWildcard, wildcardNameOf, withWildcard } from '../../model/domains/kept-wildcard.ts';
import { type DnsChange, dnsRefusalError, planChange } from '../../model/domains/plan-change.ts';
import { addressType, publicAddressesOf } from '../../model/domains/server-addresses.ts';
import { claimingSets, leadingSets } from '../../model/domains/wildcards.ts';
import type { DnsDriver, DnsZone } from '../../ports/dns.ts';
import type { Store } from '../../ports/store.ts';

type Deps = {
  readonly store: Store;
  readonly driver: (domainId: DomainId) => Promise<DnsDriver>;
  /** Gives an instance a record of its own. Repeatable. */
  readonly ownRecord: (instanceId: InstanceId) => Promise<void>;
};

const ttlSeconds = 60;
type Opened = { readonly driver: DnsDriver; readonly zone: DnsZone; readonly name: string };

async function open(deps: Deps, domain: FarmDomain): Promise<Opened> {
  const driver = await deps.driver(domain.id);
  return { driver, zone: await driver.findZone(domain.name), name: wildcardNameOf(domain) };
}

/** Saved under the row as it is now: whatever else was changed meanwhile stays. */
async function save({ store }: Deps, domainId: DomainId, kept: KeptWildcard | undefined): Promise<FarmDomain> {
  return store.transaction(async (tables) => {
    const row = await tables.domains.get(domainId);
    if (row === undefined) throw new FarmError('NOT_FOUND', { kind: 'domain', name: domainId });
    const next = withWildcard(row, kept);
    await tables.domains.put(next);
    return next;
  });
}

async function change(opened: Opened, domain: FarmDomain, wanted: DnsChange): Promise<void> {
  const { driver, zone, name } = opened;
  const planning = planChange(await driver.list(zone, { name }), wanted);
  if (planning.kind === 'refusal') throw dnsRefusalError(planning.refusal, { domain: domain.name, server: driver.kind });
  if (planning.kind === 'plan') await driver.apply(zone, planning.plan);
}

const ofType = (type: 'A' | 'AAAA', values: readonly string[]): string[] => values.filter((value) => addressType(value) === type);

async function takeOut(opened: Opened, domain: FarmDomain, values: readonly string[]): Promise<void> {
  for (const type of ['A', 'AAAA'] as const) {
    const gone = ofType(type, values);
    if (gone.length === 0) continue;
    await change(opened, domain, { action: 'remove', zone: opened.zone.name, name: opened.name, type, values: gone, others: 'keep' });
  }
}

/**
 * Puts a wildcard for one server into the zone: from then on its instances get no record of their own. Saved as ours before it is written, relied on
 * after; asked again for the same server it follows that server's addresses. Throws `EXISTS` for another server, `DNS_UNSAFE` where somebody else has
 * a wildcard, and what the driver throws.
 */
export async function keepWildcard(deps: Deps, domain: FarmDomain, serverId: ServerId): Promise<FarmDomain> {
  const server = await deps.store.servers.get(serverId);
  if (server === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: serverId });
  const before = keptWildcard(domain);
  const name = wildcardNameOf(domain);
  if (before !== undefined && before.serverId !== serverId) throw new FarmError('EXISTS', { kind: 'record', name });
  const values = publicAddressesOf(server);
  if (values.length === 0)
    throw new FarmError('DNS_REFUSED', { domain: domain.name, name, server: server.name, reason: 'no-public-address' });
  const ours = before?.values ?? [];
  const opened = await open(deps, domain);
  const standing = claimingSets(await opened.driver.list(opened.zone, { name }));
  const foreign = standing.filter(({ values: served, disabled = [] }) => [...served, ...disabled].some((value) => !ours.includes(value)));
  if (foreign.length > 0) throw new FarmError('DNS_UNSAFE', { name, found: describeRecords(foreign) });
  await save(deps, domain.id, { serverId, values: [...new Set([...ours, ...values])], isRelied: before?.isRelied ?? false });
  for (const type of ['A', 'AAAA'] as const) {
    const wanted = ofType(type, values);
    if (wanted.length === 0) continue;
    const target = { zone: opened.zone.name, name, type, values: wanted, ttlSeconds, owned: ofType(type, ours) };
    await change(opened, domain, { action: 'put', ...target });
  }
  await takeOut(
    opened,
    domain,
    ours.filter((value) => !values.includes(value)),
  );
  return save(deps, domain.id, { serverId, values, isRelied: true });
}

/** Instances that are found by the wildcard alone: asked of the zone, because a record may have been noted as ours and then not been written. */
async function relyingOn(deps: Deps, domain: FarmDomain, kept: KeptWildcard) {
  const { driver, zone } = await open(deps, domain);
  const standing = new Set(leadingSets(await driver.list(zone)).map(({ name }) => name));
  const instances = await deps.store.instances.find({ domainId: domain.id, serverId: kept.serverId });
  return instances.filter(({ name, wish }) => wish !== 'removed' && !standing.has(`${name}.${domain.name}`));
}

/**
 * Takes the farm's wildcard out again: nobody new relies on it, everybody who did gets a record of its own, and then it goes. Cut off at any of
 * these, a repeat finishes it. Throws `OBJECT_BUSY` while a job works on one of them, and what the driver throws.
 */
export async function dropWildcard(deps: Deps, domain: FarmDomain): Promise<FarmDomain> {
  const kept = keptWildcard(domain);
  if (kept === undefined) return domain;
  await save(deps, domain.id, { ...kept, isRelied: false });
  const relying = await relyingOn(deps, domain, kept);
  for (const { id, name } of relying) {
    const lock = await deps.store.locks.get(`instance:${id}`);
    if (lock !== undefined) throw new FarmError('OBJECT_BUSY', { kind: 'instance', name, jobId: lock.jobId });
  }
  for (const { id } of relying) await deps.ownRecord(id);
  await clearWildcard(deps, domain);
  return save(deps, domain.id, undefined);
}

/** What stands in the zone because of us; a zone that has gone is fine. */
export async function clearWildcard(deps: Pick<Deps, 'driver'>, domain: FarmDomain): Promise<void> {
  const kept = keptWildcard(domain);
  if (kept === undefined) return;
  try {
    const driver = await deps.driver(domain.id);
    const opened = { driver, zone: await driver.findZone(domain.name), name: wildcardNameOf(domain) };
    await takeOut(opened, domain, kept.values);
  } catch (error) {
    if (!isFarmError(error, 'DNS_ZONE_MISSING')) throw error;
  }
}

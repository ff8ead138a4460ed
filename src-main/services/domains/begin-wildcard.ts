import type { JobView } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import type { DomainId, ServerId } from '#contract/ids.ts';
import { domainStateOf } from '../../checks/domain-state.ts';
import { refOf } from '../../checks/site.ts';
import type { JobEngine } from '../../engine/job-engine.ts';
import { describeRecords } from '../../model/domains/dns-records.ts';
import { domainRefOf, type FarmDomain } from '../../model/domains/farm-domain.ts';
import { type KeptWildcard, keptWildcard, wildcardNameOf, withWildcard } from '../../model/domains/kept-wildcard.ts';
import { publicAddressesOf } from '../../model/domains/server-addresses.ts';
import { claimingSets, leadingSets } from '../../model/domains/wildcards.ts';
import type { By } from '../../model/operators/by.ts';
import type { DnsAccess } from '../../ports/access.ts';
import type { Store, Tables } from '../../ports/store.ts';
import { domainRowOf } from './domain-drivers.ts';

type Deps = {
  readonly store: Store;
  readonly dns: Pick<DnsAccess, 'driver'>;
  readonly engine: Pick<JobEngine, 'begin' | 'begunBy'>;
};

async function refuseForeign(deps: Deps, domain: FarmDomain, ours: readonly string[]): Promise<void> {
  const driver = await deps.dns.driver(domain.id);
  const name = wildcardNameOf(domain);
  const standing = claimingSets(await driver.list(await driver.findZone(domain.name), { name }));
  const foreign = standing.filter(({ values: served, disabled = [] }) => [...served, ...disabled].some((value) => !ours.includes(value)));
  if (foreign.length > 0) throw new FarmError('DNS_UNSAFE', { name, found: describeRecords(foreign) });
}

/** The row as it is in the transaction. Throws `NOT_FOUND` for a domain that is on its way in or out. */
async function presentRow(tables: Tables, { id, name }: FarmDomain): Promise<FarmDomain> {
  const row = await tables.domains.get(id);
  if (row === undefined || (await domainStateOf(tables, id)) !== 'there') throw new FarmError('NOT_FOUND', { kind: 'domain', name });
  return row;
}

const keep = async (tables: Tables, row: FarmDomain, kept: KeptWildcard): Promise<void> => {
  await tables.domains.patch(row.id, { dnsSettings: withWildcard(row, kept).dnsSettings });
};

/**
 * Puts a wildcard for one server into the zone: from then on its instances get no record of their own. Asked again for the same server it follows
 * that server's addresses. Throws `EXISTS` for another server, `DNS_UNSAFE` where somebody else has a wildcard, and what the driver throws; then there
 * is no job.
 */
export async function beginKeepWildcard(deps: Deps, domainId: DomainId, serverId: ServerId, by: By): Promise<JobView> {
  const begun = await deps.engine.begunBy('keep-wildcard', by);
  if (begun !== undefined) return begun;
  const domain = await domainRowOf(deps.store, domainId);
  const server = await deps.store.servers.get(serverId);
  if (server === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: serverId });
  const name = wildcardNameOf(domain);
  const refuseOther = (kept: KeptWildcard | undefined): void => {
    if (kept !== undefined && kept.serverId !== serverId) throw new FarmError('EXISTS', { kind: 'record', name });
  };
  const before = keptWildcard(domain);
  refuseOther(before);
  const values = publicAddressesOf(server);
  if (values.length === 0)
    throw new FarmError('DNS_REFUSED', { domain: domain.name, name, server: server.name, reason: 'no-public-address' });
  await refuseForeign(deps, domain, before?.values ?? []);
  const within = async (tables: Tables): Promise<void> => {
    const row = await presentRow(tables, domain);
    if (JSON.stringify(keptWildcard(row)) !== JSON.stringify(before)) throw new FarmError('EXISTS', { kind: 'record', name });
    const place = await tables.servers.get(serverId);
    if (place === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: server.name });
    // every name would lead to a server that is on its way out, or is not in yet
    if (place.membership !== 'in')
      throw new FarmError('SERVER_DOES_NOT_FIT', { server: place.name, reason: place.membership === 'joining' ? 'joining' : 'leaving' });
    // ours before it is written; relied on after
    const all = [...new Set([...(before?.values ?? []), ...values])];
    await keep(tables, row, { serverId, values: all, isRelied: before?.isRelied ?? false });
  };
  const input = { ...domainRefOf(domain), serverId, values, before: before ?? null };
  const subject = { kind: 'domain' as const, id: domain.id, name: domain.name };
  return deps.engine.begin({ type: 'keep-wildcard', subject, by, input, locks: [`domain:${domainId}`], within });
}

/** Hosts with a record of their own: asked of the zone, because a record may have been noted as ours and then not been written. */
async function ownNames(deps: Deps, domain: FarmDomain): Promise<ReadonlySet<string>> {
  const driver = await deps.dns.driver(domain.id);
  return new Set(leadingSets(await driver.list(await driver.findZone(domain.name))).map(({ name }) => name));
}

/**
 * Takes the farm's wildcard out again: nobody new relies on it from the transaction that begins the job on. Throws `OBJECT_BUSY` while a job works on
 * an instance that may be found by it, `NOT_FOUND` where the farm keeps none, and what the driver throws; then there is no job.
 */
export async function beginDropWildcard(deps: Deps, domainId: DomainId, by: By): Promise<JobView> {
  const begun = await deps.engine.begunBy('drop-wildcard', by);
  if (begun !== undefined) return begun;
  const domain = await domainRowOf(deps.store, domainId);
  const kept = keptWildcard(domain);
  if (kept === undefined) throw new FarmError('NOT_FOUND', { kind: 'record', name: wildcardNameOf(domain) });
  const standing = await ownNames(deps, domain);
  const isOnIt = ({ serverId, wish }: { readonly serverId: string | null; readonly wish: string }): boolean =>
    wish !== 'removed' && (serverId === kept.serverId || serverId === null);
  const instances = (await deps.store.instances.find({ domainId })).filter(isOnIt);
  const within = async (tables: Tables): Promise<void> => {
    const row = await presentRow(tables, domain);
    if (JSON.stringify(keptWildcard(row)) !== JSON.stringify(kept))
      throw new FarmError('NOT_FOUND', { kind: 'record', name: `*.${row.name}` });
    for (const instance of (await tables.instances.find({ domainId })).filter(isOnIt)) {
      const lock = standing.has(`${instance.name}.${domain.name}`) ? undefined : await tables.locks.get(`instance:${instance.id}`);
      // one that came since the list was made is placed by a job that still works on it
      const jobId = lock?.jobId ?? (instances.some(({ id }) => id === instance.id) ? undefined : (instance.jobId ?? ''));
      if (jobId !== undefined) throw new FarmError('OBJECT_BUSY', { kind: 'instance', name: instance.name, jobId });
    }
    await keep(tables, row, { ...kept, isRelied: false });
  };
  const input = { ...domainRefOf(domain), kept, instances: instances.map(refOf) };
  const subject = { kind: 'domain' as const, id: domain.id, name: domain.name };
  return deps.engine.begin({ type: 'drop-wildcard', subject, by, input, locks: [`domain:${domainId}`], within });
}

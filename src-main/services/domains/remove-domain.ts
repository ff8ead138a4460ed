import { FarmError } from '#contract/errors.ts';
import type { DomainId } from '#contract/ids.ts';
import { type FarmDomain, leavingKey } from '../../model/domains/farm-domain.ts';
import { isEnded } from '../../model/jobs/machine.ts';
import { demoDomain } from '../../model/settings/demo-plan.ts';
import type { Farm } from '../../model/settings/farm.ts';
import type { DnsDriver } from '../../ports/dns.ts';
import type { Store, Tables } from '../../ports/store.ts';

type Deps = {
  readonly store: Store;
  readonly farm: () => Farm;
  readonly driver: (domainId: DomainId) => Promise<DnsDriver>;
  /** Takes what we once wrote for the domain out of its zone. */
  readonly clearOwned: (domainId: DomainId) => Promise<void>;
};

export type RemovedDomain = { readonly row: FarmDomain; readonly newDefault: string | undefined };

/** Domains whose removal was cut off: it is to be brought to its end. */
export async function leavingDomains(tables: Pick<Tables, 'settings' | 'domains'>, farm: Farm): Promise<readonly FarmDomain[]> {
  const rows = await tables.domains.find({ farmId: farm.id });
  const marks = await tables.settings.find({ id: rows.map(({ id }) => leavingKey(id)) });
  return rows.filter(({ id }) => marks.some((mark) => mark.id === leavingKey(id)));
}

async function rowOf(tables: Pick<Tables, 'domains'>, domainId: DomainId): Promise<FarmDomain> {
  const row = await tables.domains.get(domainId);
  if (row === undefined) throw new FarmError('NOT_FOUND', { kind: 'domain', name: domainId });
  return row;
}

async function refuseUsed(tables: Pick<Tables, 'instances' | 'jobs'>, { id, farmId, name }: FarmDomain): Promise<void> {
  const instances = (await tables.instances.find({ domainId: id })).length;
  // a stopped job may be undone, and would need the zone for that
  const jobs = (await tables.jobs.find({ farmId })).filter(({ state, input }) => !isEnded(state) && input.domainId === id).length;
  if (instances > 0 || jobs > 0) throw new FarmError('DOMAIN_IN_USE', { domain: name, instances, jobs });
}

/**
 * Takes a domain out of the farm in steps that a repeat finishes, whichever of them it was cut off at: what we wrote, the mark that lets nobody
 * begin below it, the zone where the name server is ours, and then every row in one transaction. Certificates on servers come after it, and a
 * server that is away loses them when it is back. Throws `NOT_FOUND`, `DOMAIN_IN_USE`, `DOMAIN_OF_DEMO`, and what the driver throws.
 */
export async function removeDomain(deps: Deps, domainId: DomainId): Promise<RemovedDomain> {
  const { store } = deps;
  const row = await rowOf(store, domainId);
  if (deps.farm().isDemo && row.name === demoDomain) throw new FarmError('DOMAIN_OF_DEMO', { domain: row.name });
  await refuseUsed(store, row);
  await deps.clearOwned(domainId);
  await store.transaction(async (tables) => {
    await refuseUsed(tables, row);
    await tables.settings.put({ id: leavingKey(domainId), farmId: row.farmId, value: { name: row.name } });
  });
  if (row.dnsKind === 'builtin') await (await deps.driver(domainId)).removeZone?.(row.name);
  const newDefault = await store.transaction((tables) => dropRows(tables, domainId));
  return { row, newDefault };
}

/** The oldest of the others takes new instances from now on, where this one did. */
async function dropRows(tables: Tables, domainId: DomainId): Promise<string | undefined> {
  const row = await rowOf(tables, domainId);
  const others = (await tables.domains.find({ farmId: row.farmId })).filter(({ id }) => id !== domainId);
  const [oldest] = others.toSorted((one, other) => one.createdAtMs - other.createdAtMs || (one.id < other.id ? -1 : 1));
  const heir = row.isDefault ? oldest : undefined;
  if (heir !== undefined) await tables.domains.put({ ...heir, isDefault: true });
  for (const { id } of await tables.certificates.find({ domainId })) await tables.certificates.remove(id);
  for (const { id } of await tables.ownedRecords.find({ domainId })) await tables.ownedRecords.remove(id);
  await tables.domains.remove(domainId);
  await tables.settings.remove(leavingKey(domainId));
  return heir?.name;
}

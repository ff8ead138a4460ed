import type { JobView } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import type { DomainId } from '#contract/ids.ts';
import type { JobEngine } from '../../engine/job-engine.ts';
import { domainRefOf, type FarmDomain, leavingKey } from '../../model/domains/farm-domain.ts';
import type { Job } from '../../model/jobs/job.ts';
import { isEnded } from '../../model/jobs/machine.ts';
import { type By, systemBy } from '../../model/operators/by.ts';
import { demoDomain } from '../../model/settings/demo-plan.ts';
import type { Farm } from '../../model/settings/farm.ts';
import type { Store, Tables } from '../../ports/store.ts';
import { domainRowOf } from './domain-drivers.ts';

type Deps = {
  readonly store: Store;
  readonly farm: () => Farm;
  readonly engine: Pick<JobEngine, 'begin' | 'begunBy'>;
};

async function refuseUsed(tables: Pick<Tables, 'instances' | 'jobs'>, { id, farmId, name }: FarmDomain, own?: Job): Promise<void> {
  const instances = (await tables.instances.find({ domainId: id })).length;
  // a stopped job may be undone, and would need the zone for that; one of the domain itself holds its lock
  const needs = ({ id: jobId, state, input, subject }: Job): boolean =>
    jobId !== own?.id && !isEnded(state) && subject.kind === 'instance' && input.domainId === id;
  const jobs = (await tables.jobs.find({ farmId })).filter(needs).length;
  if (instances > 0 || jobs > 0) throw new FarmError('DOMAIN_IN_USE', { domain: name, instances, jobs });
}

/**
 * Takes a domain out of the farm: from the transaction that begins the job on, nobody begins below it. Throws `NOT_FOUND`, `DOMAIN_IN_USE`,
 * `DOMAIN_OF_DEMO`, `OBJECT_BUSY`; then there is no job.
 */
export async function beginRemove(deps: Deps, domainId: DomainId, by: By): Promise<JobView> {
  const begun = await deps.engine.begunBy('remove-domain', by);
  if (begun !== undefined) return begun;
  const row = await domainRowOf(deps.store, domainId);
  if (deps.farm().isDemo && row.name === demoDomain) throw new FarmError('DOMAIN_OF_DEMO', { domain: row.name });
  await refuseUsed(deps.store, row);
  const within = async (tables: Tables, job: Job): Promise<void> => {
    await domainRowOf(tables, domainId);
    await refuseUsed(tables, row, job);
    await tables.settings.put({ id: leavingKey(domainId), farmId: row.farmId, value: { name: row.name } });
  };
  const subject = { kind: 'domain' as const, id: row.id, name: row.name };
  return deps.engine.begin({ type: 'remove-domain', subject, by, input: domainRefOf(row), locks: [`domain:${row.id}`], within });
}

/**
 * Homes of releases up to 0.1 know a removal that was cut off by its mark alone: it is brought to its end by a job, begun in the farm's own name.
 * Where a job holds the domain there is one already.
 */
export async function endOldRemovals(deps: Deps): Promise<void> {
  const rows = await deps.store.domains.find({ farmId: deps.farm().id });
  const marks = await deps.store.settings.find({ id: rows.map(({ id }) => leavingKey(id)) });
  const begun: PromiseSettledResult<unknown>[] = [];
  for (const { id } of rows) {
    if (!marks.some((mark) => mark.id === leavingKey(id)) || (await deps.store.locks.get(`domain:${id}`)) !== undefined) continue;
    begun.push(...(await Promise.allSettled([beginRemove(deps, id, systemBy(leavingKey(id)))])));
  }
  // one that cannot be begun keeps none of the others from it
  for (const one of begun) if (one.status === 'rejected') throw one.reason;
}

import { isGoingBack, type JobView } from '#contract/api/jobs.ts';
import { aimsAt } from '#contract/catalogue/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import type { JobEngine } from '../../engine/job-engine.ts';
import { refuseInhabited } from '../../checks/inhabited.ts';
import { keptWildcard } from '../../model/domains/kept-wildcard.ts';
import type { By } from '../../model/operators/by.ts';
import type { Server } from '../../model/servers/server.ts';
import type { Store, Tables } from '../../ports/store.ts';

type Deps = { readonly store: Store; readonly engine: Pick<JobEngine, 'begin' | 'begunBy' | 'get' | 'continue'> };

const lockOf = ({ id }: Pick<Server, 'id'>): string => `server:${id}`;

/** The farm's own wildcard would lead to a stranger. */
async function refuseWildcard(tables: Tables, { id, farmId, name }: Server): Promise<void> {
  const domain = (await tables.domains.find({ farmId })).find((one) => keptWildcard(one)?.serverId === id);
  if (domain !== undefined) throw new FarmError('SERVER_HAS_WILDCARD', { server: name, domain: domain.name });
}

/** Its removal that was begun before, unless that is being taken back. */
async function leavingJob({ store, engine }: Deps, server: Server): Promise<JobView | undefined> {
  const lock = await store.locks.get(lockOf(server));
  const job = lock === undefined ? undefined : await engine.get(lock.jobId);
  return job !== undefined && aimsAt(job.type, 'takes-away', 'server') && !isGoingBack(job) ? job : undefined;
}

/** Not for one that is being taken back at this moment: it stays in the farm. */
function giveUp({ store }: Deps, server: Server): Promise<void> {
  return store.transaction(async (tables) => {
    const lock = await tables.locks.get(lockOf(server));
    const job = lock === undefined ? undefined : await tables.jobs.get(lock.jobId);
    const isLeaving = (await tables.servers.get(server.id))?.membership === 'leaving';
    if (isLeaving && job !== undefined && !isGoingBack(job)) await tables.servers.patch(server.id, { membership: 'given-up' });
  });
}

/**
 * Begins to take an empty server out of the farm. Marked in the transaction that refuses it while an instance, or room for one, names it: nothing is placed
 * on it from then on. Where its removal has stopped, the same is continued; `isGivenUp` also gives up the agent that it waits for. Throws `NOT_FOUND`,
 * `SERVER_NOT_EMPTY`, `SERVER_HAS_WILDCARD`, `OBJECT_BUSY`; then there is no job.
 */
export async function beginRemove(deps: Deps, found: Server, isGivenUp: boolean, by: By): Promise<JobView> {
  const { engine } = deps;
  const job = await leavingJob(deps, found);
  if (job !== undefined) {
    if (isGivenUp) await giveUp(deps, found);
    return job.state === 'stopped' || job.state === 'paused' ? engine.continue(job.id, by) : job;
  }
  const { id: serverId, name, address, keyFingerprint } = found;
  const within = async (tables: Tables): Promise<void> => {
    const server = await tables.servers.get(serverId);
    if (server === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name });
    await refuseInhabited(tables, serverId, server.name);
    if (!isGivenUp) await refuseWildcard(tables, server);
    await tables.servers.patch(serverId, { membership: isGivenUp ? 'given-up' : 'leaving' });
  };
  const input = { serverId, name, address, keyFingerprint, isGivenUp };
  return engine.begin({
    type: 'remove-server',
    subject: { kind: 'server', id: serverId, name },
    by,
    input,
    locks: [lockOf(found)],
    within,
  });
}

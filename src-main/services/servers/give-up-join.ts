import { isGoingBack, type JobView } from '#contract/api/jobs.ts';
import type { JobEngine } from '../../engine/job-engine.ts';
import type { By } from '../../model/operators/by.ts';
import type { Store } from '../../ports/store.ts';

type Deps = { readonly store: Store; readonly engine: Pick<JobEngine, 'get' | 'continue'> };

/**
 * Gives up the agent of a join that stands still while it takes itself back, saved with the job, and lets the job go on: an agent that cannot be told is left
 * alone from then on. Undefined when there is no such join of the server. Asked again it is the same.
 */
export async function giveUpJoin({ store, engine }: Deps, serverId: string, by: By): Promise<JobView | undefined> {
  const job = await store.transaction(async (tables) => {
    const lock = await tables.locks.get(`server:${serverId}`);
    const found = lock === undefined ? undefined : await tables.jobs.get(lock.jobId);
    if (found?.type !== 'join-server' || !isGoingBack(found)) return undefined;
    await tables.jobs.put({ ...found, input: { ...found.input, isGivenUp: true } });
    return found;
  });
  if (job === undefined) return undefined;
  return job.state === 'stopped' || job.state === 'paused' ? engine.continue(job.id, by) : engine.get(job.id);
}

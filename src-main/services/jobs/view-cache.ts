import type { JobState, JobView, Waiting } from '#contract/api/jobs.ts';
import type { FarmId, JobId } from '#contract/ids.ts';
import type { JobStep } from '../../model/jobs/job.ts';
import type { Store } from '../../ports/store.ts';
import type { JobRecord } from './job-records.ts';

export type JobFilter = { readonly state?: JobState | undefined; readonly subjectId?: string | undefined; readonly limit: number };

export type ViewCache = {
  /** The newest of a job, as it was just saved. `waiting` is what its present step says; it holds until that step has ended. */
  readonly put: (record: JobRecord, waiting?: Waiting) => JobView;
  readonly get: (jobId: JobId) => JobView | undefined;
  /** Newest first. */
  readonly list: (farmId: FarmId, filter: JobFilter) => Promise<JobView[]>;
};

const newestFirst = (one: JobView, other: JobView): number => other.createdAtMs - one.createdAtMs || (one.id < other.id ? 1 : -1);

/**
 * What people see of jobs, kept in memory: the window's mirror asks every tenth of a second, and what a step waits for is never stored.
 * Only the engine writes jobs, and it puts each one here as it saves it.
 */
export function createViewCache(store: Store, view: (record: JobRecord, waiting: Waiting | undefined) => JobView): ViewCache {
  let views = new Map<JobId, JobView>();
  /** What the present step said last, and which attempt of which step that was. */
  const said = new Map<JobId, { readonly attempt: string; readonly waiting: Waiting }>();
  let loaded: { readonly farmId: FarmId; readonly done: Promise<void> } | undefined;

  const load = async (farmId: FarmId): Promise<void> => {
    // Read in one transaction, so that no save falls between the two reads; what was put meanwhile is newer and stays.
    const { jobs, steps } = await store.transaction(async (tables) => ({
      jobs: await tables.jobs.find({ farmId }),
      steps: await tables.jobSteps.find({ farmId }),
    }));
    const ofJob = new Map<JobId, JobStep[]>();
    for (const step of steps) {
      const known = ofJob.get(step.jobId);
      if (known === undefined) ofJob.set(step.jobId, [step]);
      else known.push(step);
    }
    for (const job of jobs) {
      if (views.has(job.id)) continue;
      const own = (ofJob.get(job.id) ?? []).sort((one, other) => one.index - other.index);
      views.set(job.id, view({ job, steps: own }, undefined));
    }
  };

  const ensure = (farmId: FarmId): Promise<void> => {
    if (loaded?.farmId === farmId) return loaded.done;
    if (loaded !== undefined) views = new Map();
    const done = load(farmId);
    loaded = { farmId, done };
    done.catch(() => {
      loaded = undefined;
    });
    return done;
  };

  return {
    put: (record, waiting) => {
      const { id } = record.job;
      const acting = record.steps.find(({ outcome }) => outcome === 'doing');
      const attempt = acting === undefined ? undefined : `${acting.index}/${acting.attempts}`;
      if (attempt !== undefined && waiting !== undefined) said.set(id, { attempt, waiting });
      else if (said.get(id)?.attempt !== attempt) said.delete(id);
      const next = view(record, said.get(id)?.waiting);
      views.set(id, next);
      return next;
    },
    get: (jobId) => views.get(jobId),
    list: async (farmId, { state, subjectId, limit }) => {
      await ensure(farmId);
      return [...views.values()]
        .filter((one) => (state === undefined || one.state === state) && (subjectId === undefined || one.subject.id === subjectId))
        .sort(newestFirst)
        .slice(0, limit);
    },
  };
}

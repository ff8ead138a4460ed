import { mapInSlices } from '#kit/in-slices.ts';
import type { JobState, JobView, Waiting } from '#contract/api/jobs.ts';
import { isSmallJob, jobTypes } from '#contract/catalogue/jobs.ts';
import type { FarmId, JobId } from '#contract/ids.ts';
import type { Job, JobStep } from '../model/jobs/job.ts';
import { isEnded } from '../model/jobs/machine.ts';
import type { Store } from '../ports/store.ts';
import { createKeptViews, newestIdFirst } from './kept-views.ts';
import type { JobRecord } from './job-records.ts';

export type JobFilter = { readonly state?: JobState | undefined; readonly subjectId?: string | undefined; readonly limit: number };

export type ViewCache = {
  /** The newest of a job, as it was just saved. `waiting` is what its present step says; it holds until that step has ended. */
  readonly put: (record: JobRecord, waiting?: Waiting) => JobView;
  /** Undefined for one that ended long ago, or that nobody has asked for yet: the store knows it. */
  readonly get: (jobId: JobId) => JobView | undefined;
  /** Newest first: the order in which jobs were made. */
  readonly list: (farmId: FarmId, filter: JobFilter) => Promise<JobView[]>;
  /** Every job that has not ended, the newest of the others, and the newest of those that are not small, however many small ones came after; newest first. Never waits for the store once it has been asked. */
  readonly kept: (farmId: FarmId) => Promise<JobView[]>;
};

/** Views that are made in one go; one of a job with many steps takes a tenth of a millisecond. */
export const viewsPerSlice = 50;

/** As many as one answer of `jobs.list` may hold. */
const keptEnded = 500;
const openStates: readonly JobState[] = ['running', 'pausing', 'paused', 'stopped', 'undoing'];
const endedStates: readonly JobState[] = ['done', 'undone', 'failed'];
const largeTypes = jobTypes.filter((type) => !isSmallJob(type));

/**
 * What people see of jobs. Kept in memory: those that have not ended, because the window's snapshot asks every tenth of a second and what a step
 * waits for is never stored; and the newest that have. A farm makes jobs for years, so the others stay in the store until somebody asks.
 * Only the engine writes jobs, and it puts each one here as it saves it.
 */
export function createViewCache(
  store: Store,
  view: (record: JobRecord, waiting: Waiting | undefined) => JobView,
  pause: () => Promise<void>,
  mostEnded = keptEnded,
): ViewCache {
  let views = createKeptViews(mostEnded);
  /** Those that are not small: counts of a day and medians are made of them. */
  let large = createKeptViews(mostEnded);
  const keep = (one: JobView): void => {
    views.put(one);
    if (!isSmallJob(one.type)) large.put(one);
  };
  /** What the present step said last, and which attempt of which step that was. */
  const said = new Map<JobId, { readonly attempt: string; readonly waiting: Waiting }>();
  let loaded: { readonly farmId: FarmId; readonly done: Promise<void> } | undefined;

  /** What is in memory is newer than what was read. */
  const viewsOf = (
    jobs: readonly Job[],
    steps: readonly JobStep[],
    onMade: (one: JobView) => void = () => undefined,
  ): Promise<JobView[]> => {
    const ofJob = Map.groupBy(steps, ({ jobId }) => jobId);
    return mapInSlices(jobs, viewsPerSlice, pause, (job) => {
      const own = (ofJob.get(job.id) ?? []).toSorted((one, other) => one.index - other.index);
      const one = views.get(job.id) ?? large.get(job.id) ?? view({ job, steps: own }, undefined);
      onMade(one);
      return one;
    });
  };

  const load = async (farmId: FarmId): Promise<void> => {
    // Read in one transaction, so that no save falls between the reads; what was put meanwhile is newer and stays.
    const { jobs, steps } = await store.transaction(async (tables) => {
      const found = [...(await tables.jobs.find({ farmId, state: openStates }))];
      for (const state of endedStates)
        for (const types of [undefined, largeTypes]) found.push(...(await tables.jobs.newest({ farmId, state, types }, mostEnded)));
      return {
        jobs: [...new Map(found.map((job) => [job.id, job])).values()],
        steps: await tables.jobSteps.find({ jobId: found.map(({ id }) => id) }),
      };
    });
    // kept one by one: a newer one may be put between two slices
    await viewsOf(jobs, steps, keep);
  };

  const ensure = (farmId: FarmId): Promise<void> => {
    if (loaded?.farmId === farmId) return loaded.done;
    if (loaded !== undefined) {
      views = createKeptViews(mostEnded);
      large = createKeptViews(mostEnded);
    }
    const done = load(farmId);
    loaded = { farmId, done };
    done.catch(() => {
      loaded = undefined;
    });
    return done;
  };

  const fromStore = async (farmId: FarmId, { state, subjectId, limit }: JobFilter): Promise<JobView[]> => {
    const { jobs, steps } = await store.transaction(async (tables) => {
      const found = await tables.jobs.newest({ farmId, state, subjectId }, limit);
      return { jobs: found, steps: await tables.jobSteps.find({ jobId: found.map(({ id }) => id) }) };
    });
    return viewsOf(jobs, steps);
  };

  return {
    put: (record, waiting) => {
      const { id } = record.job;
      const acting = record.steps.find(({ outcome }) => outcome === 'doing');
      const attempt = acting === undefined ? undefined : `${acting.index}/${acting.attempts}`;
      if (attempt !== undefined && waiting !== undefined) said.set(id, { attempt, waiting });
      else if (said.get(id)?.attempt !== attempt) said.delete(id);
      const next = view(record, said.get(id)?.waiting);
      keep(next);
      return next;
    },
    get: (jobId) => views.get(jobId) ?? large.get(jobId),
    kept: async (farmId) => {
      await ensure(farmId);
      const all = new Map([...views.newestFirst(), ...large.newestFirst()].map((one) => [one.id, one]));
      return [...all.values()].sort(newestIdFirst);
    },
    list: async (farmId, filter) => {
      await ensure(farmId);
      const { state, subjectId, limit } = filter;
      const found = views
        .newestFirst()
        .filter((one) => (state === undefined || one.state === state) && (subjectId === undefined || one.subject.id === subjectId))
        .slice(0, limit);
      if (views.hasEveryEnded() || (state !== undefined && !isEnded(state))) return found;
      const last = found[limit - 1];
      if (last !== undefined && views.hasEveryFrom(last.id)) return found;
      return fromStore(farmId, filter);
    },
  };
}

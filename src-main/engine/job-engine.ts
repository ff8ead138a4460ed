import type { JobState, JobView, Waiting } from '#contract/api/jobs.ts';
import type { JobType } from '#contract/catalogue/jobs.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import { type Actor, type FarmId, type JobId, jobId as jobIdSchema } from '#contract/ids.ts';
import type { Job, JobStep } from '../model/jobs/job.ts';
import { isActive, isEnded, type JobEvent } from '../model/jobs/machine.ts';
import type { By } from '../model/operators/by.ts';
import type { Changes } from '../ports/changes.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Log } from '../ports/request.ts';
import type { Store } from '../ports/store.ts';
import { createDurations, type Durations } from './durations.ts';
import { findBegun, insertJob, type NewJob } from './insert-job.ts';
import { toFailure } from './failure.ts';
import { createJobRecords, type JobRecord } from './job-records.ts';
import { createJobRunner, type Run } from './job-runner.ts';
import type { FailPoint, JobTable } from './job-table.ts';
import { continuableTable, resumingTable, tableOf, undoableTable } from './job-tables.ts';
import { jobView, pastReturn } from './job-views.ts';
import type { Links } from './links.ts';
import type { Rehearsed } from './rehearse.ts';
import { createRuns } from './runs.ts';
import { createSlots } from './slots.ts';
import { untilSaved } from './until-saved.ts';
import { createViewCache, type JobFilter } from './view-cache.ts';
import { watchJob } from './watch-job.ts';

export type EngineDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly changes: Changes;
  readonly log: Log;
  readonly farmId: () => FarmId;
  readonly tables: readonly JobTable[];
  readonly links: Links;
  readonly failPoint?: FailPoint;
  /** Lets others have their turn between slices of a long list. */
  readonly pause: () => Promise<void>;
};

export type JobEngine = {
  /** What a job would change, by what is known; makes nothing and asks nobody. Throws what the job's parts refuse. */
  readonly rehearse: (type: JobType, input: NewJob['input']) => Promise<readonly Rehearsed[]>;
  /** Makes a job and starts it. The same request key from the same actor is the same job. Throws `OBJECT_BUSY` naming what is locked, `REQUEST_KEY_REUSED`. */
  readonly begin: (request: NewJob) => Promise<JobView>;
  /** The job that an earlier call with this key began. */
  readonly begunBy: (type: JobType, by: By) => Promise<JobView | undefined>;
  readonly get: (jobId: string) => Promise<JobView>;
  /**
   * As it was last saved; never waits. After `resume` every job that has not ended is known, and the newest of the others: one that is not known has
   * ended. Before it only jobs that have changed since are known.
   */
  readonly known: (jobId: JobId) => JobView | undefined;
  /** Newest first. */
  readonly list: (filter: JobFilter) => Promise<JobView[]>;
  /** Every job that has not ended and the newest of the others, newest first, from memory. */
  readonly kept: () => Promise<JobView[]>;
  /** The job now and after every change; ends once it is done or undone, or when the signal aborts. */
  readonly watch: (jobId: string, signal?: AbortSignal) => AsyncGenerator<JobView, void, void>;
  readonly pause: (jobId: string, by: By) => Promise<JobView>;
  /** Resolves when the present step has let go and the job is stopped. */
  readonly cancel: (jobId: string, by: By) => Promise<JobView>;
  /** Throws `JOB_NOT_STOPPED`, `JOB_OTHER_VERSION`. */
  readonly continue: (jobId: string, by: By) => Promise<JobView>;
  /** Throws `JOB_NOT_STOPPED`, `JOB_OTHER_VERSION`, `JOB_PAST_RETURN`. */
  readonly undo: (jobId: string, by: By) => Promise<JobView>;
  /** Resolves when nobody works on the job any more: it has ended, stopped or is paused, and what exists because of it was looked at. */
  readonly settled: (jobId: string) => Promise<JobView>;
  readonly durations: Pick<Durations, 'usuallyMs' | 'load'>;
  /**
   * Once, when the farm is opened: jobs that were on their way when the core ended are stopped with `JOB_INTERRUPTED`. Whether they, and those that a proper
   * end of the core stopped, go on by themselves says their type; others wait, because a person may prefer to undo. What cut a job off may cut it off again:
   * it goes on by itself after three deaths at most, and never over a step at which the core has died twice.
   */
  readonly resume: () => Promise<void>;
  /** Stops every job where it is, saved as interrupted. */
  readonly close: () => Promise<void>;
};

/** The one engine of all long work. It knows tables of steps, not what they do. */
export function createJobEngine(deps: EngineDeps): JobEngine {
  const { store, clock, changes, log, tables } = deps;
  const records = createJobRecords(store, clock, deps.ids.uuid);
  const durations = createDurations(store, deps.ids.uuid);
  const cache = createViewCache(store, (record, waiting) => jobView(record, tableOf(tables, record), waiting, durations), deps.pause);
  /** Of jobs that act: a step tells its progress with the record that it began with, and a person may have changed the job since. */
  const newest = new Map<JobId, JobRecord>();
  const show = (record: JobRecord, waiting?: Waiting): JobView => {
    const { id, state } = record.job;
    if (!isActive(state)) newest.delete(id);
    else if (waiting === undefined) newest.set(id, record);
    const view = cache.put(waiting === undefined ? record : (newest.get(id) ?? record), waiting);
    changes.announce({ kind: 'job', id });
    return view;
  };
  const runner = createJobRunner({
    clock,
    log,
    records,
    slots: createSlots(),
    links: deps.links,
    failPoint: deps.failPoint ?? (() => undefined),
    onSaved: show,
  });
  const runs = createRuns(log, (id) => changes.announce({ kind: 'job', id }));

  /** A job that was cancelled between two steps has no step that could fail. */
  const stopBetweenSteps = async (run: Run): Promise<void> => {
    const { job } = await records.load(run.jobId);
    if (!run.cancel.aborted || !isActive(job.state)) return;
    const reason: unknown = run.cancel.reason;
    const failure = isFarmError(reason) ? { code: reason.code, parameters: { ...reason.parameters } } : undefined;
    show(
      await records.save(job.id, {
        event: { kind: 'cancel' },
        actor: run.actor,
        isNextBegun: false,
        ...(failure === undefined ? {} : { failure }),
      }),
    );
  };
  const driveOn = async (run: Run): Promise<void> => {
    await runner.recheck(run);
    if (!run.cancel.aborted) {
      const begun = await records.save(run.jobId, { actor: run.actor, isNextBegun: true });
      show(begun);
      await runner.play(run, begun);
    }
    await stopBetweenSteps(run);
    const { job, steps } = await records.load(run.jobId);
    await durations.keep(job, steps);
    if (job.state === 'done') show({ job, steps });
  };
  /** Where the store itself fails nobody would work on the job any more, and it would say running: it is stopped with that cause as soon as that can be saved. */
  const drive = async (run: Run): Promise<void> => {
    try {
      await driveOn(run);
    } catch (error) {
      const failure = toFailure(error, log, { job: run.jobId });
      log.warn('job-not-saved', { job: run.jobId, code: failure.code });
      await untilSaved(clock, run.cancel, async () => {
        const record = await records.load(run.jobId).catch((lost: unknown) => {
          if (!isFarmError(lost, 'NOT_FOUND')) throw lost;
        });
        if (record === undefined || !isActive(record.job.state)) return;
        show(record, { code: 'store', parameters: {} });
        show(await records.save(run.jobId, { event: { kind: 'interrupted' }, actor: run.actor, isNextBegun: false, failure }));
      });
    }
  };
  const look = async (run: Run): Promise<void> => {
    const { job } = await records.load(run.jobId);
    // the proof of a finished job was its last step
    if (job.state === 'stopped' || job.state === 'undone') await runner.look(run);
  };
  const start = (jobId: JobId, actor: Actor, table: JobTable): void => runs.start({ jobId, actor, table }, drive, look);

  const read = async (jobId: string): Promise<JobView> => {
    const id = jobIdSchema.safeParse(jobId);
    const known = id.success ? cache.get(id.data) : undefined;
    if (known !== undefined) return known;
    const record = await records.load(jobId);
    await durations.load(record.job.farmId);
    return cache.get(record.job.id) ?? cache.put(record);
  };
  /** A job that the end of the core stopped, where its type lets it: for whoever asked for it, it was never stopped. */
  const goesOn = async (stopped: JobRecord): Promise<boolean> => {
    const { id, actor } = stopped.job;
    const table = resumingTable(tables, stopped);
    if (table === undefined || !mayGoOn(stopped)) return false;
    show(await records.save(id, { event: { kind: 'continue' }, actor, isNextBegun: false }));
    start(id, actor, table);
    return true;
  };
  const change = async (jobId: JobId, by: By, event: JobEvent): Promise<JobView> =>
    show(await records.save(jobId, { event, actor: by.actor, isNextBegun: false }));

  /** A job that still works is refused at once; one that has just stopped is left alone by its look before anything begins. */
  const atRest = async (jobId: string): Promise<JobRecord> => {
    const record = await records.load(jobId);
    if (isActive(record.job.state)) throw new FarmError('JOB_NOT_STOPPED', { jobId, state: record.job.state });
    await runs.released(record.job.id);
    return records.load(jobId);
  };
  const turn = async (jobId: string, by: By, kind: 'continue' | 'undo', tableFor: (record: JobRecord) => JobTable): Promise<JobView> => {
    const record = await atRest(jobId);
    const table = tableFor(record);
    const view = await change(record.job.id, by, { kind });
    if (!isEnded(view.state)) start(record.job.id, by.actor, table);
    return view;
  };

  return {
    durations,
    known: cache.get,
    get: read,
    list: async (filter) => {
      await durations.load(deps.farmId());
      return cache.list(deps.farmId(), filter);
    },
    kept: async () => {
      await durations.load(deps.farmId());
      return cache.kept(deps.farmId());
    },
    begunBy: async (type, by) => {
      const job = await findBegun(store, deps.farmId(), type, by);
      return job === undefined ? undefined : read(job.id);
    },
    rehearse: async (type, input) => {
      const table = tables.find((known) => known.type === type);
      const serverName = async (id: string): Promise<string> => (await store.servers.get(id))?.name ?? '';
      return (await table?.rehearse?.(input, serverName)) ?? [];
    },
    begin: async (request) => {
      const table = tables.find((known) => known.type === request.type);
      if (table === undefined) throw new Error(`no table for ${request.type}`);
      const farmId = deps.farmId();
      await durations.load(farmId);
      const place = { farmId, id: deps.ids.uuid(), nowMs: clock.nowMs(), table };
      const made = await store.transaction((inner) => insertJob(inner, place, request, deps.ids.uuid));
      if (!made.isNew) return read(made.job.id);
      const view = show(made.record);
      start(view.id, request.by.actor, table);
      return view;
    },
    watch: (jobId, signal) =>
      watchJob({ changes, jobId, read: () => read(jobId), isOver: (view) => isEnded(view.state) && !runs.isBusy(view.id) }, signal),
    pause: async (jobId, by) => change((await records.load(jobId)).job.id, by, { kind: 'pause' }),
    cancel: async (jobId, by) => {
      const { job } = await records.load(jobId);
      if (isEnded(job.state)) throw new FarmError('JOB_NOT_STOPPED', { jobId, state: job.state });
      await runs.cancel(job.id, new FarmError('JOB_CANCELLED', { jobId }));
      const after = await records.load(jobId);
      if (after.job.state === 'paused' || isActive(after.job.state)) {
        const failure = { code: 'JOB_CANCELLED', parameters: { jobId } };
        return show(await records.save(job.id, { event: { kind: 'cancel' }, actor: by.actor, isNextBegun: false, failure }));
      }
      return read(jobId);
    },
    continue: (jobId, by) => turn(jobId, by, 'continue', (record) => continuableTable(tables, record)),
    undo: (jobId, by) =>
      turn(jobId, by, 'undo', (record) => {
        const table = undoableTable(tables, record);
        const final = pastReturn(table, record);
        if (final !== undefined) throw new FarmError('JOB_PAST_RETURN', { jobId, step: final.name });
        return table;
      }),
    settled: async (jobId) => {
      const { job } = await records.load(jobId);
      await runs.settled(job.id);
      return read(jobId);
    },
    resume: async () => {
      await durations.load(deps.farmId());
      const left = await store.jobs.find({ farmId: deps.farmId(), state: activeStates });
      const ended = (await store.jobs.find({ farmId: deps.farmId(), state: 'stopped' })).filter(wasInterrupted);
      for (const job of left) {
        const { steps } = await records.load(job.id);
        const cut = steps.find(({ outcome }) => outcome === 'doing' || outcome === 'undoing');
        const failure = { code: 'JOB_INTERRUPTED', parameters: { step: cut?.name ?? '' } };
        const checkpoints = cut === undefined ? {} : { checkpoints: new Map([[cut.index, { deaths: deathsOf(cut) + 1 }]]) };
        const stopped = await records.save(job.id, {
          event: { kind: 'interrupted' },
          actor: job.actor,
          isNextBegun: false,
          failure,
          ...checkpoints,
        });
        if (await goesOn(stopped)) continue;
        const table = tableOf(tables, stopped);
        show(stopped);
        // the list of what exists follows when servers have answered; the job's buttons need not wait for it
        if (table !== undefined) runs.start({ jobId: job.id, actor: job.actor, table }, () => Promise.resolve(), look);
      }
      for (const { id } of ended) await goesOn(await records.load(id));
      // from here on every job that has not ended is known without waiting
      for (const view of await cache.kept(deps.farmId())) {
        if (!isEnded(view.state)) changes.announce({ kind: 'job', id: view.id });
      }
    },
    close: () => runs.close(new FarmError('JOB_INTERRUPTED', { step: '' })),
  };
}

const activeStates: readonly JobState[] = ['running', 'pausing', 'undoing'];

const wasInterrupted = ({ failure }: Job): boolean => failure?.code === 'JOB_INTERRUPTED';

/** How often the core has died while the step acted. */
const deathsOf = ({ checkpoint }: JobStep): number => (typeof checkpoint.deaths === 'number' ? checkpoint.deaths : 0);

function mayGoOn({ steps }: JobRecord): boolean {
  const deaths = steps.map(deathsOf);
  return Math.max(0, ...deaths) < 2 && deaths.reduce((sum, count) => sum + count, 0) <= 3;
}

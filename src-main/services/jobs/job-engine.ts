import type { JobState, JobType, JobView, Waiting } from '#contract/api/jobs.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import { type FarmId, type JobId, jobId as jobIdSchema } from '#contract/ids.ts';
import type { Job, JobStep, JobSubject } from '../../model/jobs/job.ts';
import { type JobEvent, beginning, isActive, isEnded } from '../../model/jobs/machine.ts';
import { type By, actorKey } from '../../model/operators/by.ts';
import type { Changes } from '../../ports/changes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Log } from '../../ports/request.ts';
import type { Store, Tables } from '../../ports/store.ts';
import { createDurations } from './durations.ts';
import { createJobRecords, type JobRecord, stepId } from './job-records.ts';
import { createJobRunner, type Run, versionsOf } from './job-runner.ts';
import { type FailPoint, type JobTable } from './job-table.ts';
import { jobView, pastReturn } from './job-views.ts';
import { createViewCache } from './view-cache.ts';

export type EngineDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly changes: Changes;
  readonly log: Log;
  readonly farmId: () => FarmId;
  readonly tables: readonly JobTable[];
  readonly failPoint?: FailPoint;
};

export type NewJob = {
  readonly type: JobType;
  readonly subject: JobSubject;
  readonly by: By;
  /** Plain JSON; secrets sealed. */
  readonly input: Readonly<Record<string, unknown>>;
  /** `<kind>:<object id>` of everything that nobody else may change meanwhile. */
  readonly locks: readonly string[];
  /** Written in the same transaction as the job; undone by the first step. */
  readonly within?: (tables: Tables, job: Job) => Promise<void>;
};

export type JobEngine = {
  /** Makes a job and starts it. The same request key from the same actor is the same job. Throws `OBJECT_BUSY`, `REQUEST_KEY_REUSED`. */
  readonly begin: (request: NewJob) => Promise<JobView>;
  /** The job that an earlier call with this key began. */
  readonly begunBy: (type: JobType, by: By) => Promise<JobView | undefined>;
  readonly get: (jobId: string) => Promise<JobView>;
  readonly list: (filter: { readonly state?: JobState | undefined; readonly subjectId?: string | undefined; readonly limit: number }) => Promise<JobView[]>;
  /** The job now and after every change; ends once it is done or undone, or when the signal aborts. */
  readonly watch: (jobId: string, signal?: AbortSignal) => AsyncGenerator<JobView, void, void>;
  readonly pause: (jobId: string, by: By) => Promise<JobView>;
  /** Resolves when the present step has let go and the job is stopped. */
  readonly cancel: (jobId: string, by: By) => Promise<JobView>;
  /** Throws `JOB_NOT_STOPPED`, `JOB_OTHER_VERSION`. */
  readonly continue: (jobId: string, by: By) => Promise<JobView>;
  /** Throws `JOB_NOT_STOPPED`, `JOB_OTHER_VERSION`, `JOB_PAST_RETURN`. */
  readonly undo: (jobId: string, by: By) => Promise<JobView>;
  /** Resolves when nobody works on the job any more: it has ended, stopped or is held. */
  readonly settled: (jobId: string) => Promise<JobView>;
  /**
   * Once, when the farm is opened: jobs that were on their way when the core ended are stopped with `JOB_INTERRUPTED`. They are not continued by
   * themselves, because a person may prefer to undo, and because what cut them off may cut them off again.
   */
  readonly resume: () => Promise<void>;
  /** Stops every job where it is, saved as interrupted. */
  readonly close: () => Promise<void>;
};

type Active = { readonly abort: AbortController; readonly promise: Promise<void> };

/** The one engine of all long work. It knows tables of steps, not what they do. */
export function createJobEngine(deps: EngineDeps): JobEngine {
  const { store, clock, changes, log } = deps;
  const records = createJobRecords(store, clock);
  const durations = createDurations(store, deps.ids.uuid);
  const active = new Map<JobId, Active>();
  const stragglers = new Map<JobId, Promise<unknown>>();
  const tableOf = (job: Job): JobTable | undefined => deps.tables.find((table) => table.type === job.type);
  const cache = createViewCache(store, (record, waiting) => jobView(record, tableOf(record.job), waiting, durations));
  const show = (record: JobRecord, waiting?: Waiting): JobView => {
    const view = cache.put(record, waiting);
    changes.announce({ kind: 'job', id: record.job.id });
    return view;
  };
  const runner = createJobRunner({ clock, log, records, failPoint: deps.failPoint ?? (() => undefined), onSaved: show });

  const drive = async (run: Run): Promise<void> => {
    await runner.recheck(run);
    const { job } = await records.load(run.jobId);
    if (!isActive(job.state)) return;
    const record = run.cancel.aborted ? undefined : await beginNext(run);
    const last = record === undefined ? await records.load(run.jobId) : await runner.play(run, record);
    if (isActive(last.job.state)) await stopBetweenSteps(run, last);
    const settled = await records.load(run.jobId);
    if (settled.job.state === 'stopped' || settled.job.state === 'undone') await runner.look(run, settled);
    await durations.keep(settled.job, settled.steps);
  };
  const beginNext = async (run: Run) => {
    const record = await records.load(run.jobId);
    const index = record.job.direction === 'forward' ? record.steps.findIndex((step) => step.outcome !== 'done' && step.outcome !== 'skipped') : lastUndoable(record.steps);
    const saved = await records.save(run.jobId, { event: { kind: 'began', index }, actor: run.actor, isNextBegun: false }).catch((error: unknown) => {
      // held before its first step
      if (isFarmError(error, 'JOB_NOT_STOPPED')) return undefined;
      throw error;
    });
    if (saved === undefined) return undefined;
    show(saved);
    return { ...saved, begun: { act: record.job.direction === 'forward' ? ('do' as const) : ('undo' as const), index } };
  };
  const stopBetweenSteps = async (run: Run, record: JobRecord): Promise<void> => {
    if (!run.cancel.aborted) return;
    const reason: unknown = run.cancel.reason;
    const failure = isFarmError(reason) ? { code: reason.code, parameters: { ...reason.parameters } } : undefined;
    show(
      await records.save(record.job.id, { event: { kind: 'cancel' }, actor: run.actor, isNextBegun: false, ...(failure === undefined ? {} : { failure }) }),
    );
  };

  const start = (record: JobRecord, by: By, table: JobTable): void => {
    const { id } = record.job;
    const abort = new AbortController();
    const run: Run = {
      jobId: id,
      actor: by.actor,
      table,
      cancel: abort.signal,
      straggler: stragglers.get(id),
      onStraggler: (straggler) => {
        stragglers.set(id, straggler);
        void straggler.finally(() => stragglers.delete(id));
      },
    };
    const promise = drive(run)
      .catch((error: unknown) => {
        // the store itself failed: what is saved stays, and the next start of the core finds the job interrupted
        log.bug(error, { job: id });
      })
      .finally(() => active.delete(id));
    active.set(id, { abort, promise });
  };

  const change = async (jobId: string, by: By, event: JobEvent): Promise<JobRecord> => {
    const id = jobIdSchema.parse(jobId);
    const saved = await records.save(id, { event, actor: by.actor, isNextBegun: false });
    show(saved);
    return saved;
  };
  const compatibleTable = (record: JobRecord): JobTable => {
    const table = tableOf(record.job);
    const isKnown = table !== undefined && (table.version === record.job.version || table.continues.includes(record.job.version));
    if (!isKnown) throw new FarmError('JOB_OTHER_VERSION', versionsOf(table, record));
    return table;
  };
  /** Undoing needs less: every step that has begun must still be known by its name and place. */
  const undoableTable = (record: JobRecord): JobTable => {
    const table = tableOf(record.job);
    const isKnown = table !== undefined && record.steps.every((step, at) => (step.outcome === 'waiting' && at > 0) || table.steps[at]?.name === step.name);
    if (!isKnown) throw new FarmError('JOB_OTHER_VERSION', versionsOf(table, record));
    return table;
  };
  const viewOf = async (record: JobRecord): Promise<JobView> => {
    await durations.load(record.job.farmId);
    return cache.viewOf(record);
  };
  const get = async (jobId: string): Promise<JobView> => viewOf(await records.load(jobId));
  const begunBy = async (tables: Tables, type: JobType, by: By): Promise<Job | undefined> => {
    const rows = await tables.jobs.find({ farmId: deps.farmId(), requestKey: by.requestKey });
    const same = rows.find((row) => actorKey(row.actor) === actorKey(by.actor));
    if (same !== undefined && same.type !== type) throw new FarmError('REQUEST_KEY_REUSED', { key: by.requestKey });
    return same;
  };
  const inactive = async (jobId: string): Promise<void> => {
    await active.get(jobIdSchema.parse(jobId))?.promise;
  };

  return {
    begunBy: async (type, by) => {
      const job = await begunBy(store, type, by);
      return job === undefined ? undefined : get(job.id);
    },
    begin: async (request) => {
      const table = deps.tables.find((known) => known.type === request.type);
      if (table === undefined) throw new Error(`no table for ${request.type}`);
      const made = await store.transaction((tables) => insertJob(tables, deps, table, request, (type, by) => begunBy(tables, type, by)));
      if (made.isNew) start(made.record, request.by, table);
      await durations.load(made.record.job.farmId);
      return show(made.record);
    },
    get,
    list: async ({ state, subjectId, limit }) => {
      await durations.load(deps.farmId());
      return cache.list(deps.farmId(), { state, subjectId, limit });
    },
    watch: async function* (jobId, signal) {
      let wake: (() => void) | undefined;
      let isStale = false;
      const poke = (): void => {
        isStale = true;
        wake?.();
      };
      const stop = changes.on((changed) => {
        if (changed.kind === 'job' && changed.id === jobId) poke();
      });
      signal?.addEventListener('abort', poke, { once: true });
      try {
        for (;;) {
          isStale = false;
          const view = await get(jobId);
          yield view;
          if (isEnded(view.state) && !active.has(view.id)) return;
          if (!isStale) await new Promise<void>((resolve) => { wake = resolve; });
          if (signal?.aborted === true) return;
        }
      } finally {
        stop();
      }
    },
    pause: async (jobId, by) => viewOf(await change(jobId, by, { kind: 'pause' })),
    cancel: async (jobId, by) => {
      const id = jobIdSchema.parse(jobId);
      const running = active.get(id);
      running?.abort.abort(new FarmError('JOB_CANCELLED', { jobId }));
      await running?.promise;
      const { job } = await records.load(jobId);
      if (job.state === 'paused') await change(jobId, by, { kind: 'cancel' });
      return get(jobId);
    },
    continue: async (jobId, by) => {
      await inactive(jobId);
      const table = compatibleTable(await records.load(jobId));
      const record = await change(jobId, by, { kind: 'continue' });
      start(record, by, table);
      return viewOf(record);
    },
    undo: async (jobId, by) => {
      await inactive(jobId);
      const before = await records.load(jobId);
      const table = undoableTable(before);
      const final = pastReturn(table, before);
      if (final !== undefined) throw new FarmError('JOB_PAST_RETURN', { jobId, step: final.name });
      const record = await change(jobId, by, { kind: 'undo' });
      start(record, by, table);
      return viewOf(record);
    },
    settled: async (jobId) => {
      await inactive(jobId);
      return get(jobId);
    },
    resume: () => interruptAll(deps, records, (record) => {
      show(record);
      const table = tableOf(record.job);
      if (table === undefined) return;
      const run: Run = { jobId: record.job.id, actor: record.job.actor, table, cancel: new AbortController().signal, straggler: undefined, onStraggler: () => undefined };
      // the list of what exists follows when servers have answered; the job's buttons need not wait for it
      runner.look(run, record).catch((error: unknown) => log.bug(error, { job: record.job.id }));
    }),
    close: async () => {
      for (const { abort } of active.values()) abort.abort(new FarmError('JOB_INTERRUPTED', { step: '' }));
      await Promise.all([...active.values()].map((running) => running.promise));
    },
  };
}

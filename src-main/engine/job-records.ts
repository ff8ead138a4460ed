import type { StepNote } from '#contract/api/jobs.ts';
import { type Failure, FarmError } from '#contract/errors.ts';
import type { Actor, JobId } from '#contract/ids.ts';
import type { Job, JobStep } from '../model/jobs/job.ts';
import { advance, isEnded, type JobEvent, type NextAct, nextAct, type Progress } from '../model/jobs/machine.ts';
import { storyOf } from '../model/jobs/audit-log.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Store, Tables } from '../ports/store.ts';
import { tell } from './audit-log.ts';
import { toldWith } from './step-notes.ts';

export type JobRecord = { readonly job: Job; readonly steps: readonly JobStep[] };
export type Saved = JobRecord & { readonly begun: NextAct };

export type Change = {
  /** Absent: only the next step is begun. */
  readonly event?: JobEvent;
  readonly actor: Actor;
  readonly failure?: Failure;
  /** Begin the next step in the same transaction: what is done and what begins are saved at once. */
  readonly isNextBegun: boolean;
  /** What steps have come to remember, by their index: saved with the event. */
  readonly checkpoints?: ReadonlyMap<number, JobStep['checkpoint']>;
  /** What was seen ahead of the next step: saved if that is the one that begins. */
  readonly ahead?: { readonly index: number; readonly checkpoint: JobStep['checkpoint'] } | undefined;
};

export type JobRecords = ReturnType<typeof createJobRecords>;

export const progressOf = ({ job, steps }: JobRecord): Progress => ({
  state: job.state,
  direction: job.direction,
  steps: steps.map((step) => step.outcome),
});

async function loadRecord(tables: Tables, jobId: string): Promise<JobRecord> {
  const job = await tables.jobs.get(jobId);
  if (job === undefined) throw new FarmError('NOT_FOUND', { kind: 'job', name: jobId });
  const steps = await tables.jobSteps.find({ jobId: job.id });
  return { job, steps: [...steps].sort((one, other) => one.index - other.index) };
}

function withOutcomes(steps: readonly JobStep[], progress: Progress, failure: Failure | undefined, nowMs: number): JobStep[] {
  return steps.map((step, index) => {
    const outcome = progress.steps[index] ?? step.outcome;
    if (outcome === step.outcome) return step;
    return { ...step, outcome, failure: outcome === 'failed' ? (failure ?? null) : null, endedAtMs: nowMs };
  });
}

function withBegun(steps: readonly JobStep[], begun: Exclude<NextAct, { act: 'none' }>, actor: Actor, nowMs: number): JobStep[] {
  return steps.map((step, index) => {
    if (index !== begun.index) return step;
    const attempts = step.attempts + (begun.act === 'do' ? 1 : 0);
    const outcome = begun.act === 'do' ? ('doing' as const) : ('undoing' as const);
    // What an older program began has no parts yet; what begins now has, even where nothing could be seen ahead.
    const checkpoint = attempts === 1 && begun.act === 'do' ? { parts: {}, ...step.checkpoint } : step.checkpoint;
    return { ...step, outcome, attempts, startedAtMs: nowMs, endedAtMs: null, failure: null, actor, checkpoint };
  });
}

/** One that undoes itself keeps what it failed by, also when it is undone: nobody stopped to read it. */
function failureAfter(before: Job, state: Job['state'], { event, failure }: Change): Job['failure'] {
  if (state === 'stopped' || state === 'failed') return failure ?? null;
  if (state !== 'undoing' && state !== 'undone') return null;
  if (event?.kind === 'failed') return failure ?? null;
  return before.state === 'undoing' ? before.failure : null;
}

/** Jobs as they are stored: the store is the truth, every change is one transaction on what is there now. */
export function createJobRecords(store: Store, clock: Clock, uuid: Ids['uuid']) {
  const save = (jobId: JobId, change: Change): Promise<Saved> =>
    store.transaction(async (tables) => {
      const record = await loadRecord(tables, jobId);
      const nowMs = clock.nowMs();
      let progress = progressOf(record);
      if (change.event !== undefined) {
        const taken = advance(progress, change.event);
        if (!taken.isOk) throw new FarmError('JOB_NOT_STOPPED', { jobId, state: record.job.state });
        progress = taken.progress;
      }
      let steps = withOutcomes(record.steps, progress, change.failure, nowMs);
      const begun: NextAct = change.isNextBegun ? nextAct(progress) : { act: 'none' };
      if (begun.act !== 'none') {
        progress = advance(progress, { kind: 'began', index: begun.index }).progress;
        steps = withBegun(steps, begun, change.actor, nowMs);
      }
      steps = steps.map((step, index) => {
        const checkpoint = {
          ...change.checkpoints?.get(index),
          ...(begun.act === 'do' && change.ahead?.index === index ? change.ahead.checkpoint : {}),
        };
        return Object.keys(checkpoint).length === 0 ? step : { ...step, checkpoint: { ...step.checkpoint, ...checkpoint } };
      });
      for (const [index, step] of steps.entries()) if (step !== record.steps[index]) await tables.jobSteps.put(step);
      const isOver = isEnded(progress.state);
      const job: Job = {
        ...record.job,
        state: progress.state,
        direction: progress.direction,
        failure: failureAfter(record.job, progress.state, change),
        endedAtMs: isOver ? (record.job.endedAtMs ?? nowMs) : null,
      };
      await tables.jobs.put(job);
      if (isOver) for (const lock of await tables.locks.find({ jobId })) await tables.locks.remove(lock.id);
      const { farmId, subject } = job;
      if (subject.kind === 'instance')
        await tell(tables, { farmId, instanceId: subject.id, nowMs, uuid }, storyOf(record, { job, steps }, change));
      return { job, steps, begun };
    });

  return {
    /** Throws `NOT_FOUND`. */
    load: (jobId: string): Promise<JobRecord> => loadRecord(store, jobId),
    /** One event, saved. Throws `JOB_NOT_STOPPED` naming the state when the job does not take it now. */
    save,
    /** Adds to what a step remembers. */
    remember: (jobId: JobId, index: number, checkpoint: Readonly<Record<string, unknown>>): Promise<JobStep> =>
      store.transaction(async (tables) => {
        const step = await tables.jobSteps.get(stepId(jobId, index));
        if (step === undefined) throw new FarmError('NOT_FOUND', { kind: 'job', name: jobId });
        const next = { ...step, checkpoint: { ...step.checkpoint, ...checkpoint } };
        await tables.jobSteps.put(next);
        return next;
      }),
    /** Adds what people must know of a step; the same is kept once. */
    tell: (jobId: JobId, index: number, told: StepNote): Promise<void> =>
      store.transaction(async (tables) => {
        const step = await tables.jobSteps.get(stepId(jobId, index));
        if (step !== undefined) await tables.jobSteps.put({ ...step, checkpoint: toldWith(step.checkpoint, told) });
      }),
    /** Replaces what people are shown: what is known to exist, or why which server was chosen. Nothing else of the job is touched. */
    show: (jobId: JobId, what: { readonly traces?: Job['traces']; readonly placement?: unknown }): Promise<void> =>
      store.transaction(async (tables) => {
        const job = await tables.jobs.get(jobId);
        if (job !== undefined) await tables.jobs.put({ ...job, ...what });
      }),
  };
}

export const stepId = (jobId: JobId, index: number): string => `${jobId}:${index}`;

import type { Trace, Waiting } from '#contract/api/jobs.ts';
import { type Failure, FarmError, isFarmError } from '#contract/errors.ts';
import type { Actor, JobId } from '#contract/ids.ts';
import type { NextAct } from '../model/jobs/machine.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/request.ts';
import { toFailure } from './failure.ts';
import type { Change, JobRecord, JobRecords, Saved } from './job-records.ts';
import type { FailPoint, JobTable, Step, StepContext } from './job-table.ts';
import { versionsOf } from './job-tables.ts';
import { perform } from './perform.ts';

/** How long a look at what exists may take before it is told as remembered. */
const lookMs = 5000;

export type RunnerDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly records: JobRecords;
  readonly failPoint: FailPoint;
  /** Called after every save and whenever a step says what it waits for. */
  readonly onSaved: (record: JobRecord, waiting?: Waiting) => void;
};

export type Run = {
  readonly jobId: JobId;
  readonly actor: Actor;
  readonly table: JobTable;
  readonly cancel: AbortSignal;
  /** What an aborted step of this job left running; the next act waits for it. */
  readonly straggler: Promise<unknown> | undefined;
  readonly onStraggler: (straggler: Promise<unknown>) => void;
};

/** Brings jobs through their tables, one step at a time. It holds no state of its own: everything is in the store. */
export function createJobRunner(deps: RunnerDeps) {
  const { records, clock, log } = deps;

  const save = async (run: Run, change: Omit<Change, 'actor'>): Promise<Saved> => {
    const saved = await records.save(run.jobId, { ...change, actor: run.actor });
    deps.onSaved(saved);
    return saved;
  };

  const contextOf = (run: Run, record: JobRecord, index: number, signal: AbortSignal): StepContext => {
    const memos = new Map(record.steps.map((step) => [step.name, step.memo]));
    const row = record.steps[index];
    const step = run.table.steps[index];
    return {
      job: record.job,
      actor: run.actor,
      signal,
      idempotencyKey: step?.idempotencyKey(record.job) ?? '',
      memo: (name) => memos.get(name) ?? {},
      remember: async (memo) => {
        if (row === undefined) return;
        const next = await records.remember(run.jobId, index, memo);
        memos.set(next.name, next.memo);
      },
      waitFor: (waiting) => {
        if (!signal.aborted) deps.onSaved(record, waiting);
      },
    };
  };

  const limited = <Result>(run: Run, step: Step, timeoutMs: number, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> =>
    perform(
      {
        clock,
        cancel: run.cancel,
        timeoutMs,
        timeout: () => new FarmError('JOB_STEP_TIMEOUT', { step: step.name, seconds: Math.round(timeoutMs / 1000) }),
      },
      async (signal) => {
        await run.straggler;
        return work(signal);
      },
      run.onStraggler,
    );

  const act = async (run: Run, record: JobRecord, step: Step, index: number): Promise<'done' | 'skipped'> => {
    const point = `${run.table.type}.${step.name}`;
    await deps.failPoint(`${point}.before`);
    const answer = await limited(run, step, step.timeoutMs, (signal) => step.act(contextOf(run, record, index, signal)));
    await deps.failPoint(`${point}.after`);
    return answer;
  };

  const undo = async (run: Run, record: JobRecord, step: Step, index: number): Promise<'done'> => {
    const point = `${run.table.type}.${step.name}`;
    await deps.failPoint(`${point}.before.undo`);
    await limited(run, step, step.timeoutMs, async (signal) => {
      const context = contextOf(run, record, index, signal);
      await step.undo(context);
      if (await step.isThere(context)) throw new FarmError('JOB_NOT_UNDONE', { step: step.name });
    });
    await deps.failPoint(`${point}.after.undo`);
    return 'done';
  };

  /** One act that is saved as begun, to what is saved after it. */
  const play = async (run: Run, record: JobRecord, next: Exclude<NextAct, { act: 'none' }>): Promise<Saved> => {
    const { index } = next;
    const step = run.table.steps[index];
    try {
      if (step === undefined) throw new FarmError('JOB_OTHER_VERSION', versionsOf(run.table, record));
      const outcome = await (next.act === 'do' ? act(run, record, step, index) : undo(run, record, step, index));
      return await save(run, { event: { kind: 'finished', index, outcome }, isNextBegun: !run.cancel.aborted });
    } catch (error) {
      const failure = failureOf(error, run, step);
      return save(run, { event: { kind: 'failed', index }, failure, isNextBegun: false });
    }
  };

  /** A step that the end of the core cut off is named, so that the sentence can be said. */
  const failureOf = (error: unknown, run: Run, step: Step | undefined): Failure => {
    if (isFarmError(error, 'JOB_INTERRUPTED')) return { code: error.code, parameters: { step: step?.name ?? error.parameters.step } };
    return toFailure(error, log, { job: run.jobId, step: step?.name ?? '' });
  };

  const tracesOf = async (run: Run, record: JobRecord, step: Step, index: number): Promise<readonly Trace[]> => {
    const stop = new AbortController();
    const disarm = clock.after(lookMs, () => stop.abort(new FarmError('JOB_STEP_TIMEOUT', { step: step.name, seconds: lookMs / 1000 })));
    const signal = AbortSignal.any([run.cancel, stop.signal]);
    try {
      return await step.traces(contextOf(run, record, index, signal));
    } catch (error) {
      if (!run.cancel.aborted) log.warn('job-traces', { job: run.jobId, step: step.name, ...toFailure(error, log, { job: run.jobId }) });
      return [];
    } finally {
      disarm();
    }
  };

  return {
    /** Steps that were done are asked whether their effect still stands; one that has gone, or cannot be asked, is done again. */
    recheck: async (run: Run): Promise<void> => {
      let record = await records.load(run.jobId);
      if (record.job.state !== 'running') return;
      for (const row of record.steps) {
        const step = run.table.steps[row.index];
        if (step === undefined || row.outcome !== 'done' || run.cancel.aborted) continue;
        const current = record;
        const stands = await limited(run, step, lookMs, (signal) => step.isThere(contextOf(run, current, row.index, signal))).catch(
          () => false,
        );
        if (!stands && !run.cancel.aborted) record = await save(run, { event: { kind: 'lost', index: row.index }, isNextBegun: false });
      }
    },
    /** Acts until the job ends, stops or is held. Never throws for what a step did. */
    play: async (run: Run, begun: Saved): Promise<JobRecord> => {
      let saved = begun;
      while (saved.begun.act !== 'none') saved = await play(run, saved, saved.begun);
      return saved;
    },
    /** Looks what exists now because of a job, and saves it; a look that is cancelled saves nothing. */
    look: async (run: Run): Promise<void> => {
      const record = await records.load(run.jobId);
      const asked = record.steps.map((row, index) => {
        const step = run.table.steps[index];
        return step === undefined || (row.attempts === 0 && index > 0) ? [] : tracesOf(run, record, step, index);
      });
      const traces = (await Promise.all(asked)).flat();
      if (run.cancel.aborted) return;
      await records.putTraces(run.jobId, traces);
      deps.onSaved(await records.load(run.jobId));
    },
  };
}

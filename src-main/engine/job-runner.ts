import type { Leftover, Waiting } from '#contract/api/jobs.ts';
import { type Failure, FarmError, isFarmError } from '#contract/errors.ts';
import type { Actor, JobId } from '#contract/ids.ts';
import { advance, type NextAct, nextAct } from '../model/jobs/machine.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/request.ts';
import { toFailure } from './failure.ts';
import { type Change, type JobRecord, type JobRecords, progressOf, type Saved } from './job-records.ts';
import type { Acted, FailPoint, JobTable, Checkpoint, Step, StepContext, LeftoverLook } from './job-table.ts';
import type { Links } from './links.ts';
import type { Slots } from './slots.ts';
import { versionsOf } from './job-tables.ts';
import { aborted, perform } from './perform.ts';

/** How long a look at what exists may take before it is told as unknown. */
const lookMs = 5000;

export type RunnerDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly records: JobRecords;
  readonly slots: Slots;
  readonly links: Links;
  readonly failPoint: FailPoint;
  /** Called after every save and whenever a step says what it waits for. */
  readonly onSaved: (record: JobRecord, waiting?: Waiting) => void;
};

export type Run = {
  readonly jobId: JobId;
  readonly actor: Actor;
  readonly table: JobTable;
  readonly cancel: AbortSignal;
  /** What aborted acts of this job left running, in this run or one before, until none of it runs; undefined where there is nothing. The next act waits for it. */
  readonly stragglers: () => Promise<unknown> | undefined;
  readonly onStraggler: (straggler: Promise<unknown>) => void;
};

type Acting = Exclude<NextAct, { act: 'none' }>;

/** Brings jobs through their tables, one step at a time. It holds no state of its own: everything is in the store. */
export function createJobRunner(deps: RunnerDeps) {
  const { records, clock, log } = deps;

  const save = async (run: Run, change: Omit<Change, 'actor'>): Promise<Saved> => {
    const saved = await records.save(run.jobId, { ...change, actor: run.actor });
    deps.onSaved(saved);
    return saved;
  };

  const contextOf = (run: Run, record: JobRecord, index: number, signal: AbortSignal, isRepeat = true): StepContext => {
    const checkpoints = new Map(record.steps.map((step) => [step.name, step.checkpoint]));
    const attempts = new Map(record.steps.map((step) => [step.name, step.attempts]));
    const row = record.steps[index];
    return {
      job: record.job,
      actor: run.actor,
      signal,
      isRepeat,
      attempts: (name) => attempts.get(name) ?? 0,
      checkpoint: (name) => checkpoints.get(name) ?? {},
      remember: async (checkpoint) => {
        if (row === undefined) return;
        const next = await records.remember(run.jobId, index, checkpoint);
        checkpoints.set(next.name, next.checkpoint);
      },
      tell: async (told) => {
        if (row !== undefined) await records.tell(run.jobId, index, told);
      },
      show: async (what) => {
        await records.show(run.jobId, what);
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
        await run.stragglers();
        return work(signal);
      },
      run.onStraggler,
    );

  /** A link that broke in the middle of a step is waited for once, outside the step's own limit; one that was not there when it began is not. */
  const overBrokenLink = async <Result>(
    run: Run,
    record: JobRecord,
    serverId: string | undefined,
    work: (isAgain: boolean) => Promise<Result>,
  ): Promise<Result> => {
    const stood = serverId !== undefined && deps.links.stands(serverId);
    try {
      return await work(false);
    } catch (error) {
      if (!stood || !isFarmError(error, 'SERVER_UNREACHABLE') || run.cancel.aborted) throw error;
      deps.onSaved(record, { code: 'link', parameters: { server: error.parameters.server } });
      if (!(await deps.links.back(serverId, run.cancel))) throw error;
      return work(true);
    }
  };

  const act = async (run: Run, record: JobRecord, step: Step, index: number): Promise<Acted> => {
    const point = `${run.table.type}.${step.name}`;
    await deps.failPoint(`${point}.before`);
    const context = contextOf(run, record, index, run.cancel);
    const slots = (await step.slots?.(context)) ?? [];
    const isFirst = record.steps[index]?.attempts === 1;
    const inSlot = async (isAgain: boolean): Promise<Acted> => {
      // Given back while a broken link is waited for.
      const leave = await deps.slots.take(slots, run.cancel, () => deps.onSaved(record, { code: 'turn', parameters: {} }));
      try {
        const now = isAgain ? await records.load(run.jobId) : record;
        const isRepeat = !isFirst || isAgain;
        return await limited(run, step, step.timeoutMs(record.job), (signal) => step.act(contextOf(run, now, index, signal, isRepeat)));
      } finally {
        leave();
      }
    };
    const acted = await overBrokenLink(run, record, await step.server?.(context), inSlot);
    await deps.failPoint(`${point}.after`);
    return acted;
  };

  const undo = async (run: Run, record: JobRecord, step: Step, index: number): Promise<Acted> => {
    const point = `${run.table.type}.${step.name}`;
    await deps.failPoint(`${point}.before.undo`);
    const server = await step.server?.(contextOf(run, record, index, run.cancel));
    await overBrokenLink(run, record, server, (isAgain) =>
      limited(run, step, step.timeoutMs(record.job), async (signal) => {
        const now = isAgain ? await records.load(run.jobId) : record;
        const context = contextOf(run, now, index, signal);
        await step.undo(context);
        if (await step.isThere(context)) throw new FarmError('JOB_NOT_UNDONE', { step: step.name });
      }),
    );
    await deps.failPoint(`${point}.after.undo`);
    return { outcome: 'done' };
  };

  /** What stands before the step that comes next, seen before it begins; a look that fails is left to the step itself. */
  const aheadOf = async (
    run: Run,
    record: JobRecord,
    index: number,
    acted: Acted,
  ): Promise<{ index: number; checkpoint: Checkpoint } | undefined> => {
    const after = advance(progressOf(record), { kind: 'finished', index, outcome: acted.outcome });
    const next = nextAct(after.progress);
    const step = next.act === 'do' ? run.table.steps[next.index] : undefined;
    if (next.act !== 'do' || step?.ahead === undefined || run.cancel.aborted) return undefined;
    const steps = record.steps.map((row, at) => (at === index ? { ...row, checkpoint: { ...row.checkpoint, ...acted.checkpoint } } : row));
    try {
      const seen = await limited(
        run,
        step,
        lookMs,
        (signal) => step.ahead?.(contextOf(run, { ...record, steps }, next.index, signal)) ?? Promise.resolve({}),
      );
      return { index: next.index, checkpoint: seen };
    } catch {
      return undefined;
    }
  };

  /** One act that is saved as begun, to what is saved after it. */
  const play = async (run: Run, record: JobRecord, next: Acting): Promise<Saved> => {
    const { index } = next;
    const step = run.table.steps[index];
    try {
      if (step === undefined) throw new FarmError('JOB_OTHER_VERSION', versionsOf(run.table, record));
      const acted = await (next.act === 'do' ? act(run, record, step, index) : undo(run, record, step, index));
      const ahead = next.act === 'do' ? await aheadOf(run, record, index, acted) : undefined;
      return await save(run, {
        event: { kind: 'finished', index, outcome: acted.outcome },
        isNextBegun: !run.cancel.aborted,
        ...(acted.checkpoint === undefined ? {} : { checkpoints: new Map([[index, acted.checkpoint]]) }),
        ahead,
      });
    } catch (error) {
      await settle(run, record, index, next, error);
      const failure = failureOf(error, run, step);
      return save(run, {
        event: { kind: 'failed', index, outcome: outcomeOf(run, error) },
        failure,
        isNextBegun: run.table.onFailure === 'back',
      });
    }
  };
  /** What the core's own end cut off is no failure of the job: it stops, and its next start decides. */
  const outcomeOf = (run: Run, error: unknown): JobTable['onFailure'] =>
    isFarmError(error, 'JOB_INTERRUPTED') ? 'wait' : run.table.onFailure;

  const settle = async (run: Run, record: JobRecord, index: number, next: Acting, error: unknown): Promise<void> => {
    if (run.table.settle === undefined || next.act !== 'do' || outcomeOf(run, error) !== 'end') return;
    const stop = new AbortController();
    const disarm = clock.after(lookMs, () => stop.abort(new FarmError('JOB_STEP_TIMEOUT', { step: '', seconds: lookMs / 1000 })));
    try {
      await run.table.settle(contextOf(run, await records.load(record.job.id), index, stop.signal), error);
    } catch (failed) {
      log.warn('job-settle', { job: run.jobId, ...toFailure(failed, log, { job: run.jobId }) });
    } finally {
      disarm();
    }
  };

  /** A step that the end of the core cut off is named, so that the sentence can be said. */
  const failureOf = (error: unknown, run: Run, step: Step | undefined): Failure => {
    if (isFarmError(error, 'JOB_INTERRUPTED')) return { code: error.code, parameters: { step: step?.name ?? error.parameters.step } };
    return toFailure(error, log, { job: run.jobId, step: step?.name ?? '' });
  };

  /** Nobody knows whether it is there. Of what: as words choose by it, in letters only. */
  const unasked = (of: string, failure: Failure): Leftover => ({
    code: 'unasked',
    parameters: { what: of.replaceAll('-', '') },
    isPresent: false,
    failure,
    checkedAtMs: clock.nowMs(),
    witness: 'core',
  });

  const leftoversOf = async (run: Run, record: JobRecord, step: Step, index: number): Promise<readonly Leftover[]> => {
    const stop = new AbortController();
    const disarm = clock.after(lookMs, () => stop.abort(new FarmError('JOB_STEP_TIMEOUT', { step: step.name, seconds: lookMs / 1000 })));
    const signal = AbortSignal.any([run.cancel, stop.signal]);
    const see = async (look: LeftoverLook): Promise<readonly Leftover[]> => {
      try {
        signal.throwIfAborted();
        // One that gives no answer is left to itself: it changes nothing, and whoever wants to go on with the job does not wait for it.
        return await Promise.race([look.see(), aborted(signal)]);
      } catch (error) {
        if (run.cancel.aborted) return [];
        const failure = toFailure(error, log, { job: run.jobId });
        log.warn('job-leftovers', { job: run.jobId, step: step.name, of: look.of, ...failure });
        return [unasked(look.of, failure)];
      }
    };
    try {
      return (await Promise.all(step.leftovers(contextOf(run, record, index, signal)).map(see))).flat();
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
    /** Acts until the job ends, stops or is paused. Never throws for what a step did. */
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
        return step === undefined || (row.attempts === 0 && index > 0) ? [] : leftoversOf(run, record, step, index);
      });
      const leftovers = (await Promise.all(asked)).flat();
      if (run.cancel.aborted) return;
      await records.show(run.jobId, { traces: leftovers });
      deps.onSaved(await records.load(run.jobId));
    },
  };
}

import type { JobView, StepView, Waiting } from '#contract/api/jobs.ts';
import type { Job, JobStep } from '../model/jobs/job.ts';
import type { Durations } from './durations.ts';
import type { JobRecord } from './job-records.ts';
import type { JobTable } from './job-table.ts';
import { toldOf } from './step-notes.ts';

/** The step after whose begin a job can only be continued, if that step has begun. */
export function pastReturn(table: JobTable | undefined, { job, steps }: JobRecord): JobStep | undefined {
  if (job.direction === 'back') return undefined;
  return steps.find((step) => step.attempts > 0 && table?.steps.find(({ name }) => name === step.name)?.isPastReturn?.(job, step) === true);
}

function waitingOf(
  job: Job,
  step: JobStep,
  table: JobTable | undefined,
  live: Waiting | undefined,
  durations: Durations,
): Waiting | undefined {
  if (step.outcome !== 'doing') return undefined;
  const waiting = live ?? table?.steps[step.index]?.waiting(job);
  if (waiting === undefined) return undefined;
  const usuallyMs = waiting.usuallyMs ?? durations.usuallyMs(job.type, step.name);
  return usuallyMs === undefined ? waiting : { ...waiting, usuallyMs };
}

function stepView(step: JobStep, waiting: Waiting | undefined): StepView {
  const notes = toldOf(step.checkpoint);
  return {
    name: step.name,
    // done once, found lost, and to be done again: nothing failed
    state: step.outcome === 'failed' && step.failure === null ? 'waiting' : step.outcome,
    attempts: step.attempts,
    ...(step.startedAtMs === null ? {} : { startedAtMs: step.startedAtMs }),
    ...(step.endedAtMs === null ? {} : { endedAtMs: step.endedAtMs }),
    ...(waiting === undefined ? {} : { waiting }),
    ...(step.failure === null ? {} : { failure: step.failure }),
    ...(step.attempts === 0 ? {} : { actor: step.actor }),
    ...(notes.length === 0 ? {} : { notes: [...notes] }),
  };
}

/** A job as people see it. `live`: what the present step waits for, where it has said so itself. */
export function jobView(record: JobRecord, table: JobTable | undefined, live: Waiting | undefined, durations: Durations): JobView {
  const { job, steps } = record;
  const usuallyMs = durations.usuallyMs(job.type);
  return {
    id: job.id,
    type: job.type,
    subject: job.subject,
    actor: job.actor,
    state: job.state,
    direction: job.direction,
    steps: steps.map((step) => stepView(step, waitingOf(job, step, table, live, durations))),
    createdAtMs: job.createdAtMs,
    ...(job.endedAtMs === null ? {} : { endedAtMs: job.endedAtMs }),
    ...(usuallyMs === undefined ? {} : { usuallyMs }),
    ...(job.failure === null ? {} : { failure: job.failure }),
    canUndo: pastReturn(table, record) === undefined,
    traces: [...job.traces],
    ...(job.placement === null || job.placement === undefined ? {} : { placement: job.placement }),
  };
}

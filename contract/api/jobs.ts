import { eventIterator } from '@orpc/contract';
import * as z from 'zod';
import { failure } from '../errors.ts';
import { actor, instant, jobId, language } from '../ids.ts';
import { type ActOf, actsOf } from '../catalogue/job-acts.ts';
import { type ByRowType, byRowTypes, type JobType, jobTypes } from '../catalogue/jobs.ts';
import { line } from '../plain-text.ts';
import { look, operate, parameters, write } from './base.ts';

export const jobType = z.enum(jobTypes);

/** Waiting for what: the words are `jobs.waiting.<code>`. */
export const waiting = z.object({ code: z.string(), parameters, usuallyMs: z.number().optional() });
export type Waiting = z.infer<typeof waiting>;

/** What people must know of a step beside its state: the words are `jobs.note.<code>`. */
export const stepNote = z.object({ code: z.string(), parameters });
export type StepNote = z.infer<typeof stepNote>;

export const stepState = z.enum(['waiting', 'doing', 'done', 'failed', 'undoing', 'undone', 'skipped']);
export const stepView = z.object({
  name: z.string(),
  state: stepState,
  attempts: z.number().int(),
  startedAtMs: instant.optional(),
  endedAtMs: instant.optional(),
  waiting: waiting.optional(),
  failure: failure.optional(),
  actor: actor.optional(),
  /** Absent when there is nothing more to say, and from cores of earlier days. */
  notes: z.array(stepNote).optional(),
});
export type StepView = z.infer<typeof stepView>;

/**
 * running → done | stopped | failed | pausing → paused; stopped | paused → running (continue) | undoing → undone | stopped.
 * `direction` says which way a running or stopped job goes. `failed` is the end of a job that locks nobody out by its failure.
 */
export const jobState = z.enum(['running', 'pausing', 'paused', 'stopped', 'done', 'undoing', 'undone', 'failed']);
export type JobState = z.infer<typeof jobState>;
/** Nothing of the job goes on, and nothing is locked for it. */
export const isEndedState = (state: JobState): boolean => state === 'done' || state === 'undone' || state === 'failed';
/** It takes back what it did, or waits to go on with that; also once it is undone. */
export const isGoingBack = ({ direction }: { readonly direction: 'forward' | 'back' }): boolean => direction === 'back';
/** Nobody works on it any more: it has ended, or waits for a person. */
export const isSettledState = (state: JobState): boolean => isEndedState(state) || state === 'stopped' || state === 'paused';

/**
 * One thing that exists because of a job, or is proved gone: the words are `jobs.trace.<code>`. With `failure` nobody could be asked, and it says why:
 * then `isPresent` means nothing. `witness`: the vantage point it was seen from; the outer name is kept from earlier versions.
 */
export const leftover = z.object({
  code: z.string(),
  parameters,
  isPresent: z.boolean(),
  checkedAtMs: instant,
  witness: z.string(),
  failure: failure.optional(),
});
export type Leftover = z.infer<typeof leftover>;

export const jobView = z.object({
  id: jobId,
  type: jobType,
  subject: z.object({ kind: z.enum(['instance', 'server', 'certificate', 'domain']), id: z.string(), name: z.string() }),
  actor,
  state: jobState,
  direction: z.enum(['forward', 'back']),
  steps: z.array(stepView),
  createdAtMs: instant,
  endedAtMs: instant.optional(),
  /** What such a job usually takes here, from kept durations; absent when none ran yet. */
  usuallyMs: z.number().optional(),
  failure: failure.optional(),
  /** False once a step has begun that takes data away for good: then only *Continue* leads on. */
  canUndo: z.boolean(),
  /** What exists now (stopped), or the proof list (removed). */
  /** Its leftovers, and what is gone. The outer name is kept from earlier versions. */
  traces: z.array(leftover),
  /** The placement's sentences, as they were when the job chose. */
  placement: z.unknown().optional(),
});
export type JobView = z.infer<typeof jobView>;

/** What would be done, and to what: as the type's row asks. */
export const rehearsalRequest = actsOf(jobTypes);
export type RehearsalRequest = ActOf<JobType>;
/** What is to be done, of the types that begin by their row. */
export const beginRequest = actsOf(byRowTypes);
export type BeginRequest = ActOf<ByRowType>;

/** One thing that would change: the words are `jobs.change.<code>.title` and `.says`; `title` and `says` are they, said. */
export const rehearsedChange = z.object({
  step: z.string(),
  kind: z.string(),
  code: z.string(),
  parameters,
  /** False: it is changed where it does not stand so already; nobody was asked. */
  isCertain: z.boolean(),
  title: z.string(),
  says: z.string(),
});
export type RehearsedChange = z.infer<typeof rehearsedChange>;

const byId = write({ jobId });
export const jobs = {
  /**
   * Begins a job of any type that asks for no more than its row says. Throws `PERMISSION_MISSING` naming the permission of the row, and what the job refuses;
   * then there is no job. Where the same is under way already, that job is answered.
   */
  begin: operate
    .route({ method: 'POST', path: '/jobs', summary: 'Begin a job: answers with the job', tags: ['jobs'] })
    .input(write({ act: beginRequest }))
    .output(jobView),
  rehearse: look
    .route({ method: 'POST', path: '/jobs/rehearsals', summary: 'Say what an act would change, without doing it', tags: ['jobs'] })
    .input(z.object({ act: rehearsalRequest, language: language.optional() }))
    .output(z.object({ changes: z.array(rehearsedChange) })),
  list: look
    .route({ method: 'GET', path: '/jobs', summary: 'List jobs, newest first', tags: ['jobs'] })
    .input(
      z.object({
        state: jobState.optional(),
        subjectId: line.max(200).optional(),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
    )
    .output(z.object({ jobs: z.array(jobView) })),
  get: look
    .route({ method: 'GET', path: '/jobs/{jobId}', summary: 'One job with its steps', tags: ['jobs'] })
    .input(z.object({ jobId }))
    .output(jobView),
  /** The whole job after every change; ends when the job has ended. */
  watch: look
    .route({ method: 'GET', path: '/jobs/{jobId}/watch', summary: 'Follow one job until it ends', tags: ['jobs'] })
    .input(z.object({ jobId }))
    .output(eventIterator(jobView)),
  pause: operate
    .route({ method: 'POST', path: '/jobs/{jobId}/pause', summary: 'Hold a job after its present step', tags: ['jobs'] })
    .input(byId)
    .output(jobView),
  cancel: operate
    .route({ method: 'POST', path: '/jobs/{jobId}/cancel', summary: 'Stop a job now', tags: ['jobs'] })
    .input(byId)
    .output(jobView),
  continue: operate
    .route({ method: 'POST', path: '/jobs/{jobId}/continue', summary: 'Continue a stopped or paused job', tags: ['jobs'] })
    .input(byId)
    .output(jobView),
  undo: operate
    .route({ method: 'POST', path: '/jobs/{jobId}/undo', summary: 'Undo everything a stopped job did', tags: ['jobs'] })
    .input(byId)
    .output(jobView),
};

import type { JobType, Trace, Waiting } from '#contract/api/jobs.ts';
import type { Actor } from '#contract/ids.ts';
import type { Job } from '../model/jobs/job.ts';

/** What a step sees while it acts. */
export type StepContext = {
  /** As it was saved when the step began. */
  readonly job: Job;
  /** Who let this step act: who asked for the job, or who continued or undid it. */
  readonly actor: Actor;
  /** Aborted by a timeout, a cancel or the end of the core. A step passes it on to everything it waits for. */
  readonly signal: AbortSignal;
  /** The same for every attempt of the same step. */
  readonly idempotencyKey: string;
  /** What a step of this job has remembered: plain JSON without secrets. */
  readonly memo: (step: string) => Readonly<Record<string, unknown>>;
  /** Adds to this step's memo and resolves once it is saved: before the act that it is about. */
  readonly remember: (memo: Readonly<Record<string, unknown>>) => Promise<void>;
  /** Says what is waited for now; shown at once, not saved. */
  readonly waitFor: (waiting: Waiting) => void;
};

/**
 * One step of a job. `act` and `undo` may be called any number of times, after any interruption: the second call has the effect of one.
 * `isThere` says whether the step's effect stands; it is asked when a job is continued (a lost effect is made again) and after an undo
 * (a remaining one is a failure). A step without a lasting effect answers false, and is simply done again.
 */
export type Step = {
  readonly name: string;
  readonly timeoutMs: number;
  readonly idempotencyKey: (job: Job) => string;
  readonly waiting: (job: Job) => Waiting;
  readonly act: (context: StepContext) => Promise<'done' | 'skipped'>;
  readonly isThere: (context: StepContext) => Promise<boolean>;
  readonly undo: (context: StepContext) => Promise<void>;
  /** What exists now because of this step, or is proved gone. What cannot be asked is told as remembered. */
  readonly traces: (context: StepContext) => Promise<readonly Trace[]>;
  /** Takes away what cannot be brought back: once it has begun, the job can only be continued. */
  readonly isPastReturn?: boolean;
};

export type JobTable = {
  readonly type: JobType;
  /** Rises when a job begun by an older table could be misunderstood. */
  readonly version: number;
  /** Versions whose jobs this table continues. */
  readonly continues: readonly number[];
  readonly steps: readonly Step[];
};

/**
 * Where tests kill the core: `<type>.<step>.before` (saved, not begun), `.after` (acted, not saved), and the same with `.undo`.
 * Given by compose; does nothing in a program that people use.
 */
export type FailPoint = (name: string) => void | Promise<void>;

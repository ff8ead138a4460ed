import type { StepNote, Leftover, Waiting } from '#contract/api/jobs.ts';
import type { ByRowType, JobRow, JobType } from '#contract/catalogue/jobs.ts';
import type { Actor } from '#contract/ids.ts';
import type { Job, JobStep } from '../model/jobs/job.ts';
import type { JobPlanning } from '../ports/job-plan.ts';
import type { Rehearsed } from './rehearse.ts';

export type Checkpoint = JobStep['checkpoint'];

/** What a step sees while it acts. */
export type StepContext = {
  /** As it was saved when the step began. */
  readonly job: Job;
  /** Who let this step act: who asked for the job, or who continued or undid it. */
  readonly actor: Actor;
  /** Aborted by a timeout, a cancel or the end of the core. A step passes it on to everything it waits for. */
  readonly signal: AbortSignal;
  /** False for the first act of a step only: then what was seen when it began still holds. */
  readonly isRepeat: boolean;
  /** How often each step of this job has begun; 0 for one that never did. */
  readonly attempts: (step: string) => number;
  /** What a step of this job has remembered: plain JSON without secrets. */
  readonly checkpoint: (step: string) => Checkpoint;
  /** Adds to this step's checkpoint and resolves once it is saved: before the act that it is about. */
  readonly remember: (checkpoint: Checkpoint) => Promise<void>;
  /** Saves with the step what people must know of it, once, and resolves when that is saved. */
  readonly tell: (told: StepNote) => Promise<void>;
  /** Saves with the job what people are shown of it. */
  readonly show: (what: { readonly traces?: readonly Leftover[]; readonly placement?: unknown }) => Promise<void>;
  /** Says what is waited for now; shown at once, not saved. */
  readonly waitFor: (waiting: Waiting) => void;
};

/** `checkpoint` is saved together with the step's end. */
export type Acted = { readonly outcome: 'done' | 'skipped'; readonly checkpoint?: Checkpoint };

/** A look at one kind of thing that a step may have left, each on its own: one that nobody answers hides none of the others. */
export type LeftoverLook = { readonly of: string; readonly see: () => Promise<readonly Leftover[]> };

/**
 * One step of a job. `act` and `undo` may be called any number of times, after any interruption: the second call has the effect of one.
 * `isThere` says whether the step's effect stands; it is asked when a job is continued (a lost effect is made again) and after an undo
 * (a remaining one is a failure). A step without a lasting effect answers false, and is simply done again.
 */
export type Step = {
  readonly name: string;
  /** Milliseconds. */
  readonly timeoutMs: (job: Job) => number;
  readonly waiting: (job: Job) => Waiting;
  /** What of this step is limited in number, e.g. `setup@<server>`. */
  readonly slots?: (context: StepContext) => Promise<readonly string[]>;
  /** The server whose link the step needs. */
  readonly server?: (context: StepContext) => Promise<string | undefined>;
  /** Looks before the step begins; what it answers is saved with the begin. It changes nothing, and may fail: then `act` looks itself. */
  readonly ahead?: (context: StepContext) => Promise<Checkpoint>;
  readonly act: (context: StepContext) => Promise<Acted>;
  readonly isThere: (context: StepContext) => Promise<boolean>;
  readonly undo: (context: StepContext) => Promise<void>;
  /** What exists now because of this step, or is proved gone. */
  readonly leftovers: (context: StepContext) => readonly LeftoverLook[];
  /** Takes away what cannot be brought back: once it has begun, the job can only be continued. */
  readonly isPastReturn?: (job: Job, step: JobStep) => boolean;
};

/** How a type that begins by its row begins, whatever it is asked and whatever its input is. */
export type AnyPlanning = JobPlanning<ByRowType, Checkpoint>;

export type JobTable = {
  readonly type: JobType;
  /** Absent for a type that is begun by code of its own. */
  readonly begin?: AnyPlanning;
  readonly onFailure: JobRow['onFailure'];
  readonly resume: JobRow['resume'];
  /** Rises when a job begun by an older table could be misunderstood. */
  readonly version: number;
  /** Versions whose jobs this table continues. */
  readonly continues: readonly number[];
  readonly steps: readonly Step[];
  /** See `rehearse.ts`. Throws what reading the input throws. */
  readonly rehearse?: (input: Checkpoint, serverName: (serverId: string) => Promise<string>) => Promise<readonly Rehearsed[]>;
  /** Before a job of the kind `end` is saved as failed: brings what is desired in line with what could be done. Repeatable. */
  readonly settle?: (context: StepContext, failure: unknown) => Promise<void>;
};

/**
 * Where tests kill the core: `<type>.<step>.before` (saved, not begun), `.after` (acted, not saved), and the same with `.undo`.
 * Given by compose; does nothing in a program that people use.
 */
export type FailPoint = (name: string) => void | Promise<void>;

import type { JobState, Leftover, Waiting } from '#contract/api/jobs.ts';
import type { JobType } from '#contract/catalogue/jobs.ts';
import type { Failure } from '#contract/errors.ts';
import type { Actor, FarmId, Instant, JobId } from '#contract/ids.ts';

export type JobSubject = { readonly kind: 'instance' | 'server' | 'certificate' | 'domain'; readonly id: string; readonly name: string };

/** What a step has come to. Saved before (doing, undoing) and after (done, failed, undone) the step acts. */
export type StepOutcome = 'waiting' | 'doing' | 'done' | 'failed' | 'undoing' | 'undone' | 'skipped';

/** One saved step. `checkpoint` is what the step must remember to check, repeat or undo itself: plain JSON without secrets. */
export type JobStep = {
  /** `<jobId>:<index>` */
  readonly id: string;
  readonly farmId: FarmId;
  readonly jobId: JobId;
  readonly index: number;
  readonly name: string;
  readonly outcome: StepOutcome;
  readonly attempts: number;
  readonly startedAtMs: Instant | null;
  readonly endedAtMs: Instant | null;
  readonly waiting: Waiting | null;
  readonly failure: Failure | null;
  readonly actor: Actor;
  readonly checkpoint: Readonly<Record<string, unknown>>;
};

export type Job = {
  readonly id: JobId;
  readonly farmId: FarmId;
  readonly type: JobType;
  /** The version of the step table that began it. */
  readonly version: number;
  readonly subject: JobSubject;
  readonly actor: Actor;
  /** The request key of the act that asked for it: unique per farm and actor. */
  readonly requestKey: string;
  readonly state: JobState;
  readonly direction: 'forward' | 'back';
  /** What it was asked to do: plain JSON, secrets sealed. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly failure: Failure | null;
  /** Its leftovers. The column and the outer field keep the name of earlier versions. */
  readonly traces: readonly Leftover[];
  readonly placement: unknown;
  readonly createdAtMs: Instant;
  readonly endedAtMs: Instant | null;
};

/** A lock of one object by one job. `id` is `<kind>:<object id>`. */
export type Lock = { readonly id: string; readonly farmId: FarmId; readonly jobId: JobId; readonly takenAtMs: Instant };

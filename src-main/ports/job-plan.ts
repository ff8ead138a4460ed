import type { JobView } from '#contract/api/jobs.ts';
import type { AskedOf, ByRowType } from '#contract/catalogue/jobs.ts';
import type { Job, JobSubject } from '../model/jobs/job.ts';
import type { By } from '../model/operators/by.ts';
import type { Tables } from './store.ts';

/** Written in the transaction that begins a job, with the tables that are given alone. What it throws refuses the job. */
export type Within = (tables: Tables, job: Job) => Promise<void>;

/** What a job would be: the same for whoever begins it and for whoever asks what it would change. */
export type JobPlan<I> = {
  readonly subject: JobSubject;
  /** Plain JSON; secrets sealed. */
  readonly input: I;
  /** What the sentences of its rehearsal name. */
  readonly parameters: () => Promise<Readonly<Record<string, string | number>>>;
  /** `<kind>:<object id>` of everything that nobody else may change meanwhile. */
  readonly locks: readonly string[];
  readonly within: Within;
};

/** What can be done with a job that is there. */
export type OtherJobs = {
  readonly get: (jobId: string) => Promise<JobView>;
  readonly continue: (jobId: string, by: By) => Promise<JobView>;
  readonly undo: (jobId: string, by: By) => Promise<JobView>;
};

/** How a type of job that begins by its row begins. `asked`: what its row asks, read. */
export type JobPlanning<T extends ByRowType, I> = {
  /** From the store alone. Throws `NOT_FOUND`, and what makes no sense to whomever asks. */
  readonly plan: (asked: AskedOf<T>) => Promise<JobPlan<I>>;
  /**
   * What only a begin asks: whether it makes sense now, and what the outside says. What it answers is done in the transaction too, before the plan's own.
   * Throws what refuses the job.
   */
  readonly refuse?: (asked: AskedOf<T>, plan: JobPlan<I>) => Promise<Within | undefined>;
  /** The job that is under way and does the same; it is led on where it stands still. Asked before anything is planned. */
  readonly already?: (asked: AskedOf<T>, by: By, jobs: OtherJobs) => Promise<JobView | undefined>;
};

/** Thrown within, where what was planned is not so any more: it is planned again, some times. */
export class PlanOutdated extends Error {}

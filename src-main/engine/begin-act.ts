import type { JobView } from '#contract/api/jobs.ts';
import type { ActOf } from '#contract/catalogue/job-acts.ts';
import type { ByRowType } from '#contract/catalogue/jobs.ts';
import type { JobSubject } from '../model/jobs/job.ts';
import type { By } from '../model/operators/by.ts';
import { type OtherJobs, PlanOutdated } from '../ports/job-plan.ts';
import type { JobEngine } from './job-engine.ts';
import type { AnyPlanning, JobTable } from './job-table.ts';

/**
 * Begins a job of a type that begins by its row: the one way for window, command line, REST and the farm itself. The same request key from the same actor is
 * the same job. Throws what the type refuses, `OBJECT_BUSY`, `REQUEST_KEY_REUSED`; then there is no job.
 */
export type BeginAct = (act: ActOf<ByRowType>, by: By) => Promise<JobView>;

/** So often somebody may change what was planned on, in the middle of it. */
const mostTries = 5;

/** How the type of an act begins. */
export function planningOf(tables: readonly JobTable[], { type }: { readonly type: ByRowType }): AnyPlanning {
  const begin = tables.find((table) => table.type === type)?.begin;
  if (begin === undefined) throw new Error(`${type} says in no table how it begins`);
  return begin;
}

export function createBeginAct(deps: {
  readonly tables: readonly JobTable[];
  readonly engine: Pick<JobEngine, 'begin' | 'begunBy'> & OtherJobs;
  /** Has an act wait for its turn on what it is about. */
  readonly queued: (act: ActOf<ByRowType>, work: () => Promise<JobView>) => Promise<JobView>;
  /** Resolves when whoever asks sees that a job has begun on it. */
  readonly announce: (subject: JobSubject) => Promise<void>;
}): BeginAct {
  const { engine } = deps;
  const once = async ({ plan, refuse }: AnyPlanning, act: ActOf<ByRowType>, by: By): Promise<JobView> => {
    const planned = await plan(act);
    const first = await refuse?.(act, planned);
    const { subject, input, locks, within } = planned;
    return engine.begin({
      type: act.type,
      subject,
      by,
      input,
      locks,
      within: async (tables, job) => {
        await first?.(tables, job);
        await within(tables, job);
      },
    });
  };
  const begin = async (act: ActOf<ByRowType>, by: By): Promise<JobView> => {
    const planning = planningOf(deps.tables, act);
    const same = await planning.already?.(act, by, engine);
    if (same !== undefined) return same;
    for (let tries = 1; ; tries += 1) {
      try {
        return await once(planning, act, by);
      } catch (error) {
        if (!(error instanceof PlanOutdated) || tries >= mostTries) throw error;
      }
    }
  };
  return (act, by) =>
    deps.queued(act, async () => {
      const begun = await engine.begunBy(act.type, by);
      if (begun !== undefined) return begun;
      const job = await begin(act, by);
      await deps.announce(job.subject);
      return job;
    });
}

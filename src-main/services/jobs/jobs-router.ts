import { implement } from '@orpc/server';
import { jobs as contract } from '#contract/api/jobs.ts';
import { jobCatalogue } from '#contract/catalogue/jobs.ts';
import { type By, demand } from '../../model/operators/by.ts';
import type { RequestContext } from '../../ports/request.ts';
import type { BeginAct } from '../../engine/begin-act.ts';
import type { JobEngine } from '../../engine/job-engine.ts';
import type { Rehearsals } from './rehearsals.ts';

const byOf = (context: RequestContext, input: { readonly requestKey: string }): By => ({ ...context, requestKey: input.requestKey });

export function createJobsRouter(engine: JobEngine, begin: BeginAct, rehearse: Rehearsals) {
  const os = implement(contract).$context<RequestContext>();
  /** Whoever leads a job on or back needs the right to begin it. Throws `PERMISSION_MISSING`. */
  const allowed = async ({ permission }: RequestContext, jobId: string): Promise<void> =>
    demand(permission, jobCatalogue[(await engine.get(jobId)).type].permission);
  return os.router({
    begin: os.begin.handler(({ input, context }) => {
      demand(context.permission, jobCatalogue[input.act.type].permission);
      return begin(input.act, byOf(context, input));
    }),
    rehearse: os.rehearse.handler(async ({ input }) => ({ changes: await rehearse(input.act, input.language) })),
    list: os.list.handler(async ({ input }) => ({ jobs: await engine.list(input) })),
    get: os.get.handler(({ input }) => engine.get(input.jobId)),
    watch: os.watch.handler(({ input, signal }) => engine.watch(input.jobId, signal)),
    pause: os.pause.handler(async ({ input, context }) => {
      await allowed(context, input.jobId);
      return engine.pause(input.jobId, byOf(context, input));
    }),
    cancel: os.cancel.handler(async ({ input, context }) => {
      await allowed(context, input.jobId);
      return engine.cancel(input.jobId, byOf(context, input));
    }),
    continue: os.continue.handler(async ({ input, context }) => {
      await allowed(context, input.jobId);
      return engine.continue(input.jobId, byOf(context, input));
    }),
    undo: os.undo.handler(async ({ input, context }) => {
      await allowed(context, input.jobId);
      return engine.undo(input.jobId, byOf(context, input));
    }),
  });
}

import { implement } from '@orpc/server';
import { jobs as contract } from '#contract/api/jobs.ts';
import type { By } from '../../model/operators/by.ts';
import type { RequestContext } from '../../ports/request.ts';
import type { JobEngine } from '../../engine/job-engine.ts';
import type { Rehearsals } from './rehearsals.ts';

const byOf = (context: RequestContext, input: { readonly requestKey: string }): By => ({ ...context, requestKey: input.requestKey });

export function createJobsRouter(engine: JobEngine, rehearse: Rehearsals) {
  const os = implement(contract).$context<RequestContext>();
  return os.router({
    rehearse: os.rehearse.handler(async ({ input }) => ({ changes: await rehearse(input.act, input.language) })),
    list: os.list.handler(async ({ input }) => ({ jobs: await engine.list(input) })),
    get: os.get.handler(({ input }) => engine.get(input.jobId)),
    watch: os.watch.handler(({ input, signal }) => engine.watch(input.jobId, signal)),
    pause: os.pause.handler(({ input, context }) => engine.pause(input.jobId, byOf(context, input))),
    cancel: os.cancel.handler(({ input, context }) => engine.cancel(input.jobId, byOf(context, input))),
    continue: os.continue.handler(({ input, context }) => engine.continue(input.jobId, byOf(context, input))),
    undo: os.undo.handler(({ input, context }) => engine.undo(input.jobId, byOf(context, input))),
  });
}

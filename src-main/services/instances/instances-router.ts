import { implement, withEventMeta } from '@orpc/server';
import { instances as contract } from '#contract/api/instances.ts';
import type { BeginAct } from '../../engine/begin-act.ts';
import type { By } from '../../model/operators/by.ts';
import type { RequestContext } from '../../ports/request.ts';
import type { InstanceService } from './instance-service.ts';

const byOf = (context: RequestContext, input: { readonly requestKey: string }): By => ({ ...context, requestKey: input.requestKey });

export function createInstancesRouter(service: InstanceService, begin: BeginAct) {
  const os = implement(contract).$context<RequestContext>();
  return os.router({
    query: os.query.handler(({ input }) => service.query(input)),
    watch: os.watch.handler(({ input, signal }) => service.watch(input, signal)),
    get: os.get.handler(({ input }) => service.get(input.instanceId)),
    watchOne: os.watchOne.handler(({ input, signal }) => service.watchOne(input.name, signal)),
    find: os.find.handler(({ input }) => service.find(input.name)),
    checkName: os.checkName.handler(({ input }) => service.checkName(input.name, input.domainId)),
    checkParameters: os.checkParameters.handler(async ({ input }) => {
      await service.checkParameters(input.packageId, input.parameters);
      return {};
    }),
    create: os.create.handler(({ input, context }) => service.create(input, byOf(context, input))),
    remove: os.remove.handler(({ input, context }) => begin({ type: 'remove', instanceId: input.instanceId }, byOf(context, input))),
    start: os.start.handler(({ input, context }) => begin({ type: 'start', instanceId: input.instanceId }, byOf(context, input))),
    stop: os.stop.handler(({ input, context }) => begin({ type: 'stop', instanceId: input.instanceId }, byOf(context, input))),
    restart: os.restart.handler(({ input, context }) => begin({ type: 'restart', instanceId: input.instanceId }, byOf(context, input))),
    suspend: os.suspend.handler(({ input, context }) => begin({ type: 'suspend', instanceId: input.instanceId }, byOf(context, input))),
    resume: os.resume.handler(({ input, context }) => begin({ type: 'resume', instanceId: input.instanceId }, byOf(context, input))),
    handOver: os.handOver.handler(({ input, context }) => service.handOver(input.instanceId, byOf(context, input))),
    check: os.check.handler(({ input }) => service.check(input.instanceId)),
    log: os.log.handler(({ input }) => service.log(input.instanceId, input.lines)),
    followLog: os.followLog.handler(async function* ({ input, signal, lastEventId }) {
      const asked = { id: input.instanceId, lines: input.lines, lastEventId };
      for await (const { piece, id } of service.followLog(asked, signal)) yield withEventMeta(piece, { id });
    }),
  });
}

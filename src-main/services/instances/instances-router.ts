import { implement } from '@orpc/server';
import { instances as contract } from '#contract/api/instances.ts';
import type { By } from '../../model/operators/by.ts';
import type { RequestContext } from '../../ports/request.ts';
import type { InstanceService } from './instance-service.ts';

const byOf = (context: RequestContext, input: { readonly requestKey: string }): By => ({ ...context, requestKey: input.requestKey });

export function createInstancesRouter(service: InstanceService) {
  const os = implement(contract).$context<RequestContext>();
  return os.router({
    query: os.query.handler(({ input }) => service.query(input)),
    watch: os.watch.handler(({ input, signal }) => service.watch(input, signal)),
    get: os.get.handler(({ input }) => service.get(input.instanceId)),
    watchOne: os.watchOne.handler(({ input, signal }) => service.watchOne(input.name, signal)),
    find: os.find.handler(({ input }) => service.find(input.name)),
    checkName: os.checkName.handler(({ input }) => service.checkName(input.name, input.domainId)),
    create: os.create.handler(({ input, context }) => service.create(input, byOf(context, input))),
    remove: os.remove.handler(({ input, context }) => service.remove(input.instanceId, byOf(context, input))),
    start: os.start.handler(({ input }) => service.start(input.instanceId)),
    stop: os.stop.handler(({ input }) => service.stop(input.instanceId)),
    restart: os.restart.handler(({ input }) => service.restart(input.instanceId)),
    suspend: os.suspend.handler(({ input }) => service.suspend(input.instanceId)),
    resume: os.resume.handler(({ input }) => service.resume(input.instanceId)),
    handOver: os.handOver.handler(({ input }) => service.handOver(input.instanceId)),
    check: os.check.handler(({ input }) => service.check(input.instanceId)),
    log: os.log.handler(async ({ input }) => ({ lines: await service.log(input.instanceId, input.lines) })),
    followLog: os.followLog.handler(({ input, signal }) => service.followLog(input.instanceId, input.lines, signal)),
  });
}

import { implement } from '@orpc/server';
import { servers as contract } from '#contract/api/servers.ts';
import type { RequestContext } from '../../ports/request.ts';
import type { ServerService } from './server-service.ts';

export function createServersRouter(service: ServerService) {
  const os = implement(contract).$context<RequestContext>();
  return os.router({
    list: os.list.handler(async () => ({ servers: [...(await service.list())] })),
    get: os.get.handler(({ input }) => service.get(input.serverId)),
    add: os.add.handler(({ input }) => service.add({ address: input.address, code: input.code, name: input.name })),
    update: os.update.handler(({ input }) => service.update(input.serverId, input)),
    remove: os.remove.handler(async ({ input }) => {
      const { isAgentTold } = await service.remove(input.serverId, input.isGivenUp === true);
      return { serverId: input.serverId, isAgentTold };
    }),
    check: os.check.handler(({ input }) => service.check(input.serverId)),
  });
}

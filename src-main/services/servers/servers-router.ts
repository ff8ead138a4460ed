import { implement } from '@orpc/server';
import { servers as contract } from '#contract/api/servers.ts';
import type { BeginAct } from '../../engine/begin-act.ts';
import type { By } from '../../model/operators/by.ts';
import type { RequestContext } from '../../ports/request.ts';
import type { ServerService } from './server-service.ts';

const byOf = (context: RequestContext, input: { readonly requestKey: string }): By => ({ ...context, requestKey: input.requestKey });

export function createServersRouter(service: ServerService, begin: BeginAct) {
  const os = implement(contract).$context<RequestContext>();
  return os.router({
    list: os.list.handler(async () => ({ servers: [...(await service.list())] })),
    get: os.get.handler(({ input }) => service.get(input.serverId)),
    add: os.add.handler(({ input, context }) =>
      service.add({ address: input.address, code: input.code, name: input.name }, byOf(context, input)),
    ),
    update: os.update.handler(({ input }) => service.update(input.serverId, input)),
    address: os.address.handler(({ input, context }) =>
      begin({ type: 'address-server', serverId: input.serverId, publicAddresses: input.publicAddresses }, byOf(context, input)),
    ),
    remove: os.remove.handler(({ input, context }) =>
      begin({ type: 'remove-server', serverId: input.serverId, isGivenUp: input.isGivenUp }, byOf(context, input)),
    ),
    check: os.check.handler(({ input }) => service.check(input.serverId)),
  });
}

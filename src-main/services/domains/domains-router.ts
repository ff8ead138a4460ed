import { implement } from '@orpc/server';
import { domains as contract } from '#contract/api/domains.ts';
import type { RequestContext } from '../../ports/request.ts';
import type { DomainService } from './domain-service.ts';

export function createDomainsRouter(service: () => DomainService) {
  const os = implement(contract).$context<RequestContext>();
  return os.router({
    list: os.list.handler(async () => ({ domains: [...(await service().list())] })),
    add: os.add.handler(({ input }) => service().add(input.name, input.dns)),
    update: os.update.handler(({ input }) => service().update(input.domainId, input.dns)),
    keepWildcard: os.keepWildcard.handler(({ input }) => service().keepWildcard(input.domainId, input.serverId)),
    dropWildcard: os.dropWildcard.handler(({ input }) => service().dropWildcard(input.domainId)),
    inspect: os.inspect.handler(({ input }) => service().inspect(input.domainId)),
    remove: os.remove.handler(async ({ input }) => {
      const { name, newDefault } = await service().remove(input.domainId);
      return { domainId: input.domainId, name, ...(newDefault === undefined ? {} : { newDefault }) };
    }),
  });
}

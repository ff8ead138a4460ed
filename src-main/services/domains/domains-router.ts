import { implement } from '@orpc/server';
import { domains as contract } from '#contract/api/domains.ts';
import type { BeginAct } from '../../engine/begin-act.ts';
import type { By } from '../../model/operators/by.ts';
import type { RequestContext } from '../../ports/request.ts';
import type { DomainService } from './domain-service.ts';

const byOf = (context: RequestContext, input: { readonly requestKey: string }): By => ({ ...context, requestKey: input.requestKey });

export function createDomainsRouter(service: () => DomainService, begin: BeginAct) {
  const os = implement(contract).$context<RequestContext>();
  return os.router({
    list: os.list.handler(async () => ({ domains: [...(await service().list())] })),
    add: os.add.handler(({ input, context }) => service().add(input.name, input.dns, byOf(context, input))),
    update: os.update.handler(({ input, context }) => service().update(input.domainId, input.dns, byOf(context, input))),
    keepWildcard: os.keepWildcard.handler(({ input, context }) =>
      begin({ type: 'keep-wildcard', domainId: input.domainId, serverId: input.serverId }, byOf(context, input)),
    ),
    dropWildcard: os.dropWildcard.handler(({ input, context }) =>
      begin({ type: 'drop-wildcard', domainId: input.domainId }, byOf(context, input)),
    ),
    inspect: os.inspect.handler(({ input }) => service().inspect(input.domainId)),
    remove: os.remove.handler(({ input, context }) => begin({ type: 'remove-domain', domainId: input.domainId }, byOf(context, input))),
  });
}

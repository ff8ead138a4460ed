import { implement } from '@orpc/server';
import { packages as contract } from '#contract/api/packages.ts';
import type { RequestContext } from '../../ports/request.ts';
import type { PackageService } from './package-service.ts';

export function createPackagesRouter(service: PackageService) {
  const os = implement(contract).$context<RequestContext>();
  return os.router({
    list: os.list.handler(async ({ input }) => ({ packages: [...(await service.list(input.language))] })),
    agree: os.agree.handler(({ input: { packageId, loopbackPorts, metadata }, context }) =>
      service.agree(packageId, { loopbackPorts, metadata }, context.actor),
    ),
  });
}

import { implement } from '@orpc/server';
import { placement as contract } from '#contract/api/placement.ts';
import type { RequestContext } from '../../ports/request.ts';
import type { PlacementService } from './placement-service.ts';

export function createPlacementRouter(service: PlacementService) {
  const os = implement(contract).$context<RequestContext>();
  return os.router({
    propose: os.propose.handler(({ input }) => service.propose(input.packageId, input.planId)),
  });
}

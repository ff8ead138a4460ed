import { implement } from '@orpc/server';
import { plans as contract } from '#contract/api/plans.ts';
import type { RequestContext } from '../../ports/request.ts';
import type { PlanService } from './plan-service.ts';

export function createPlansRouter(service: PlanService) {
  const os = implement(contract).$context<RequestContext>();
  return os.router({
    list: os.list.handler(async ({ input }) => ({ plans: [...(await service.list(input.packageId))] })),
  });
}

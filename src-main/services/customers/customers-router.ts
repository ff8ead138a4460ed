import { implement } from '@orpc/server';
import { customers as contract } from '#contract/api/customers.ts';
import type { RequestContext } from '../../ports/request.ts';
import type { CustomerService } from './customer-service.ts';

export function createCustomersRouter(service: CustomerService) {
  const os = implement(contract).$context<RequestContext>();
  return os.router({
    list: os.list.handler(async ({ input }) => ({ customers: [...(await service.list(input.text, input.limit))] })),
    create: os.create.handler(({ input }) => service.create(input)),
    update: os.update.handler(({ input: { customerId, ...fields } }) => service.update(customerId, fields)),
  });
}

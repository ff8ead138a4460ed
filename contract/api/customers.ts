import * as z from 'zod';
import { customerId, instant, language } from '../ids.ts';
import { line } from '../plain-text.ts';
import { look, operate, write } from './base.ts';

/** Whom an instance is for. The name is in any script; the external reference is the billing panel's. */
export const customerView = z.object({
  id: customerId,
  name: z.string(),
  contact: z.string(),
  language,
  externalReference: z.string(),
  instances: z.number().int(),
  createdAtMs: instant,
});
export type CustomerView = z.infer<typeof customerView>;

const fields = {
  name: line.min(1).max(200),
  contact: line.max(200).optional(),
  language: language.optional(),
  externalReference: line.max(200).optional(),
};
export const customers = {
  list: look
    .route({ method: 'GET', path: '/customers', summary: 'Customers whose name contains a text', tags: ['customers'] })
    .input(z.object({ text: line.max(120).default(''), limit: z.coerce.number().int().min(1).max(200).default(50) }))
    .output(z.object({ customers: z.array(customerView) })),
  create: operate
    .route({ method: 'POST', path: '/customers', summary: 'Add a customer', tags: ['customers'] })
    .input(write(fields))
    .output(customerView),
  update: operate
    .route({ method: 'PATCH', path: '/customers/{customerId}', summary: 'Change a customer', tags: ['customers'] })
    .input(write({ customerId, ...fields, name: fields.name.optional() }))
    .output(customerView),
};

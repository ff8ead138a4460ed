import * as z from 'zod';
import { packageId } from '../ids.ts';
import { look } from './base.ts';
import { planView } from './packages.ts';

export const plans = {
  list: look
    .route({ method: 'GET', path: '/plans', summary: 'Plans, of one package or of all', tags: ['plans'] })
    .input(z.object({ packageId: packageId.optional() }))
    .output(z.object({ plans: z.array(planView) })),
};

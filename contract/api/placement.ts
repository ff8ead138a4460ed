import * as z from 'zod';
import { instant, packageId, planId, serverId } from '../ids.ts';
import { look, measuredResources, resources } from './base.ts';
import { placementReason } from './placement-reason.ts';

/** One server's verdict with its reason; the chosen one first, refused ones last. */
export const placementCandidate = z.object({
  serverId,
  serverName: z.string(),
  verdict: z.enum(['best', 'good', 'fits', 'refused']),
  reason: placementReason,
  measuredAtMs: instant.optional(),
  capacity: resources,
  now: measuredResources.optional(),
  /** What would be reserved afterwards. The outer name is kept from earlier versions. */
  promisedAfter: resources,
  busiest: measuredResources.optional(),
});
export type PlacementCandidate = z.infer<typeof placementCandidate>;

export const placementProposal = z.object({
  chosen: serverId.optional(),
  candidates: z.array(placementCandidate),
  usuallyMs: z.number().optional(),
});
export type PlacementProposal = z.infer<typeof placementProposal>;

export const placement = {
  propose: look
    .route({ method: 'POST', path: '/placement/propose', summary: 'Where would an instance go, and why', tags: ['placement'] })
    .input(z.object({ packageId, planId }))
    .output(placementProposal),
};

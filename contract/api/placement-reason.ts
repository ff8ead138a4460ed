import * as z from 'zod';

export const placementReason = z.object({ code: z.string() });
export type PlacementReason = z.infer<typeof placementReason>;

import * as z from 'zod';

/**
 * The body of an HTTP answer that refuses a WebSocket. Strangers get none: only who proved to be a core of this farm, or who is about to
 * pair, learns why. `nowMs` is the refuser's clock, so that `CLOCK_OFF` can say by how much.
 */
export const upgradeRefusal = z.object({
  code: z.string().max(64),
  parameters: z.record(z.string(), z.union([z.string().max(500), z.number()])),
  nowMs: z.number().optional(),
});
export type UpgradeRefusal = z.infer<typeof upgradeRefusal>;

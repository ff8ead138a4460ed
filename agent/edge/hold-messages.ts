import * as z from 'zod';

/** What an edge says of an instance that it was asked to hold. */
export const holdAnswer = z.object({
  /** False when the hold has lasted its longest, or when an older edge does not know what a hold is. */
  isHeld: z.boolean(),
  /** False when an older edge that still drains did not answer: it may have more. */
  isComplete: z.boolean(),
  /** Requests that are held. */
  waiting: z.number().int(),
  unanswered: z.number().int(),
  answering: z.number().int(),
  sinceWriteMs: z.number().optional(),
});
export type HoldAnswer = z.infer<typeof holdAnswer>;

export const holdAsk = z.object({ instanceId: z.string(), leaseMs: z.number().min(0) });
export const passedHold = z.object({ ...holdAsk.shape, heldForMs: z.number().min(0) });

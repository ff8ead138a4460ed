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
  /** Of those under way: requests that may change something. Absent where an edge does not tell it, which then holds all that is new. */
  writing: z.number().int().optional(),
  sinceWriteMs: z.number().optional(),
});
export type HoldAnswer = z.infer<typeof holdAnswer>;

export const holdAsk = z.object({
  instanceId: z.string(),
  leaseMs: z.number().min(0),
  /** Absent: all. Only for an edge that says that it knows `hold-only`; another one holds all. */
  only: z.enum(['writes', 'nothing']).optional(),
});
export type HoldAsk = z.infer<typeof holdAsk>;
export const passedHold = z.object({ ...holdAsk.shape, only: z.literal('writes').optional(), heldForMs: z.number().min(0) });

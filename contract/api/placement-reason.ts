import * as z from 'zod';
import { serverId } from '../ids.ts';

/**
 * Why a server was chosen for an instance, or was not: one reason per server, as data. The sentence of a reason is
 * `placement.reason.<code>` in `words/`, and its arguments are exactly the fields of the reason.
 */
const percent = z.number().int().min(0).max(100);
const wholeNumber = z.number().int().nonnegative();

export const placementResource = z.enum(['memory', 'cpu', 'disk']);
export type PlacementResource = z.infer<typeof placementResource>;

/** `freePercent` is what is free of `resource` at the server's busiest hour, before the new instance comes. */
const free = {
  resource: placementResource,
  freePercent: percent,
  /** Instances placed so recently that no measurement knows them; their plans are counted instead. */
  unmeasuredCount: wholeNumber,
  package: z.enum(['there', 'to-send']),
};
/** For a server whose load was never measured: what is not reserved for anybody. */
const unreserved = { resource: placementResource, freePercent: percent, package: z.enum(['there', 'to-send']) };

export const placementReason = z.discriminatedUnion('code', [
  z.object({ code: z.literal('best'), ...free }),
  z.object({ code: z.literal('only'), ...free }),
  z.object({ code: z.literal('good'), ...free }),
  z.object({ code: z.literal('tight'), resource: placementResource, freeAfterPercent: percent }),
  z.object({ code: z.literal('best-unmeasured'), ...unreserved }),
  z.object({ code: z.literal('only-unmeasured'), ...unreserved }),
  z.object({ code: z.literal('good-unmeasured'), ...unreserved }),
  z.object({ code: z.literal('draining') }),
  z.object({ code: z.literal('joining') }),
  z.object({ code: z.literal('leaving') }),
  z.object({ code: z.literal('maintenance') }),
  z.object({ code: z.literal('never-seen') }),
  z.object({ code: z.literal('not-seen'), secondsAgo: wholeNumber, minutesAgo: wholeNumber }),
  /** Visitors do not reach its edge. `outside`: nothing answers at `address`, as seen from the core; else what its agent says, and `address` is empty. */
  z.object({
    code: z.literal('edge'),
    server: z.string(),
    problem: z.enum(['portTaken', 'notListening', 'silent', 'failed', 'outside']),
    port: wholeNumber,
    address: z.string(),
  }),
  z.object({ code: z.literal('platform') }),
  /** Megabytes of 2^20 bytes. `left` is what may still be reserved, `needed` is the plan. */
  z.object({ code: z.literal('memory'), neededMegabytes: wholeNumber, leftMegabytes: wholeNumber }),
  /** Gigabytes of 2^30 bytes, with one decimal. */
  z.object({ code: z.literal('disk'), neededGigabytes: z.number().nonnegative(), leftGigabytes: z.number().nonnegative() }),
  /** In percent of one processor core. */
  z.object({ code: z.literal('cpu'), neededPercent: wholeNumber, leftPercent: wholeNumber }),
]);
export type PlacementReason = z.infer<typeof placementReason>;
export type PlacementReasonCode = PlacementReason['code'];

/** *best*: the proposal. *good* and *fits* may be taken instead. *refused* breaks a hard rule and cannot be taken. */
export const placementVerdict = z.enum(['best', 'good', 'fits', 'refused']);
export type PlacementVerdict = z.infer<typeof placementVerdict>;

/** One line of "Where": a server, the verdict on it, and the one reason. Stored with the job. */
export const placementOption = z.object({
  serverId,
  serverName: z.string(),
  verdict: placementVerdict,
  reason: placementReason,
});
export type PlacementOption = z.infer<typeof placementOption>;

export type BackOff = {
  readonly firstMs: number;
  readonly longestMs: number;
  /** How much of a wait is chance, from 0 (none) to 1, so that many do not come back in one instant. */
  readonly chance: number;
};

/** The wait in ms before try `attempt` (0 is the first one again): doubled each time up to the longest. `random` from 0 to 1. */
export function backOffMs({ firstMs, longestMs, chance }: BackOff, attempt: number, random: number): number {
  // 2^31 already passes every longest wait, and a larger power would end in Infinity.
  const wholeMs = Math.min(longestMs, firstMs * 2 ** Math.min(Math.max(attempt, 0), 31));
  return Math.round(wholeMs * (1 - chance + chance * random));
}

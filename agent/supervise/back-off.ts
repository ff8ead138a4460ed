const longestBackOffMs = 60_000;
/** An application that was well for this long begins again with the shortest back-off. */
export const wellMs = 60_000;

/** 1, 2, 4 … 60 s; never given up. `crashes` counts from 1. */
export function backOffMs(crashes: number): number {
  return Math.min(longestBackOffMs, 1000 * 2 ** Math.min(crashes - 1, 10));
}

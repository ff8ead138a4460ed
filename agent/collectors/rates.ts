/** Closer looks than this make no rate: a tick of the counter would weigh too much. */
const leastMs = 100;

/** Makes rates of counters, by name. The first look at a counter has no rate, because there is nothing to compare with: absent, not zero. */
export function createRates() {
  const seen = new Map<string, { readonly count: number; readonly steadyMs: number }>();
  /** Rise per second since the look before; a counter that began anew, or lost a part, is no negative rate. */
  return (name: string, count: number, steadyMs: number): number | undefined => {
    const before = seen.get(name);
    if (before !== undefined && steadyMs - before.steadyMs < leastMs) return undefined;
    seen.set(name, { count, steadyMs });
    return before && Math.round(Math.max(0, (count - before.count) / ((steadyMs - before.steadyMs) / 1000)));
  };
}

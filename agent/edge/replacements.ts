/** After so long without one it begins with the shortest time again. */
const longestMs = 300_000;

/** Says when a running edge may be ended because it hangs: at once, and when the next one hangs too `firstMs` later, then twice as much, at most 5 min. */
export function createReplacements(steadyMs: () => number, firstMs: number): () => boolean {
  let waitMs = firstMs;
  let fromMs = 0;
  return () => {
    const nowMs = steadyMs();
    if (nowMs < fromMs) return false;
    if (nowMs > fromMs + longestMs) waitMs = firstMs;
    fromMs = nowMs + waitMs;
    waitMs = Math.min(waitMs * 2, longestMs);
    return true;
  };
}

/** Clocks drift by less than this between two connections; a jump is more. */
const jumpMs = 500;

/**
 * Notices that one of the clocks was set. Each beat says the agent's clock minus ours when it arrived, which is too little by its way here; one that was
 * held up on its way says far too little, so that two in a row have to agree.
 */
export function clockWatch(firstOffsetMs: number, halfTripMs: number, onJump: (offsetMs: number) => void): (arrivedMs: number) => void {
  let offsetMs = firstOffsetMs;
  let before: number | undefined;
  return (arrivedMs) => {
    const seenMs = arrivedMs + halfTripMs;
    const isAgreed = before !== undefined && Math.abs(seenMs - before) < jumpMs;
    const best = Math.max(seenMs, before ?? seenMs);
    before = seenMs;
    if (!isAgreed || Math.abs(best - offsetMs) < jumpMs) return;
    offsetMs = best;
    onJump(best);
  };
}

import type { Clock } from '../../ports/clock.ts';

/** The longest delay that a timer of Node takes; a longer one would fire at once. */
const longestDelayMs = 2 ** 31 - 1;

/** This computer's wall clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after: (delayMs, call) => {
    let leftMs = Math.max(0, Math.ceil(delayMs));
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const pieceMs = Math.min(leftMs, longestDelayMs);
      leftMs -= pieceMs;
      timer = setTimeout(() => (leftMs > 0 ? wait() : call()), pieceMs);
    };
    wait();
    return () => clearTimeout(timer);
  },
};

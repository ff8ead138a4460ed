import type { Clock } from '../ports/clock.ts';

export type ManualClock = Clock & {
  /** Moves time on; what became due is called in its order. */
  readonly advance: (byMs: number) => void;
  /** Moves time on to what becomes due next, and calls that; false when nothing is to come. */
  readonly toNext: () => boolean;
};

type Due = { readonly atMs: number; readonly call: () => void };
const nextOf = (waiting: readonly Due[]): Due | undefined =>
  waiting.reduce<Due | undefined>((first, one) => (first === undefined || one.atMs < first.atMs ? one : first), undefined);

/** A clock that stands still until a test moves it. */
export function createManualClock(startMs = Date.UTC(2026, 10, 25, 12)): ManualClock {
  let nowMs = startMs;
  let waiting: Due[] = [];
  return {
    nowMs: () => nowMs,
    after: (delayMs, call) => {
      const one = { atMs: nowMs + Math.max(0, delayMs), call };
      waiting.push(one);
      return () => {
        waiting = waiting.filter((other) => other !== one);
      };
    },
    toNext: () => {
      const next = nextOf(waiting);
      if (next === undefined) return false;
      waiting = waiting.filter((other) => other !== next);
      nowMs = Math.max(nowMs, next.atMs);
      next.call();
      return true;
    },
    advance: (byMs) => {
      const endMs = nowMs + byMs;
      while (true) {
        const next = nextOf(waiting.filter((one) => one.atMs <= endMs));
        if (next === undefined) break;
        waiting = waiting.filter((other) => other !== next);
        nowMs = Math.max(nowMs, next.atMs);
        next.call();
      }
      nowMs = endMs;
    },
  };
}

import type { Clock } from '../ports/clock.ts';

export type ManualClock = Clock & {
  /** Moves time on; what became due is called in its order. */
  readonly advance: (byMs: number) => void;
};

/** A clock that stands still until a test moves it. */
export function createManualClock(startMs = Date.UTC(2026, 10, 25, 12)): ManualClock {
  let nowMs = startMs;
  let waiting: { readonly atMs: number; readonly call: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    after: (delayMs, call) => {
      const one = { atMs: nowMs + Math.max(0, delayMs), call };
      waiting.push(one);
      return () => {
        waiting = waiting.filter((other) => other !== one);
      };
    },
    advance: (byMs) => {
      const endMs = nowMs + byMs;
      while (true) {
        const next = waiting.filter((one) => one.atMs <= endMs).sort((left, right) => left.atMs - right.atMs)[0];
        if (next === undefined) break;
        waiting = waiting.filter((other) => other !== next);
        nowMs = Math.max(nowMs, next.atMs);
        next.call();
      }
      nowMs = endMs;
    },
  };
}

/** Lets the event loop go on between pieces of work that would otherwise follow one another in one turn of it. */
export type SharedTurn = {
  /** Resolves at once, or in the next turn of the event loop where this one already took its time since the first call in it. Never throws. */
  readonly share: () => Promise<void>;
};

/**
 * `longestMs`: so long, in milliseconds, the pieces may take in one turn; the piece that goes over it is not cut. Microtasks run before the event loop
 * goes on, `setImmediate` comes behind sockets and timers: https://nodejs.org/en/learn/asynchronous-work/event-loop-timers-and-nexttick
 */
export function createSharedTurn(longestMs: number, nowMs: () => number = () => performance.now()): SharedTurn {
  let beganMs: number | undefined;
  let next = Promise.resolve();
  const begin = (): void => {
    beganMs = nowMs();
    next = new Promise((resolve) => {
      setImmediate(() => {
        beganMs = undefined;
        resolve();
      });
    });
  };
  return {
    share: async () => {
      // whoever waited with others comes in one after another, and the first of them begins the turn
      while (beganMs !== undefined && nowMs() - beganMs >= longestMs) await next;
      if (beganMs === undefined) begin();
    },
  };
}

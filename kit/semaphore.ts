/** So many may be inside at once; the others wait in the order of coming. */
export type Semaphore = {
  /** Resolves with what lets the place go again; it may be called twice. */
  readonly enter: () => Promise<() => void>;
  /** The same at once, undefined when there is no place. */
  readonly tryEnter: () => (() => void) | undefined;
};

export function createSemaphore(most: number): Semaphore {
  let inside = 0;
  const waiting: (() => void)[] = [];
  const leaver = (): (() => void) => {
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      // The place goes straight to the next, so that nobody slips in between.
      const next = waiting.shift();
      if (next === undefined) inside -= 1;
      else next();
    };
  };
  const tryEnter = (): (() => void) | undefined => {
    if (inside >= most) return undefined;
    inside += 1;
    return leaver();
  };
  return {
    tryEnter,
    enter: async () => {
      const now = tryEnter();
      if (now !== undefined) return now;
      await new Promise<void>((resolve) => waiting.push(resolve));
      return leaver();
    },
  };
}

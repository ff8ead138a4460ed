/** So many may be inside at once; the others wait in the order of coming. */
export type Semaphore = {
  /** Resolves with what lets the place go again; it may be called twice. */
  readonly enter: () => Promise<() => void>;
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
  return {
    enter: async () => {
      if (inside < most) inside += 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      return leaver();
    },
  };
}

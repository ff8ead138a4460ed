/**
 * Events for one reader. What comes while the reader is busy is merged, so that a slow reader costs one waiting event and never a growing list.
 * `gatherMs` lets several changes of one moment travel together.
 */
export async function* mergedEvents<T>(options: {
  readonly subscribe: (listener: (event: T) => void) => () => void;
  readonly merge: (waiting: T, event: T) => T;
  readonly gatherMs: number;
  readonly after: (delayMs: number, act: () => void) => () => void;
  readonly signal: AbortSignal | undefined;
}): AsyncGenerator<T, void, void> {
  const { subscribe, merge, gatherMs, after, signal } = options;
  let waiting: { readonly event: T } | undefined;
  let wake = (): void => undefined;
  const dispose = subscribe((event) => {
    waiting = { event: waiting === undefined ? event : merge(waiting.event, event) };
    wake();
  });
  const sleep = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
      if (signal?.aborted === true) resolve();
    });
  const onAbort = (): void => wake();
  signal?.addEventListener('abort', onAbort);
  try {
    while (signal?.aborted !== true) {
      if (waiting === undefined) await sleep();
      if (waiting === undefined) continue;
      if (gatherMs > 0) await new Promise<void>((resolve) => void after(gatherMs, resolve));
      const { event } = waiting;
      waiting = undefined;
      yield event;
    }
  } finally {
    dispose();
    signal?.removeEventListener('abort', onAbort);
  }
}

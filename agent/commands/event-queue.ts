import { waitFor } from '#kit/wait.ts';
import { createWakeUp } from '#kit/wake-up.ts';

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
  const news = createWakeUp(signal);
  const dispose = subscribe((event) => {
    waiting = { event: waiting === undefined ? event : merge(waiting.event, event) };
    news.poke();
  });
  try {
    while (await news.next()) {
      if (gatherMs > 0 && !(await waitFor(after, gatherMs, signal))) return;
      news.clear();
      if (waiting === undefined) continue;
      const { event } = waiting;
      waiting = undefined;
      yield event;
    }
  } finally {
    dispose();
    news.dispose();
  }
}

import { waitFor } from '#kit/wait.ts';
import { createWakeUp } from '#kit/wake-up.ts';
import type { Change, Changes } from '../../ports/changes.ts';
import type { Clock } from '../../ports/clock.ts';

const tickMs = 100;

/**
 * Says once at the beginning, and again after announcements that concern the reader, that it is time to look; at most every 100 ms. A reader
 * that is slower than the announcements is told once for all of them. Ends when the signal aborts.
 */
export async function* whenChanged(
  deps: { readonly changes: Changes; readonly clock: Clock },
  concerns: (change: Change) => boolean,
  signal?: AbortSignal,
): AsyncGenerator<void, void, void> {
  const news = createWakeUp(signal);
  const stop = deps.changes.on((change) => {
    if (concerns(change)) news.poke();
  });
  try {
    yield;
    while (await news.next()) {
      if (!(await waitFor(deps.clock.after, tickMs, signal))) return;
      news.clear();
      yield;
    }
  } finally {
    stop();
    news.dispose();
  }
}

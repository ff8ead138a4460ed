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
  let isDirty = false;
  let wake: (() => void) | undefined;
  const poke = (): void => {
    isDirty = true;
    wake?.();
  };
  const stop = deps.changes.on((change) => {
    if (concerns(change)) poke();
  });
  signal?.addEventListener('abort', poke, { once: true });
  const isOver = (): boolean => signal?.aborted === true;
  try {
    yield;
    while (!isOver()) {
      if (!isDirty) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (isOver()) return;
      await new Promise<void>((resolve) => deps.clock.after(tickMs, resolve));
      isDirty = false;
      yield;
    }
  } finally {
    stop();
    signal?.removeEventListener('abort', poke);
  }
}

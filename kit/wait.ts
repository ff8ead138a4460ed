import type { StopSignal } from './stop-signal.ts';

/** Calls `act` after a delay; returns what calls it off. */
export type After = (delayMs: number, act: () => void) => () => void;

/** Resolves after the delay, or at once when the signal is given; true when the whole delay passed. Leaves no listener behind. */
export function waitFor(after: After, delayMs: number, signal?: StopSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve(false);
      return;
    }
    const onAbort = (): void => {
      stop();
      resolve(false);
    };
    const stop = after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve(true);
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

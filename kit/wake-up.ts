import type { StopSignal } from './stop-signal.ts';

/** One reader waits for news. News that comes while the reader is busy is not lost, and counts once however much of it there was. */
export type WakeUp = {
  readonly poke: () => void;
  /** True when there is news since the last `next`, false when the signal is given. Only one may wait at a time. */
  readonly next: () => Promise<boolean>;
  /** What came until now counts as read: for a reader that gathers a while before it looks. */
  readonly clear: () => void;
  readonly hasNews: () => boolean;
  readonly isOver: () => boolean;
  /** Lets the signal go, and whoever waits. May be called twice. */
  readonly dispose: () => void;
};

/** Listens to `signal` once for its whole life, however often is waited. */
export function createWakeUp(signal?: StopSignal): WakeUp {
  let hasNews = false;
  let isDisposed = false;
  let wake: (() => void) | undefined;
  const rouse = (): void => {
    const waiting = wake;
    wake = undefined;
    waiting?.();
  };
  const isOver = (): boolean => isDisposed || signal?.aborted === true;
  signal?.addEventListener('abort', rouse, { once: true });
  return {
    isOver,
    poke: () => {
      hasNews = true;
      rouse();
    },
    next: async () => {
      if (!hasNews && !isOver()) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      hasNews = false;
      return !isOver();
    },
    hasNews: () => hasNews,
    clear: () => {
      hasNews = false;
    },
    dispose: () => {
      isDisposed = true;
      signal?.removeEventListener('abort', rouse);
      rouse();
    },
  };
}

import type { StopSignal } from './stop-signal.ts';
import type { After } from './wait.ts';

/** What came first: the end of the work with its value, the limit, or the signal. */
export type Answer<Value> = { readonly state: 'done'; readonly value: Value } | { readonly state: 'late' } | { readonly state: 'stopped' };

/**
 * Waits for work, but no longer than the limit or until the signal; throws what the work throws before. The work itself goes on: what it says later is
 * heard by nobody, and is no unhandled rejection. Leaves no timer and no listener behind.
 */
export function answerWithin<Value>(after: After, limitMs: number, work: Promise<Value>, signal?: StopSignal): Promise<Answer<Value>> {
  return new Promise((resolve, reject) => {
    let stopTimer = (): void => undefined;
    const end = (tell: () => void): void => {
      stopTimer();
      signal?.removeEventListener('abort', onAbort);
      tell();
    };
    const onAbort = (): void => end(() => resolve({ state: 'stopped' }));
    work.then(
      (value) => end(() => resolve({ state: 'done', value })),
      (error: unknown) => end(() => reject(error)),
    );
    if (signal?.aborted === true) {
      onAbort();
      return;
    }
    stopTimer = after(limitMs, () => end(() => resolve({ state: 'late' })));
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

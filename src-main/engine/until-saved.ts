import type { Clock } from '../ports/clock.ts';

const retryMs = 2000;

/**
 * Tries a save that must not be lost again and again, because a disk that is full gets room some day. Ends without it when the signal says so: then
 * the next start of the core finds what was saved before.
 */
export async function untilSaved(clock: Clock, signal: AbortSignal, save: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      return await save();
    } catch {
      await new Promise<void>((resolve) => {
        const stop = clock.after(retryMs, resolve);
        const letGo = (): void => {
          stop();
          resolve();
        };
        signal.addEventListener('abort', letGo, { once: true });
      });
    }
  }
}

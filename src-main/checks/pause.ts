import { waitFor } from '#kit/wait.ts';
import type { Clock } from '../ports/clock.ts';

/** Resolves after a while, or throws the signal's reason. */
export async function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (!(await waitFor(clock.after, delayMs, signal))) throw signal.reason;
}

/** Waits a little longer each time: quick things are seen quickly, slow ones are not bothered. */
export const nextWaitMs = (waitMs: number): number => Math.min(1000, Math.ceil(waitMs * 1.5));
export const firstWaitMs = 20;

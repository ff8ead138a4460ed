import { setTimeout as delay } from 'node:timers/promises';

const lookEveryMs = 50;

/**
 * The first answer that is not undefined; undefined when none came in time, or nobody waits any more.
 * @template Found
 * @param {{ limitMs: number, signal?: AbortSignal }} given
 * @param {() => Found | undefined | Promise<Found | undefined>} look
 * @returns {Promise<Found | undefined>}
 */
export async function waitFor({ limitMs, signal }, look) {
  const endMs = performance.now() + limitMs;
  while (signal?.aborted !== true) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > endMs) return undefined;
    await delay(lookEveryMs);
  }
  return undefined;
}

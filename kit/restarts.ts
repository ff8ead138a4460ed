import { type BackOff, backOffMs } from './back-off.ts';

/**
 * The waits before something that ended is started again: the shortest after it lived for `goodMs` or more, else longer each time. Asked once per end, with how
 * long it lived (0: it did not start). `random` from 0 to 1.
 */
export function createRestarts(
  backOff: BackOff & { readonly goodMs: number },
  random: () => number = Math.random,
): (livedMs: number) => number {
  let failures = 0;
  return (livedMs) => {
    if (livedMs >= backOff.goodMs) failures = 0;
    failures += 1;
    return backOffMs(backOff, failures - 1, random());
  };
}

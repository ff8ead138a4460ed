import { join } from 'node:path';
import { createReserve } from '#kit/node/reserve.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HomeSpace, SpaceKeeper } from '../../ports/home-space.ts';

const mebibyte = 2 ** 20;
const lookMs = 10_000;
const mostReserveBytes = 16 * mebibyte;
const leastReserveBytes = mebibyte;

/** Low below a twentieth of the disk, at most 1 GiB; full below a hundredth, at most 64 MiB. Better again only at twice that, so that it does not flicker. */
export function spaceStateOf(freeBytes: number, sizeBytes: number, before: HomeSpace['state']): HomeSpace['state'] {
  const full = Math.min(64 * mebibyte, sizeBytes / 100);
  const low = Math.min(1024 * mebibyte, sizeBytes / 20);
  if (freeBytes < (before === 'full' ? 2 * full : full)) return 'full';
  return freeBytes < (before === 'good' ? low : 2 * low) ? 'low' : 'good';
}

/**
 * Watches the disk of a home, and keeps a file `reserve` there, full of what no file system can compress: at most 16 MiB and a fiftieth of the disk, at
 * least 1 MiB. Killed anywhere the file is only smaller than it should be. The home must be there.
 */
export function createHomeSpace(options: { readonly home: string; readonly clock: Clock }): SpaceKeeper {
  const { home, clock } = options;
  const sizes = { mostBytes: mostReserveBytes, leastBytes: leastReserveBytes };
  const reserve = createReserve({ path: join(home, 'reserve'), folder: home, ...sizes });
  const listeners = new Set<(space: HomeSpace) => void>();
  const measure = (before: HomeSpace | undefined): HomeSpace => {
    const [free, size] = [reserve.freeBytes(), reserve.sizeBytes()];
    const state = spaceStateOf(free, size, before?.state ?? 'good');
    return { path: home, freeBytes: free, sizeBytes: size, state, sinceMs: before?.state === state ? before.sinceMs : clock.nowMs() };
  };

  let space = measure(undefined);
  let stopTimer = (): void => undefined;
  const look = (): void => {
    try {
      const before = space;
      reserve.refill();
      space = measure(before);
      if (space.state !== before.state) for (const listener of listeners) listener(space);
    } catch {
      // What cannot be measured now is measured the next time.
    }
    stopTimer = clock.after(lookMs, look);
  };
  stopTimer = clock.after(0, look);
  return {
    now: () => space,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    secure: reserve.secure,
    close: () => stopTimer(),
  };
}

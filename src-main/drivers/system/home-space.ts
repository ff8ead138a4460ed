import { randomFillSync } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../ports/clock.ts';
import type { HomeSpace, SpaceKeeper } from '../../ports/home-space.ts';

const mebibyte = 2 ** 20;
const lookMs = 10_000;
const mostReserveBytes = 16 * mebibyte;
const leastReserveBytes = mebibyte;
const sliceCount = 8;
const pieceBytes = 256 * 1024;

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
  const path = join(home, 'reserve');
  const listeners = new Set<(space: HomeSpace) => void>();
  const disk = (): { readonly free: number; readonly size: number } => {
    const { bavail, blocks, bsize } = statfsSync(home);
    return { free: bavail * bsize, size: blocks * bsize };
  };
  const whole = (): number => Math.max(leastReserveBytes, Math.min(mostReserveBytes, Math.floor(disk().size / 50)));
  const held = (): number => {
    try {
      return statSync(path).size;
    } catch {
      return 0;
    }
  };
  const release = (): boolean => {
    const had = held();
    const left = had - Math.ceil(whole() / sliceCount);
    if (had === 0) return false;
    if (left > 0) truncateSync(path, left);
    else rmSync(path, { force: true });
    return true;
  };
  /** Takes back what is missing, where that leaves four times as much free. */
  const refill = (): void => {
    const missing = whole() - held();
    if (missing <= 0 || disk().free < missing + 4 * whole()) return;
    const file = openSync(path, 'a', 0o600);
    try {
      const piece = Buffer.alloc(pieceBytes);
      for (let left = missing; left > 0; left -= pieceBytes) writeSync(file, randomFillSync(piece), 0, Math.min(left, pieceBytes));
      fsyncSync(file);
    } catch {
      // Somebody was quicker: what was written counts.
    } finally {
      closeSync(file);
    }
  };
  const measure = (before: HomeSpace | undefined): HomeSpace => {
    const { free, size } = disk();
    const state = spaceStateOf(free, size, before?.state ?? 'good');
    return { path: home, freeBytes: free, sizeBytes: size, state, sinceMs: before?.state === state ? before.sinceMs : clock.nowMs() };
  };

  let space = measure(undefined);
  let stopTimer = (): void => undefined;
  const look = (): void => {
    try {
      const before = space;
      refill();
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
    secure: (neededBytes) => {
      while (disk().free < neededBytes && release());
    },
    close: () => stopTimer(),
  };
}

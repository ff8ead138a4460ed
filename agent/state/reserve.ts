import { randomFillSync } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, truncateSync, writeSync } from 'node:fs';
import { isFarmError } from '#contract/errors.ts';
import { isNoRoom } from '../os/host-os.ts';
import type { Room } from '../ports.ts';

const mostBytes = 8 * 2 ** 20;
const leastBytes = 512 * 1024;
const sliceCount = 8;
const pieceBytes = 256 * 1024;

/** Room on a disk that belongs to nobody: given back slice by slice when a full disk would keep us from starting or from cleaning up. */
export type Reserve = Room & {
  readonly heldBytes: () => number;
  readonly wholeBytes: () => number;
  readonly freeBytes: () => number;
  readonly sizeBytes: () => number;
  /** Takes back what is missing, where that leaves four times as much free. Never throws; may be called again. */
  readonly refill: () => void;
};

/**
 * The file `path`, full of what no file system can compress. `heldBytes` is at most 8 MiB and a fiftieth of the disk, at least 512 KiB. Killed
 * anywhere it is only smaller than it should be.
 */
export function createReserve(path: string, folder: string): Reserve {
  const disk = (): { free: number; size: number } => {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return { free: bavail * bsize, size: blocks * bsize };
  };
  const wholeBytes = (): number => Math.max(leastBytes, Math.min(mostBytes, Math.floor(disk().size / 50)));
  const heldBytes = (): number => {
    try {
      return statSync(path).size;
    } catch {
      return 0;
    }
  };
  const release = (): boolean => {
    const left = heldBytes() - Math.ceil(wholeBytes() / sliceCount);
    if (heldBytes() === 0) return false;
    if (left > 0) truncateSync(path, left);
    else rmSync(path, { force: true });
    return true;
  };
  return {
    heldBytes,
    wholeBytes,
    freeBytes: () => disk().free,
    sizeBytes: () => disk().size,
    release,
    secure: (neededBytes) => {
      while (disk().free < neededBytes && release());
    },
    refill: () => {
      const whole = wholeBytes();
      const missing = whole - heldBytes();
      if (missing <= 0 || disk().free < missing + 4 * whole) return;
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
    },
  };
}

/** Does an act again with a slice of the reserve each time that it lacked room. Only for acts that may be repeated, and that free room or are needed to. */
export async function withRoom<T>(reserve: Pick<Room, 'release'>, act: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!(isNoRoom(error) || isFarmError(error, 'DISK_FULL')) || !reserve.release()) throw error;
    }
  }
}

import { randomFillSync } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, truncateSync, writeSync } from 'node:fs';

const sliceCount = 8;
const pieceBytes = 256 * 1024;

export type ReserveOptions = {
  /** The file. */
  readonly path: string;
  /** Any folder on its disk that is there. */
  readonly folder: string;
  /** It is a fiftieth of the disk, but no more than this and no less than that. */
  readonly mostBytes: number;
  readonly leastBytes: number;
};

/** Room on a disk that belongs to nobody: given back slice by slice when a full disk would keep a program from starting or from cleaning up. */
export type Reserve = {
  readonly heldBytes: () => number;
  readonly wholeBytes: () => number;
  readonly freeBytes: () => number;
  readonly sizeBytes: () => number;
  /** Gives an eighth of it back; false when there is none left. Works without any room. */
  readonly release: () => boolean;
  /** Gives back until so much is free, or nothing is left of it. */
  readonly secure: (neededBytes: number) => void;
  /** Takes back what is missing, where that leaves four times as much free. Never throws; may be called again. */
  readonly refill: () => void;
};

/** A reserve in one file, full of what no file system can compress. Killed anywhere it is only smaller than it should be. */
export function createReserve({ path, folder, mostBytes, leastBytes }: ReserveOptions): Reserve {
  const disk = (): { readonly free: number; readonly size: number } => {
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
    const held = heldBytes();
    const left = held - Math.ceil(wholeBytes() / sliceCount);
    if (held === 0) return false;
    if (left > 0) truncateSync(path, left);
    else rmSync(path, { force: true });
    return true;
  };
  const append = (bytes: number): void => {
    const file = openSync(path, 'a', 0o600);
    try {
      const piece = Buffer.alloc(pieceBytes);
      for (let left = bytes; left > 0; left -= pieceBytes) writeSync(file, randomFillSync(piece), 0, Math.min(left, pieceBytes));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
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
      try {
        const whole = wholeBytes();
        const missing = whole - heldBytes();
        if (missing > 0 && disk().free >= missing + 4 * whole) append(missing);
      } catch {
        // Somebody was quicker, or may not write there: what was written counts.
      }
    },
  };
}

import { statfsSync, statSync } from 'node:fs';

/** What has written this much since its folder was walked is walked again: a second later it is known who fills the disk. */
const writtenBytes = 32 * 2 ** 20;
/** The same of all together: not everything that takes room is written by a process that is still there, or is written at all. */
const shrunkBytes = 128 * 2 ** 20;
/** Less than this tells nothing: everybody writes a little. */
const leastBytes = 2 ** 20;
/** The disk loses so much a second: somebody fills it, and nobody waits for the next look. */
const fastBytesPerSecond = 20 * 2 ** 20;

export type Walked = {
  readonly diskBytes: number;
  readonly atMs: number;
  /** What its processes had written by then. */
  readonly written: number;
  /** What was free when its walk began, or since. */
  freeBytes: number;
};

/** One of the folders of each disk that they are on. */
export function oneOfEachDisk(folders: readonly string[]): string[] {
  const disks = new Map<number, string>();
  for (const folder of folders.toReversed()) {
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found !== undefined) disks.set(found.dev, folder);
  }
  return [...disks.values()];
}

/** In all, on the disks of these folders. */
export function freeOn(folders: readonly string[]): number | undefined {
  try {
    return folders.map((folder) => statfsSync(folder)).reduce((sum, { bavail, bsize }) => sum + bavail * bsize, 0);
  } catch {
    return undefined;
  }
}

/** The disk has less room than when this was walked: none of it may be this one's, and at most all. */
export function shrunkSince(walked: Walked, freeBytes: number | undefined): number {
  if (freeBytes === undefined) return 0;
  // Room that was given back hides what is taken next.
  walked.freeBytes = Math.max(walked.freeBytes, freeBytes);
  return walked.freeBytes - freeBytes;
}

/** Is it time to walk it anew? `endBytes`: where it is ended. The nearer it was, the less tells. */
export function isWorthALook(walked: Walked, endBytes: number, written: number, shrunk: number): boolean {
  const left = Math.max(leastBytes, endBytes - walked.diskBytes);
  return written >= Math.min(writtenBytes, left) || shrunk >= Math.min(shrunkBytes, Math.max(left, 16 * leastBytes));
}

/** It may have reached its end by now, if what the disk has lost is its. */
export const mayBeFull = (walked: Walked, endBytes: number, shrunk: number): boolean =>
  shrunk >= leastBytes && walked.diskBytes + shrunk >= endBytes;

/** Who fills a disk does not write all the time. */
const fastForMs = 2000;

/** Does the disk lose room so fast, or did it just now, that it is looked at who it is, at once? */
export function createSpeedometer() {
  let before: { readonly freeBytes: number; readonly atMs: number } | undefined;
  let fastUntilMs = Number.NEGATIVE_INFINITY;
  return (freeBytes: number | undefined, atMs: number): boolean => {
    const last = before;
    if (freeBytes === undefined) return false;
    before = { freeBytes, atMs };
    if (last !== undefined && (last.freeBytes - freeBytes) * 1000 >= fastBytesPerSecond * Math.max(1, atMs - last.atMs))
      fastUntilMs = atMs + fastForMs;
    return atMs < fastUntilMs;
  };
}

import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '#kit/node/whole-file.ts';
import type { Clock } from '../../../ports/clock.ts';
import { readTemporary, temporaryIn } from './temporaries.ts';

/** Those of the folders from which a process of this computer runs, as far as the system tells. */
export type FoldersInUse = (folders: readonly string[]) => Promise<ReadonlySet<string>>;

export type SweepOptions = {
  readonly root: string;
  /** The name of the folder that this program uses itself. */
  readonly keep: string;
  /** When this program itself last marked its folder as wanted: that keeps nobody from sweeping it. */
  readonly markedMs?: number;
  readonly foldersInUse: FoldersInUse;
  readonly clock: Pick<Clock, 'nowMs'>;
};

/** Names of what was and is in `root`; `kept`: still used, or not to be removed, which `refusals` tell in the system's words. */
export type Swept = { readonly removed: readonly string[]; readonly kept: readonly string[]; readonly refusals: readonly string[] };

/** Between the moment in which a program asks for its folder and the one in which its agent runs from it. */
const wantedMs = 60_000;
/** A maker's number may be another process's by now; nobody copies this long. */
const mostWorkMs = 60 * 60_000;

function isThere(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** How long ago it was written to. Throws when it is gone. */
async function ageMs(path: string, { clock }: SweepOptions): Promise<number> {
  // A clock that was set back makes the age negative.
  return Math.abs(clock.nowMs() - (await lstat(path)).mtimeMs);
}

/** Whether a program but this one is about to start something from the folder. Throws when it is gone. */
async function isWanted(path: string, options: SweepOptions): Promise<boolean> {
  const { mtimeMs } = await lstat(path);
  return Math.abs(mtimeMs - (options.markedMs ?? 0)) >= 1 && (await ageMs(path, options)) < wantedMs;
}

async function remove(path: string): Promise<void> {
  // What runs cannot be removed on Windows: it is tried first, so that nothing else is missing then.
  await rm(join(path, 'bin'), { recursive: true, force: true, maxRetries: 3 }).catch((error: unknown) => {
    // A single file that was to mend a copy.
    if (errorCode(error) !== 'ENOTDIR') throw error;
  });
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}

/**
 * One version's folder, when nothing uses it: out of the way first, so that nobody can begin with it, then looked at once more.
 * False when it is used after all; it is where it was then.
 */
async function removeVersion(name: string, options: SweepOptions): Promise<boolean> {
  const { root, foldersInUse } = options;
  const path = join(root, name);
  const aside = temporaryIn(root, name);
  if ((await isWanted(path, options)) || (await foldersInUse([path])).size > 0) return false;
  await rename(path, aside);
  try {
    if (!(await isWanted(aside, options)) && (await foldersInUse([aside, path])).size === 0) {
      await remove(aside);
      return true;
    }
  } catch (error) {
    await rename(aside, path);
    throw error;
  }
  await rename(aside, path);
  return false;
}

/** What a killed program was copying or removing. True when it is gone. */
async function removeLeftover(name: string, options: SweepOptions): Promise<boolean> {
  const { root, foldersInUse } = options;
  const path = join(root, name);
  const temporary = readTemporary(name);
  if (temporary === undefined || temporary.maker === process.pid) return false;
  if (isThere(temporary.maker) && (await ageMs(path, options)) < mostWorkMs) return false;
  if ((await foldersInUse([path])).size === 0) {
    await remove(path);
    return true;
  }
  // Its sweeper was killed between moving it away and seeing that an agent had just begun.
  await rename(path, join(root, temporary.what));
  return false;
}

/**
 * Removes the copies of other versions from which no process runs and which nobody wanted of late, and what killed programs left. Repeatable, any number
 * of programs at once. What cannot be removed stays for the next time. Throws only when `root` cannot be read.
 */
export async function sweepCopies(options: SweepOptions): Promise<Swept> {
  const removed: string[] = [];
  const kept: string[] = [];
  const refusals: string[] = [];
  const names = await readdir(options.root).catch((error: unknown) => {
    // Nothing was ever copied.
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    if (name === options.keep) continue;
    const act = name.startsWith('.') ? removeLeftover : removeVersion;
    const isGone = await act(name, options).catch((error: unknown) => {
      // Gone meanwhile is another program's work.
      if (errorCode(error) !== 'ENOENT') refusals.push(String(error));
      return false;
    });
    (isGone ? removed : kept).push(name);
  }
  return { removed, kept, refusals };
}

import { constants } from 'node:fs';
import { access, chmod, copyFile, lstat, mkdir, open, rename, rm, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FarmError } from '#contract/errors.ts';
import { errorCode, syncFolder } from '#kit/node/whole-file.ts';
import { fileError } from '../../shared/files.ts';
import { damagedFiles, damageOf, type ProgramContents, type ProgramFile, sha256OfFile } from './contents.ts';
import { temporaryIn } from './temporaries.ts';

/** Everybody may read and run it: instances may have users of their own. */
const publicMode = 0o755;
const mostTries = 4;
/** A virus scanner holds what was just written for a moment; Windows refuses to rename it meanwhile. */
const renameWaitsMs = [0, 50, 100, 200, 400, 800];

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

async function renamePatiently(from: string, to: string): Promise<void> {
  let refusal: unknown;
  for (const waitMs of renameWaitsMs) {
    if (waitMs > 0) await delay(waitMs);
    try {
      return await rename(from, to);
    } catch (error) {
      refusal = error;
      // Windows says EPERM for a name that is taken, too: somebody else was quicker.
      if (!['EBUSY', 'EPERM', 'EACCES'].includes(errorCode(error)) || (await isFolder(to))) break;
    }
  }
  throw refusal;
}

async function isAway(path: string): Promise<boolean> {
  return access(path).then(
    () => false,
    (error: unknown) => errorCode(error) === 'ENOENT',
  );
}

/** Copies one file, durably, and compares what came with what it must be. Shares the blocks where the file system can. */
async function copyOne({ from, place, sha256 }: ProgramFile, to: string): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  } catch (error) {
    throw (await isAway(from)) ? damageOf(error, from) : error;
  }
  // Rights come along with the copy: those of a read-only installation would keep us from writing it out.
  await chmod(to, place[0] === 'bin' ? publicMode : 0o644);
  const handle = await open(to, 'r+');
  await handle.sync().finally(() => handle.close());
  if ((await sha256OfFile(to)) !== sha256) throw new FarmError('PROGRAM_DAMAGED', { path: from });
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: publicMode });
}

/** What cannot be removed now is swept later, and does not hide what went wrong. */
async function discard(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
}

/** A folder that was not there, whole or not at all. */
async function copyAll(root: string, folder: string, contents: ProgramContents): Promise<void> {
  const unfinished = temporaryIn(root, contents.folderName);
  try {
    for (const file of contents.files) {
      const to = join(unfinished, ...file.place);
      await makeFolder(dirname(to));
      await copyOne(file, to);
    }
    for (const name of ['agent', 'bin', '.']) await syncFolder(join(unfinished, name));
    await renamePatiently(unfinished, folder);
    await syncFolder(root);
  } finally {
    await discard(unfinished);
  }
}

/** Each wrong file by a right one, in one step each: agents that run from the folder find it again, and never half of it. */
async function mend(root: string, folder: string, damaged: readonly ProgramFile[]): Promise<void> {
  for (const file of damaged) {
    const unfinished = temporaryIn(root, file.place[1]);
    const to = join(folder, ...file.place);
    try {
      await copyOne(file, unfinished);
      await makeFolder(dirname(to));
      await renamePatiently(unfinished, to);
      await syncFolder(dirname(to));
    } finally {
      await discard(unfinished);
    }
  }
}

/** Says that the folder is wanted now, so that nobody sweeps it between this and the start of an agent. */
async function markWanted(folder: string, atMs: number): Promise<void> {
  await utimes(folder, new Date(atMs), new Date(atMs)).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
}

export type Outcome = 'whole' | 'copied' | 'mended';

async function makeRight(root: string, folder: string, contents: ProgramContents, damaged: readonly ProgramFile[]): Promise<Outcome> {
  await makeFolder(root);
  if (await isFolder(folder)) {
    await mend(root, folder, damaged);
    return 'mended';
  }
  // The name is ours: what has it and is no folder is damage too.
  await rm(folder, { force: true });
  await copyAll(root, folder, contents);
  return 'copied';
}

/** Another program was quicker, or swept what it took for a leftover: all is looked at afresh. */
const isRace = (error: unknown): boolean => ['EEXIST', 'ENOTEMPTY', 'ENOENT', 'EPERM', 'EBUSY', 'EACCES'].includes(errorCode(error));

/**
 * Makes `root/<folderName>` hold the program, whole, and answers with what it took. Any number of programs at once: each works beside, and the first
 * rename counts. Killed at any point it leaves a whole folder or none, and a temporary that is swept later. Repeatable. Throws `STORE_FULL` (naming
 * `root`; nothing is left then), `NOT_PERMITTED_BY_OS`, `PROGRAM_DAMAGED` when the installation is not what it says. `markNow` answers with the time by
 * which others see that the folder is wanted.
 */
export async function ensureCopy(root: string, contents: ProgramContents, markNow: () => number): Promise<Outcome> {
  const folder = join(root, contents.folderName);
  let outcome: Outcome = 'whole';
  let lastRace: unknown;
  try {
    for (let tries = 0; tries <= mostTries; tries += 1) {
      await markWanted(folder, markNow());
      const damaged = await damagedFiles(folder, contents);
      if (damaged.length === 0) return outcome;
      if (tries === mostTries) break;
      try {
        outcome = await makeRight(root, folder, contents, damaged);
      } catch (error) {
        if (!isRace(error)) throw error;
        lastRace = error;
      }
    }
  } catch (error) {
    throw fileError(error, root);
  }
  throw fileError(lastRace ?? new Error(`${folder} does not stay whole`), root);
}

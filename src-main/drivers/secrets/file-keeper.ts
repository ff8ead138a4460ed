import { randomBytes } from 'node:crypto';
import { chmod, link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isLinkRefused } from '#kit/node/hard-links.ts';
import { errorCode, syncFolder, temporaryBeside } from '#kit/node/whole-file.ts';
import { FarmError } from '#contract/errors.ts';
import type { Log } from '../../ports/request.ts';
import type { Keeper } from '../../ports/secrets.ts';
import { fileError } from '../shared/files.ts';
import { keyBytes, openBytes, sealBytes } from './seal.ts';

const context = 'farmstead-data-key';
/** A key file that is empty for longer than this is one whose writer died over it. */
const unfinishedMs = 3000;

async function readBytes(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw fileError(error, path);
  });
}

/**
 * Somebody copied the home without its rights: the next who looks into the folder must not read the key. Only its owner can take the rights away, and
 * not every disk has any: whoever else may read it could read it before, so that it is told and opens the home all the same.
 */
async function closeToOthers(path: string, log: Pick<Log, 'warn'> | undefined): Promise<void> {
  try {
    if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600);
  } catch (error) {
    log?.warn('key-file-readable-by-others', { path, code: errorCode(error) });
  }
}

/** Makes `path` of a whole file. Throws `EEXIST` when it is there: what stands there may be the only key of somebody's secrets. */
async function placeOnce(unfinished: string, path: string): Promise<void> {
  try {
    await link(unfinished, path);
  } catch (error) {
    if (!isLinkRefused(error)) throw error;
    // The empty file is the claim: whoever makes it, alone, puts the whole one over it.
    await (await open(path, 'wx', 0o600)).close();
    await rename(unfinished, path);
  }
}

/** What stands at `path` when it is whole; undefined where nothing is, or still an empty file after its writer had long enough. */
async function standingKey(path: string): Promise<Buffer | undefined> {
  for (let waitedMs = 0; ; waitedMs += 100) {
    const key = await readBytes(path);
    if (key === undefined || key.length > 0) return key;
    if (waitedMs >= unfinishedMs) return undefined;
    await delay(100);
  }
}

/** A key that once was written is never replaced: two programs that begin at once end with the same one. */
async function makeKey(path: string): Promise<Buffer> {
  const unfinished = temporaryBeside(path);
  const key = randomBytes(keyBytes);
  try {
    const handle = await open(unfinished, 'wx', 0o600);
    try {
      await handle.writeFile(key);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await placeOnce(unfinished, path).catch(async (error: unknown) => {
      // Nothing was ever wrapped by an empty file that a killed program left.
      if (errorCode(error) !== 'EEXIST' || (await standingKey(path)) !== undefined) throw error;
      await rename(unfinished, path);
    });
    await syncFolder(dirname(path));
    return key;
  } catch (error) {
    const theirs = errorCode(error) === 'EEXIST' ? await readBytes(path) : undefined;
    if (theirs === undefined) throw fileError(error, path);
    return theirs;
  } finally {
    await rm(unfinished, { force: true });
  }
}

/**
 * Keeps the data key under a random key in a file of its owner only (0600), in the home or, better, in a folder outside it. It protects against
 * whoever gets the home's backup without this file, and not against whoever may read the owner's files; a file that others may read and that
 * cannot be closed to them is told to `log`, once. `wrap` throws `STORE_FULL`, `NOT_PERMITTED_BY_OS`, `HOME_HALF_WRITTEN`.
 */
export function createFileKeeper(path: string, log?: Pick<Log, 'warn'>): Keeper {
  let closing: Promise<void> | undefined;
  const whole = async (key: Buffer): Promise<Buffer> => {
    if (key.length !== keyBytes) throw new FarmError('HOME_HALF_WRITTEN', { path, problem: 'key' });
    closing ??= closeToOthers(path, log);
    await closing;
    return key;
  };
  return {
    kind: 'file',
    mayAsk: false,
    availability: async () => 'none',
    wrap: async (dataKey) => sealBytes(await whole((await standingKey(path)) ?? (await makeKey(path))), context, dataKey),
    unwrap: async (wrapped) => {
      const key = await readBytes(path);
      if (key === undefined) throw new FarmError('SECRETS_LOCKED', { keepers: 'file' });
      return openBytes(await whole(key), context, wrapped);
    },
  };
}

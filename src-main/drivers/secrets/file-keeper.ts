import { randomBytes } from 'node:crypto';
import { chmod, link, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode, syncFolder, temporaryBeside } from '#kit/node/whole-file.ts';
import { FarmError } from '#contract/errors.ts';
import type { Keeper } from '../../ports/secrets.ts';
import { fileError } from '../shared/files.ts';
import { keyBytes, openBytes, sealBytes } from './seal.ts';

const context = 'farmstead-data-key';

async function readKey(path: string): Promise<Buffer | undefined> {
  const key = await readFile(path).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw fileError(error, path);
  });
  if (key !== undefined && key.length !== keyBytes) throw new FarmError('HOME_HALF_WRITTEN', { path, problem: 'key' });
  // Somebody copied the home without its rights: the next who looks into the folder must not read the key.
  if (key !== undefined && ((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600);
  return key;
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
    await link(unfinished, path);
    await syncFolder(dirname(path));
    return key;
  } catch (error) {
    const theirs = errorCode(error) === 'EEXIST' ? await readKey(path) : undefined;
    if (theirs === undefined) throw fileError(error, path);
    return theirs;
  } finally {
    await rm(unfinished, { force: true });
  }
}

/**
 * Keeps the data key under a random key in a file of its owner only (0600), in the home or, better, in a folder outside it. It protects against
 * whoever gets the home's backup without this file, and not against whoever may read the owner's files. `wrap` throws `STORE_FULL`,
 * `NOT_PERMITTED_BY_OS`, `HOME_HALF_WRITTEN`.
 */
export function createFileKeeper(path: string): Keeper {
  return {
    kind: 'file',
    mayAsk: false,
    availability: async () => 'none',
    wrap: async (dataKey) => sealBytes((await readKey(path)) ?? (await makeKey(path)), context, dataKey),
    unwrap: async (wrapped) => {
      const key = await readKey(path);
      if (key === undefined) throw new FarmError('SECRETS_LOCKED', { keepers: 'file' });
      return openBytes(key, context, wrapped);
    },
  };
}

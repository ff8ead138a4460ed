import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Files of ours that were being written: what a killed process leaves has this form and means nothing. */
const temporary = /^\..+\.[0-9a-f]{16}\.tmp$/;

/** A name beside `path` for something that is not whole yet; `removeTemporaries` knows it again. */
export function temporaryBeside(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(8).toString('hex')}.tmp`);
}

/** `ENOENT` and the like; empty for what is no failure of the system. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Makes a rename or a new name in a folder durable (fsync(2), notes). Windows cannot open folders, and needs it less: NTFS journals its names. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL'].includes(errorCode(error))) throw error;
  }
}

/**
 * Writes a file wholly or not at all, and durably: whoever reads `path` sees the old bytes or the new ones. May be called again. Throws what the file system throws; nothing unfinished is left then, but by a kill.
 */
export async function writeWholeFile(path: string, data: string | Uint8Array, options: { readonly mode: number }): Promise<void> {
  const unfinished = temporaryBeside(path);
  try {
    const handle = await open(unfinished, 'wx', options.mode);
    try {
      await handle.writeFile(data);
      // A mask of the process can only take rights away; what was asked for is set here.
      await handle.chmod(options.mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** Removes what killed writers left in a folder; returns how many. Only whoever owns the folder alone may call it. */
export async function removeTemporaries(folder: string): Promise<number> {
  const left = (await readdir(folder)).filter((name) => temporary.test(name));
  for (const name of left) await rm(join(folder, name), { recursive: true, force: true });
  return left.length;
}

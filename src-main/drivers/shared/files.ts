import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FarmError } from '#contract/errors.ts';

/** Files of ours that were being written: what a killed process leaves has this form and means nothing. */
const temporary = /^\..+\.[0-9a-f]{16}\.tmp$/;

/** A name beside `path` for something that is not whole yet; `removeTemporaries` knows it again. */
export function temporaryBeside(path: string): string {
  const name = path.slice(dirname(path).length).replace(/^[/\\]/, '');
  return join(dirname(path), `.${name}.${randomBytes(8).toString('hex')}.tmp`);
}

export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** A file system's failure as a coded one, where it is one that we expect. */
export function fileError(error: unknown, path: string): unknown {
  switch (errorCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new FarmError('STORE_FULL', { path }, { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new FarmError('NOT_PERMITTED_BY_OS', { what: path }, { cause: error });
    default:
      return error;
  }
}

/** Makes a rename or a new name in a folder durable. Windows cannot open folders, and needs it less: NTFS journals its names. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL'].includes(errorCode(error))) {
      throw error;
    }
  }
}

/**
 * Writes a file wholly or not at all, and durably: whoever reads `path` sees the old bytes or the new ones. May be called again.
 * Throws `STORE_FULL`, `NOT_PERMITTED_BY_OS`.
 */
export async function atomicWriteFile(path: string, data: string | Uint8Array, options: { readonly mode: number }): Promise<void> {
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
    throw fileError(error, path);
  }
}

/** Removes what killed writers left in a folder. Only whoever owns the folder alone may call it. */
export async function removeTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (temporary.test(name)) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}

export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      return undefined;
    }
    throw fileError(error, path);
  }
}

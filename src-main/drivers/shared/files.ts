import { stat } from 'node:fs/promises';
import { FarmError } from '#contract/errors.ts';
import { errorCode, writeWholeFile } from '#kit/node/whole-file.ts';

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

/** `writeWholeFile` with coded errors: throws `STORE_FULL`, `NOT_PERMITTED_BY_OS`. */
export async function atomicWriteFile(path: string, data: string | Uint8Array, options: { readonly mode: number }): Promise<void> {
  await writeWholeFile(path, data, options).catch((error: unknown) => {
    throw fileError(error, path);
  });
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

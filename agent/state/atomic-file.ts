import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type * as z from 'zod';
import { FarmError } from '#contract/errors.ts';
import { errorCode, removeTemporaries, syncFolder, writeWholeFile } from '#kit/node/whole-file.ts';
import { isNoRoom } from '../os/host-os.ts';

/** Agents of earlier versions wrote under such names. */
const earlierPrefix = '.new-';

/**
 * Puts a file in its place whole or not at all, in a folder that is made where it is missing. Mode 0600. The same text twice is fine. Throws
 * `DISK_FULL` with the path.
 */
export async function writeFileAtomically(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeWholeFile(path, text, { mode: 0o600 });
  } catch (error) {
    if (isNoRoom(error)) throw new FarmError('DISK_FULL', { server: '', path }, { cause: error });
    throw error;
  }
}

export type ReadJson<T> =
  | { readonly state: 'absent' }
  | { readonly state: 'torn'; readonly problem: string }
  | { readonly state: 'good'; readonly value: T };

/** Reads a JSON file by its schema. A file that is there and cannot be understood is `torn`, never an exception and never "absent". */
export async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<ReadJson<T>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { state: 'absent' };
    throw error;
  }
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success
      ? { state: 'good', value: parsed.data }
      : { state: 'torn', problem: parsed.error.issues[0]?.path.join('.') ?? 'schema' };
  } catch {
    return { state: 'torn', problem: text.length === 0 ? 'empty' : 'json' };
  }
}

/** Removes what a killed write left. Returns how many. A folder that is not there holds nothing. */
export async function sweepTemporary(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return 0;
  const earlier = names.filter((name) => name.startsWith(earlierPrefix));
  await Promise.all(earlier.map((name) => rm(join(folder, name), { force: true })));
  return earlier.length + (await removeTemporaries(folder));
}

/** Absent is fine, also with its whole folder. */
export async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path)).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
}

import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type * as z from 'zod';
import { FarmError } from '#contract/errors.ts';
import { isNoRoom } from '../os/host-os.ts';

const temporaryPrefix = '.new-';

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** A rename is only certain when its folder is on disk too (fsync(2), notes); Windows cannot open folders and needs no such call. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    if (isNoRoom(error)) throw error;
  }
}

/**
 * Puts a file in its place whole or not at all: temporary name, fsync, rename, fsync of the folder. Mode 0600.
 * The same text twice is fine. Throws `DISK_FULL` with the path.
 */
export async function writeFileAtomically(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `${temporaryPrefix}${basename(path)}-${randomBytes(4).toString('hex')}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true });
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
    if (isMissing(error)) return { state: 'absent' };
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

/** Removes what a killed write left. Returns how many. */
export async function sweepTemporary(folder: string): Promise<number> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(temporaryPrefix));
  await Promise.all(names.map((name) => rm(join(folder, name), { force: true })));
  return names.length;
}

export async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path));
}

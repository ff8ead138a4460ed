import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** What a folder's tree looked like at one moment. */
export type TreeLook =
  | {
      readonly state: 'seen';
      /** Differs after every change of names, sizes or times. */
      readonly mark: string;
      /** When anything in it changed last, by the file system's clock: a change of contents cannot hide from it. UTC milliseconds. */
      readonly changedAtMs: number;
    }
  /** Too many entries, or not readable: nothing can be said of it. */
  | { readonly state: 'unknown' };

export type TreeLimits = { readonly entries: number; readonly walkMs: number };
export const usualTreeLimits: TreeLimits = { entries: 100_000, walkMs: 2000 };

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

/** Order does not matter, and nothing grows with the tree. */
function mix(before: number, name: string, sizeBytes: number, atMs: number): number {
  let hash = 0x811c9dc5;
  const add = (value: number): void => {
    hash = Math.imul(hash ^ value, 0x01000193);
  };
  for (let at = 0; at < name.length; at++) add(name.charCodeAt(at));
  for (const value of [sizeBytes, atMs]) for (const part of [value % 2 ** 31, Math.floor(value / 2 ** 31)]) add(part);
  return (before + hash) >>> 0;
}

/**
 * Looks at every file and folder below, never through a link. What is deleted meanwhile is not there; a folder that is absent is an empty one.
 * Never throws.
 */
export async function lookAtTree(folder: string, limits: TreeLimits, steadyMs: () => number): Promise<TreeLook> {
  const deadlineMs = steadyMs() + limits.walkMs;
  const folders = [folder];
  let entries = 0;
  let hash = 0;
  let changedAtMs = 0;
  const take = async (path: string): Promise<boolean> => {
    entries += 1;
    const { size, mtimeMs, ctimeMs } = await lstat(path);
    changedAtMs = Math.max(changedAtMs, mtimeMs, ctimeMs);
    hash = mix(hash, path, size, Math.floor(mtimeMs) + Math.floor(ctimeMs));
    return entries <= limits.entries && steadyMs() <= deadlineMs;
  };
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    try {
      if (!(await take(next))) return { state: 'unknown' };
      for await (const entry of await opendir(next)) {
        const path = join(next, entry.name);
        if (entry.isDirectory()) folders.push(path);
        else if (!(await take(path).catch((error: unknown) => isAbsent(error) || Promise.reject(error)))) return { state: 'unknown' };
      }
    } catch (error) {
      if (!isAbsent(error)) return { state: 'unknown' };
    }
  }
  return { state: 'seen', mark: `${entries}:${hash}:${changedAtMs}`, changedAtMs };
}

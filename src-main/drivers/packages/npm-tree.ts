import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArchiveFile, filesBelow } from './archive.ts';

export type NpmFiles = { readonly packageJson: string; readonly lock: string };

export async function readNpmFiles(lockFolder: string): Promise<NpmFiles> {
  const [packageJson, lock] = await Promise.all(
    ['package.json', 'package-lock.json'].map((name) => readFile(join(lockFolder, name), 'utf8')),
  );
  return { packageJson: packageJson ?? '', lock: lock ?? '' };
}

/** A folder with nothing but the two files, ready for `npm ci`. */
export async function layOut(lockFolder: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of ['package.json', 'package-lock.json']) await copyFile(join(lockFolder, name), join(folder, name));
}

/** Does the archive hold this path? The longest of the named paths that it is, or is below, decides. */
export function isPacked(name: string, leaveOut: readonly string[], keep: readonly string[]): boolean {
  const longest = (paths: readonly string[]): number =>
    Math.max(-1, ...paths.filter((path) => name === path || name.startsWith(`${path}/`)).map((path) => path.length));
  return longest(leaveOut) <= longest(keep);
}

/** What is packed of an installed tree: `node_modules` without npm's own notes, which tell of the moment. */
export async function treeFiles(folder: string, leaveOut: readonly string[], keep: readonly string[]): Promise<ArchiveFile[]> {
  const all = await filesBelow(join(folder, 'node_modules'), 'node_modules/');
  return all
    .filter(({ name }) => name !== 'node_modules/.package-lock.json' && !name.startsWith('node_modules/.bin/'))
    .filter(({ name }) => isPacked(name, leaveOut, keep))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

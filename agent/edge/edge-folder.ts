import { chmodSync, lchownSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { HostOs } from '../os/host-os.ts';
import type { HostUser } from '../os/identity.ts';
import { type EdgePaths, readWhole, writeWhole } from './edge-files.ts';

const userFile = z.object({ userId: z.number().int().min(1000) });
const settingsFile = z.object({ workers: z.number().int().min(1).max(64) });

/** How many workers the edge shall have from its next start on; one where nobody said. */
export function readWorkerCount({ settings }: EdgePaths): number {
  const read = readWhole(settings, settingsFile);
  return read.state === 'good' ? read.value.workers : 1;
}

/** Throws `DISK_FULL`. Repeatable. */
export function keepWorkerCount(paths: EdgePaths, workers: number): void {
  if (readWhole(paths.settings, settingsFile).state !== 'good' || readWorkerCount(paths) !== workers)
    writeWhole(paths.settings, JSON.stringify({ workers }));
}

/** The user of this edge's workers, the same for the folder's whole life; undefined where none was chosen yet, or can be had. */
export function knownUser(os: HostOs, paths: EdgePaths): HostUser | undefined {
  if (os.isolation([]).state !== 'own') return undefined;
  const read = readWhole(paths.user, userFile);
  return read.state === 'good' ? { userId: read.value.userId } : undefined;
}

/** Chooses one at the first call. Throws `DISK_FULL`. */
function userOf(os: HostOs, paths: EdgePaths): HostUser | undefined {
  const known = knownUser(os, paths);
  if (known !== undefined) return known;
  const chosen = os.edgeUser(paths.folder);
  if (chosen !== undefined) writeWhole(paths.user, JSON.stringify({ userId: chosen.userId }));
  return chosen;
}

const readable = 0o2750;
const passable = 0o2710;

function open(path: string, { userId }: HostUser, mode: number): void {
  const found = lstatSync(path);
  if (found.isSymbolicLink()) return;
  if (found.uid !== 0 || found.gid !== userId) lchownSync(path, 0, userId);
  // Giving away takes the bit for the group off again.
  if ((lstatSync(path).mode & 0o7777) !== mode) chmodSync(path, mode);
}

/**
 * Where the edge has a user of its own, that user may read routes, certificates and bundles, and write nothing: all of it is root's, of the user's group, and
 * what is put there later gets that group from its folder. Everything else in the folder stays closed. What an edge of earlier days left is brought
 * along. Repeatable, also while an edge runs.
 */
export function prepareEdgeFolder(os: HostOs, paths: EdgePaths): HostUser | undefined {
  const folders = [
    { path: paths.folder, mode: 0o710 },
    { path: paths.routes, mode: readable },
    { path: paths.certificates, mode: readable },
    { path: paths.bundles, mode: passable },
  ];
  for (const { path } of folders) mkdirSync(path, { recursive: true, mode: 0o700 });
  const user = userOf(os, paths);
  if (user === undefined) return undefined;
  for (const { path, mode } of folders) {
    open(path, user, mode);
    if (path === paths.folder) continue;
    for (const name of readdirSync(path)) {
      const entry = join(path, name);
      if (lstatSync(entry, { throwIfNoEntry: false })?.isFile() === true) open(entry, user, 0o640);
    }
  }
  return user;
}

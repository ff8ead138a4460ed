import { mkdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { agentKeyOf } from './agent-home.ts';

/** Where instances of agents lie that run as root while other users may not pass to their homes; one folder an agent. */
export const usualPlace = '/var/lib/farmstead-demo';

/** May a user of no group pass every folder from the root to here? A folder that is not there yet is made passable. */
async function isPassable(path: string): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => undefined);
    if (found !== undefined && (found.mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

export const placeOf = (place: string, home: string): string => join(place, agentKeyOf(home));

/**
 * The folder for the instances of an agent that we start as root below a folder which other users may not pass, as a person's own is; undefined where
 * they may stay in its home, or where there is no such place: then the agent refuses to start any, and says why.
 */
export async function instancesFolder(place: string, home: string): Promise<string | undefined> {
  if (process.geteuid?.() !== 0 || (await isPassable(dirname(home)))) return undefined;
  const folder = placeOf(place, home);
  if (!(await isPassable(dirname(folder)))) return undefined;
  return mkdir(folder, { recursive: true, mode: 0o711 }).then(
    () => folder,
    () => undefined,
  );
}

/** Takes it away again, and the place with the last of them. Absent is fine; answers with the path that is still there. */
export async function removeInstancesFolder(place: string, home: string): Promise<readonly string[]> {
  if (process.geteuid?.() !== 0) return [];
  const folder = placeOf(place, home);
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }).catch(() => undefined);
  await rmdir(place).catch(() => undefined);
  return stat(folder).then(
    () => [folder],
    () => [],
  );
}

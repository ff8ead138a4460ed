import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { HostOs } from '../os/host-os.ts';
import type { AgentFolders } from '../ports.ts';

/** `open`: where packages and instances lie, when not in the home, e.g. because other users may not pass to that. */
export function foldersOf(home: string, open: string = home): AgentFolders {
  const root = resolve(home);
  const passable = resolve(open);
  return {
    home: root,
    state: join(root, 'state'),
    uploads: join(root, 'uploads'),
    open: passable,
    packages: join(passable, 'packages'),
    instances: join(passable, 'instances'),
    runtime: join(passable, 'runtime'),
    logs: join(root, 'logs'),
    ring: join(root, 'ring'),
  };
}

/**
 * Makes the agent's folders. Everything is 0700; where instances have users of their own, those may pass through what is open to them,
 * and nothing else. May be called twice, also while instances run: the way to their folders is never shut in between.
 */
export async function prepareHome(folders: AgentFolders, os: HostOs, isIsolated: boolean): Promise<void> {
  const passages = [folders.open, folders.packages, folders.instances, folders.runtime];
  for (const path of new Set([folders.home, ...passages, folders.state, folders.uploads, folders.logs, folders.ring])) {
    await mkdir(path, { recursive: true, mode: 0o700 });
    if (isIsolated && passages.includes(path)) await os.openPassage(path);
    else await os.closeFolder(path, undefined);
  }
}

/** Removes what killed work left in the home: half-unpacked payloads, folders on their way out. Returns their names. */
export async function sweepHome(folders: AgentFolders): Promise<string[]> {
  const swept: string[] = [];
  for (const folder of [folders.packages, folders.instances, folders.uploads, folders.logs]) {
    for (const name of await readdir(folder)) {
      if (!name.startsWith('.')) continue;
      await rm(join(folder, name), { recursive: true, force: true });
      swept.push(name);
    }
  }
  return swept;
}

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { FarmError } from '#contract/errors.ts';
import type { HostOs, ProcessIdentity } from '../os/host-os.ts';
import type { AgentFolders } from '../ports.ts';

const lockSchema = z.object({ processId: z.number().int(), startMark: z.string() });

export function foldersOf(home: string): AgentFolders {
  const root = resolve(home);
  return {
    home: root,
    state: join(root, 'state'),
    uploads: join(root, 'uploads'),
    packages: join(root, 'packages'),
    instances: join(root, 'instances'),
    logs: join(root, 'logs'),
    ring: join(root, 'ring'),
  };
}

/**
 * Makes the agent's folders. Everything is 0700; where instances have users of their own, those may pass through home, packages and instances,
 * and nothing else. May be called twice, also while instances run: the way to their folders is never shut in between.
 */
export async function prepareHome(folders: AgentFolders, os: HostOs, isIsolated: boolean): Promise<void> {
  const passages = [folders.home, folders.packages, folders.instances];
  for (const path of [...passages, folders.state, folders.uploads, folders.logs, folders.ring]) {
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

async function readLock(path: string): Promise<ProcessIdentity | undefined> {
  try {
    const parsed = lockSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Takes the home for this process; returns the release. Throws `HOME_LOCKED` with the holder. A lock whose holder died is taken over;
 * of two that take over at once, one wins, because both rename the same file and look at what they got.
 */
export async function lockHome(folders: AgentFolders, os: HostOs): Promise<() => Promise<void>> {
  const path = join(folders.home, 'agent.lock');
  const own = os.identify(process.pid) ?? { processId: process.pid, startMark: '' };
  const token = randomBytes(6).toString('hex');
  const mine = `${path}.${token}`;
  const file = await open(mine, 'wx', 0o600);
  await file.writeFile(JSON.stringify(own)).finally(() => file.close());
  try {
    for (let tries = 0; tries < 20; tries++) {
      try {
        await link(mine, path);
        return () => rm(path, { force: true });
      } catch (error) {
        if (!existsSync(path)) continue;
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      }
      const holder = await readLock(path);
      if (holder !== undefined && os.isAlive(holder))
        throw new FarmError('HOME_LOCKED', { path: folders.home, processId: holder.processId });
      const stale = `${path}.stale-${token}`;
      const isMoved = await rename(path, stale).then(
        () => true,
        () => false,
      );
      const got = isMoved ? await readLock(stale) : undefined;
      if (got !== undefined && os.isAlive(got)) await rename(stale, path);
      else await rm(stale, { force: true });
    }
    throw new FarmError('HOME_LOCKED', { path: folders.home, processId: 0 });
  } finally {
    await rm(mine, { force: true });
  }
}

import { randomBytes } from 'node:crypto';
import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { FarmError } from '#contract/errors.ts';
import type { HostOs } from '../os/host-os.ts';
import type { AgentFolders } from '../ports.ts';

/**
 * A home belongs to one agent at a time. The lock is a file `agent-lock.<n>.json`; the highest number counts, and numbers only rise, so that of
 * many who find a dead holder one follows it: each tries to make the same next file, and a file is made once. A holder is its process number with
 * the mark of its start, so that neither kill -9 nor a reused number locks a home for good.
 */
const lockFile = z.object({ state: z.enum(['held', 'free']), processId: z.number().int(), startMark: z.string() });
type Lock = z.infer<typeof lockFile>;

/** Agents of the first version held this one file; one that still runs keeps its home. */
const firstLock = 'agent.lock';
const unfinishedPrefix = '.agent-lock.';
const nameOf = (generation: number): string => `agent-lock.${generation}.json`;
const free: Lock = { state: 'free', processId: 0, startMark: '' };

async function generations(home: string): Promise<number[]> {
  const found = (await readdir(home)).flatMap((name) => {
    const digits = /^agent-lock\.(\d{1,12})\.json$/.exec(name)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
  return found.sort((one, other) => one - other);
}

/** One that has gone, or is not whole, holds nothing: files are made whole, and go only after a higher one came. */
async function readLock(path: string): Promise<Lock> {
  try {
    const read: unknown = JSON.parse(await readFile(path, 'utf8'));
    return lockFile.parse(path.endsWith(firstLock) && typeof read === 'object' ? { state: 'held', ...read } : read);
  } catch {
    return free;
  }
}

async function writeUnfinished(home: string, lock: Lock): Promise<string> {
  const path = join(home, `${unfinishedPrefix}${randomBytes(6).toString('hex')}`);
  await writeFile(path, JSON.stringify(lock), { mode: 0o600, flag: 'wx' });
  return path;
}

/** Makes the file whole; false when it is there already. */
async function publish(home: string, path: string, lock: Lock): Promise<boolean> {
  const unfinished = await writeUnfinished(home, lock);
  try {
    await link(unfinished, path);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    // ENOENT: whoever just took the home has swept our unfinished file away.
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    throw error;
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** Takes the home for this process; returns the release. Throws `HOME_LOCKED` with the holder. A lock whose holder died is taken over. */
export async function lockHome({ home }: Pick<AgentFolders, 'home'>, os: HostOs): Promise<() => Promise<void>> {
  const own: Lock = { state: 'held', ...(os.identify(process.pid) ?? { processId: process.pid, startMark: '' }) };
  while (true) {
    const last = (await generations(home)).at(-1) ?? 0;
    const present = await readLock(join(home, last === 0 ? firstLock : nameOf(last)));
    if (present.state === 'held' && os.isAlive(present)) throw new FarmError('HOME_LOCKED', { path: home, processId: present.processId });
    const mine = last + 1;
    const path = join(home, nameOf(mine));
    if (!(await publish(home, path, own))) continue;
    const all = await generations(home);
    // Somebody was a whole turn faster, lock and release: ours is of no use.
    if (all.at(-1) !== mine) {
      await rm(path, { force: true });
      continue;
    }
    const left = (await readdir(home)).filter((name) => name === firstLock || name.startsWith(unfinishedPrefix));
    for (const name of [...all.filter((old) => old < mine).map(nameOf), ...left]) await rm(join(home, name), { force: true });
    return releaser(home, path);
  }
}

/** The file stays, marked free: were it removed, numbers could begin again below one that somebody is just about to make. */
function releaser(home: string, path: string): () => Promise<void> {
  let released: Promise<void> | undefined;
  return () => {
    released ??= writeUnfinished(home, free).then((unfinished) => rename(unfinished, path));
    return released;
  };
}

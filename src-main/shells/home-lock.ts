import { randomBytes } from 'node:crypto';
import { link, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { FarmError } from '#contract/errors.ts';
import { atomicWriteFile, errorCode, fileError } from '../drivers/shared/files.ts';
import { chooseDesktop, type Desktop } from './choose-desktop.ts';

/**
 * A home is opened by one core at a time. The lock is a file `core-lock.<n>.json`; the highest number counts, and numbers only rise, so that
 * two programs which both find a dead holder cannot both follow it: each tries to make the same next file, and a file is made once.
 * A holder is its process number together with the mark of its start, so that neither kill -9 nor a reused number locks a home for good.
 */
const holder = z.object({ state: z.enum(['held', 'free']), processId: z.number().int(), startMark: z.string() });
type Holder = z.infer<typeof holder>;

export type HomeLock = {
  /** Lets the home go. May be called twice. */
  readonly release: () => Promise<void>;
};

/** A lock file that is not whole after this long is one whose writer died over it. */
const unfinishedMs = 3000;
const nameOf = (generation: number): string => `core-lock.${generation}.json`;

async function generations(home: string): Promise<number[]> {
  const found = (await readdir(home)).flatMap((name) => {
    const digits = /^core-lock\.(\d{1,12})\.json$/.exec(name)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
  return found.sort((left, right) => left - right);
}

type Read = Holder | 'gone' | 'unfinished';

async function read(path: string): Promise<Read> {
  try {
    return holder.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'gone';
    const found = await stat(path).catch(() => undefined);
    return found !== undefined && Math.abs(Date.now() - found.mtimeMs) < unfinishedMs
      ? 'unfinished'
      : { state: 'free', processId: 0, startMark: '' };
  }
}

/** Makes a whole file that must not be there yet; false when it is. Where the file system has no links it is made in place. */
async function publish(home: string, path: string, text: string): Promise<boolean> {
  const own = join(home, `.core-lock.${randomBytes(8).toString('hex')}.tmp`);
  try {
    await writeFile(own, text, { mode: 0o600, flag: 'wx' });
    await link(own, path);
    return true;
  } catch (error) {
    // ENOENT: whoever just took the home has swept our unfinished file away.
    if (['EEXIST', 'ENOENT'].includes(errorCode(error))) return false;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(errorCode(error))) throw fileError(error, path);
    return await publishInPlace(path, text);
  } finally {
    await rm(own, { force: true });
  }
}

async function publishInPlace(path: string, text: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx', 0o600);
    await handle.writeFile(text).finally(() => handle.close());
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw fileError(error, path);
  }
}

export function isRunning(desktop: Desktop, identity: { readonly processId: number; readonly startMark: string }): boolean {
  return identity.processId > 0 && desktop.startMark(identity.processId) === identity.startMark;
}

/**
 * Takes the home for this process. Throws `HOME_LOCKED` with the number of the process that has it, `STORE_FULL`, `NOT_PERMITTED_BY_OS`.
 * The home must be prepared.
 */
export async function lockHome(home: string, desktop: Desktop = chooseDesktop()): Promise<HomeLock> {
  const self = { processId: process.pid, startMark: desktop.startMark(process.pid) ?? '' };
  while (true) {
    const last = (await generations(home)).at(-1) ?? 0;
    const present = last === 0 ? 'gone' : await read(join(home, nameOf(last)));
    if (present === 'unfinished') {
      await delay(100);
      continue;
    }
    if (present !== 'gone' && present.state === 'held' && isRunning(desktop, present))
      throw new FarmError('HOME_LOCKED', { path: home, processId: present.processId });
    const mine = last + 1;
    const path = join(home, nameOf(mine));
    if (!(await publish(home, path, JSON.stringify({ state: 'held', ...self })))) continue;
    const all = await generations(home);
    // Somebody was a whole turn faster, lock and release: ours is of no use.
    if (all.at(-1) !== mine) {
      await rm(path, { force: true });
      continue;
    }
    for (const old of all) if (old < mine) await rm(join(home, nameOf(old)), { force: true });
    return { release: releaser(path) };
  }
}

/** The file stays, marked free: were it removed, numbers could begin again below one that somebody is just about to make. */
function releaser(path: string): () => Promise<void> {
  let released: Promise<void> | undefined;
  return () => {
    released ??= (async () => {
      const present = await read(path);
      if (typeof present === 'object' && present.processId === process.pid)
        await atomicWriteFile(path, JSON.stringify({ state: 'free', processId: 0, startMark: '' }), { mode: 0o600 });
    })();
    return released;
  };
}

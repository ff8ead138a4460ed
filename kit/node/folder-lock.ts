import { randomBytes } from 'node:crypto';
import { link, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isLinkRefused } from './hard-links.ts';
import { errorCode } from './whole-file.ts';

/** A process: its number together with the mark of its start, so that neither kill -9 nor a reused number locks a folder for good. */
export type LockHolder = { readonly processId: number; readonly startMark: string };

export type FolderLockOptions = {
  readonly folder: string;
  /** `core-lock`: the files are `core-lock.<n>.json`. */
  readonly name: string;
  readonly self: LockHolder;
  readonly isRunning: (holder: LockHolder) => boolean;
  /** A file that held the folder in earlier versions, read as one that is held. */
  readonly earlierFile?: string;
};

export type FolderLock =
  | { readonly state: 'taken' /** Lets the folder go. May be called twice. */; readonly release: () => Promise<void> }
  | { readonly state: 'held'; readonly by: LockHolder };

type Lock = LockHolder & { readonly state: 'held' | 'free' };
type Read = Lock | 'gone' | 'unfinished';
const free: Lock = { state: 'free', processId: 0, startMark: '' };
/** A lock file that is not whole after this long is one whose writer died over it; one from far in the future too, where a clock was set back. */
const unfinishedMs = 3000;
/** Windows refuses to read what is just being replaced or looked at by a virus scanner. */
const unreadable = { codes: ['EBUSY', 'EPERM', 'EACCES'], mostTries: 10, pauseMs: 100 };

/**
 * Takes a folder for this process, one process at a time. The lock is a numbered file; the highest number counts, and numbers only rise, so that of many
 * who find a dead holder one follows it: each tries to make the same next file, and a file is made once. Throws what the file system throws.
 */
export async function lockFolder(options: FolderLockOptions): Promise<FolderLock> {
  const files = new LockFiles(options);
  while (true) {
    const last = (await files.numbers()).at(-1) ?? 0;
    const present = await files.read(last);
    if (present === 'unfinished') {
      await delay(100);
      continue;
    }
    if (present !== 'gone' && present.state === 'held' && options.isRunning(present))
      return { state: 'held', by: { processId: present.processId, startMark: present.startMark } };
    const mine = last + 1;
    if (!(await files.make(mine, { state: 'held', ...options.self }))) continue;
    // Somebody was a whole turn faster, lock and release: ours is of no use.
    if ((await files.numbers()).at(-1) !== mine) {
      await files.remove(mine);
      continue;
    }
    await files.sweepBelow(mine);
    let released: Promise<void> | undefined;
    return { state: 'taken', release: () => (released ??= files.letGo(mine)) };
  }
}

class LockFiles {
  readonly #options: FolderLockOptions;
  constructor(options: FolderLockOptions) {
    this.#options = options;
  }

  #path(number: number): string {
    return join(this.#options.folder, `${this.#options.name}.${number}.json`);
  }

  async numbers(): Promise<number[]> {
    const { folder, name } = this.#options;
    const found = (await readdir(folder)).flatMap((file) => {
      const digits = file.startsWith(`${name}.`) ? /^\.(\d{1,12})\.json$/.exec(file.slice(name.length))?.[1] : undefined;
      return digits === undefined ? [] : [Number(digits)];
    });
    return found.sort((one, other) => one - other);
  }

  /** Number 0 is the file of earlier versions. */
  async read(number: number): Promise<Read> {
    const { folder, earlierFile } = this.#options;
    if (number === 0 && earlierFile === undefined) return 'gone';
    const path = number === 0 ? join(folder, earlierFile ?? '') : this.#path(number);
    try {
      const parsed: unknown = JSON.parse(await readPatiently(path));
      return lockOf(number === 0 && typeof parsed === 'object' ? { state: 'held', ...parsed } : parsed);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return 'gone';
      // What cannot be read may well be held, by another person's program too.
      if (errorCode(error) !== '') throw error;
      const found = await stat(path).catch(() => undefined);
      return found !== undefined && Math.abs(Date.now() - found.mtimeMs) < unfinishedMs ? 'unfinished' : free;
    }
  }

  /** Makes a whole file that must not be there yet; false when it is. Where the file system has no links it is made in place. */
  async make(number: number, lock: Lock): Promise<boolean> {
    const own = await this.#writeUnfinished(lock);
    try {
      await link(own, this.#path(number));
      return true;
    } catch (error) {
      // ENOENT: whoever just took the folder has swept our unfinished file away.
      if (['EEXIST', 'ENOENT'].includes(errorCode(error))) return false;
      if (!isLinkRefused(error)) throw error;
      return await this.#makeInPlace(number, lock);
    } finally {
      await rm(own, { force: true });
    }
  }

  async #makeInPlace(number: number, lock: Lock): Promise<boolean> {
    try {
      const handle = await open(this.#path(number), 'wx', 0o600);
      await handle.writeFile(JSON.stringify(lock)).finally(() => handle.close());
      return true;
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return false;
      throw error;
    }
  }

  async #writeUnfinished(lock: Lock): Promise<string> {
    const { folder, name } = this.#options;
    const path = join(folder, `.${name}.${randomBytes(8).toString('hex')}.tmp`);
    try {
      await writeFile(path, JSON.stringify(lock), { mode: 0o600, flag: 'wx' });
      return path;
    } catch (error) {
      // A full disk leaves an empty one.
      await rm(path, { force: true });
      throw error;
    }
  }

  async remove(number: number): Promise<void> {
    await rm(this.#path(number), { force: true });
  }

  /** Everything that came before: dead locks, the earlier file, what killed writers left. */
  async sweepBelow(number: number): Promise<void> {
    const { folder, name, earlierFile } = this.#options;
    for (const old of await this.numbers()) if (old < number) await this.remove(old);
    for (const file of await readdir(folder))
      if (file === earlierFile || file.startsWith(`.${name}.`)) await rm(join(folder, file), { force: true });
  }

  /** The file stays, marked free: were it removed, numbers could begin again below one that somebody is just about to make. */
  async letGo(number: number): Promise<void> {
    const present = await this.read(number);
    if (typeof present !== 'object' || present.processId !== this.#options.self.processId) return;
    await rename(await this.#writeUnfinished(free), this.#path(number));
  }
}

async function readPatiently(path: string): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      if (tries === unreadable.mostTries || !unreadable.codes.includes(errorCode(error))) throw error;
      await delay(unreadable.pauseMs);
    }
  }
}

/** Throws at anything else: it counts as not whole. */
function lockOf(value: unknown): Lock {
  if (typeof value !== 'object' || value === null) throw new SyntaxError('no lock');
  const { state, processId, startMark } = value as Record<string, unknown>;
  if ((state !== 'held' && state !== 'free') || !Number.isInteger(processId) || typeof startMark !== 'string')
    throw new SyntaxError('no lock');
  return { state, processId: Number(processId), startMark };
}

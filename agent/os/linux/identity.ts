import { createHash, randomBytes } from 'node:crypto';
import { accessSync, constants, lstatSync, type Stats, statSync } from 'node:fs';
import { chmod, copyFile, lchown, lstat, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FarmError } from '#contract/errors.ts';
import { setprivArguments } from '#kit/setpriv.ts';
import type { Confinement, HostIdentities, HostUser, Isolation } from '../identity.ts';
import { allProcessIds, parseUserId, readProc } from './proc.ts';
import { processesOf } from './processes.ts';

/**
 * Users of instances are bare numbers. 65536–524287 belongs to nobody (https://systemd.io/UIDS-GIDS/), and subordinate ids begin
 * at 100000 (subuid(5)); so this range meets neither people, services, nor containers.
 */
const firstUserId = 70_000;
const userCount = 30_000;
/** Users of edges stand before them, so that no instance ever gets one, whoever chose it. */
const firstEdgeUserId = 66_000;
const edgeUserCount = 4000;
/** Bits of capabilities(7) without which root cannot give files away, become another user, or end what runs as one. */
const neededRights = [0, 1, 5, 6, 7];

function rightsOf(status: string): (bit: number) => boolean {
  const rights = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
  return (bit) => (rights >> BigInt(bit)) % 2n === 1n;
}

/** May this root become other users? Not where a container took the rights away, nor where its own numbers lead nowhere (user_namespaces(7)). */
export function canBecomeUsers(status: string, uidMap: string): boolean {
  const hasRights = neededRights.every(rightsOf(status));
  const isMapped = uidMap.split('\n').some((line) => {
    const [inside = Number.NaN, , count = 0] = line.trim().split(/ +/).map(Number);
    return inside <= firstEdgeUserId && firstUserId + userCount <= inside + count;
  });
  return hasRights && isMapped;
}

/** The first folder on the way, from the root, that a user of no group may not pass. */
function closedOn(folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    const way: string[] = [];
    for (let path = folder; ; path = dirname(path)) {
      way.unshift(path);
      if (path === dirname(path)) break;
    }
    const closed = way.find((path) => (statSync(path).mode & 0o001) === 0);
    if (closed !== undefined) return closed;
  }
  return undefined;
}

function isolation(folders: readonly string[]): Isolation {
  if (process.geteuid?.() !== 0) return { state: 'shared', reason: 'notRoot' };
  if (!canBecomeUsers(readProc('/proc/self/status') ?? '', readProc('/proc/self/uid_map') ?? ''))
    return { state: 'refused', reason: 'noUsers', path: '' };
  const path = closedOn(folders);
  return path === undefined ? { state: 'own' } : { state: 'refused', reason: 'closedPath', path };
}

function freeUser(first: number, count: number, taken: ReadonlySet<number>, seed: string): HostUser {
  const inUse = new Set(allProcessIds().map((processId) => parseUserId(readProc(`/proc/${processId}/status`) ?? '')));
  const start = createHash('sha256').update(seed).digest().readUInt32BE(0) % count;
  for (let step = 0; step < count; step++) {
    const userId = first + ((start + step) % count);
    if (!taken.has(userId) && !inUse.has(userId)) return { userId };
  }
  throw new FarmError('NOT_PERMITTED_BY_OS', { what: 'uid' });
}

function newUser(taken: ReadonlySet<number>, seed: string): HostUser {
  return freeUser(firstUserId, userCount, taken, seed);
}

function edgeUser(seed: string): HostUser | undefined {
  return isolation([]).state === 'own' ? freeUser(firstEdgeUserId, edgeUserCount, new Set(), seed) : undefined;
}

/** Bit of CAP_SETPCAP: only with it can a process give up for good what its children could get (capabilities(7)). */
const boundRight = 8;

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function confine(user: HostUser | undefined): Confinement {
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find(isProgram);
  if (user === undefined) return { state: 'none', before: setpriv === undefined ? [] : [setpriv, ...setprivArguments({})], as: undefined };
  const { userId } = user;
  if (setpriv === undefined || !rightsOf(readProc('/proc/self/status') ?? '')(boundRight))
    return { state: 'user', before: [], as: { uid: userId, gid: userId } };
  return { state: 'full', before: [setpriv, ...setprivArguments({ userId })], as: undefined };
}

async function close(path: string, user: HostUser | undefined, mode: number): Promise<void> {
  // The folder may belong to an instance: a link in the place of what we made must not lead our rights elsewhere.
  if ((await lstat(path)).isSymbolicLink()) throw new FarmError('NOT_PERMITTED_BY_OS', { what: path });
  if (user !== undefined) await lchown(path, user.userId, user.userId);
  await chmod(path, mode);
}

/**
 * A file that has another name elsewhere would be given away there too, so it becomes one of its own. A socket or pipe is harmless; a device is not:
 * its rights are those of whoever owns it.
 */
async function giveEntry(path: string, found: Stats, userId: number): Promise<void> {
  if (found.isBlockDevice() || found.isCharacterDevice()) return rm(path, { force: true });
  if (found.uid === userId && found.gid === userId) return;
  if (found.isFile() && found.nlink > 1) {
    const own = join(dirname(path), `.own-${randomBytes(4).toString('hex')}`);
    await copyFile(path, own);
    await lchown(own, userId, userId);
    await rename(own, path);
  } else await lchown(path, userId, userId);
}

async function giveFolder(path: string, { userId }: HostUser): Promise<void> {
  await close(path, { userId }, 0o700);
  const below = async (folder: string): Promise<void> => {
    for (const name of await readdir(folder)) {
      const entry = join(folder, name);
      const found = await lstat(entry);
      await giveEntry(entry, found, userId);
      if (found.isDirectory()) await below(entry);
    }
  };
  await below(path);
}

/** Where everybody may write, and files stay behind. */
const sharedFolders = ['/tmp', '/var/tmp', '/dev/shm', '/dev/mqueue'];

async function sharedFilesOf({ userId }: HostUser): Promise<string[]> {
  const found: string[] = [];
  for (const folder of sharedFolders) {
    for (const name of await readdir(folder).catch(() => [])) {
      const path = join(folder, name);
      const owner = await lstat(path).then(
        ({ uid }) => uid,
        () => undefined,
      );
      if (owner === userId) found.push(path);
    }
  }
  return found;
}

async function takeAwayFilesOf(user: HostUser): Promise<void> {
  for (const path of await sharedFilesOf(user)) await rm(path, { recursive: true, force: true }).catch(() => undefined);
}

export const linuxIdentities = {
  isolation,
  newUser,
  edgeUser,
  confine,
  processesOf,
  closeFolder: (path, user) => close(path, user, 0o700),
  closeFile: (path, user) => close(path, user, 0o600),
  giveFolder,
  sharedFilesOf,
  takeAwayFilesOf,
  openPassage: async (path) => {
    if (lstatSync(path).isDirectory()) await chmod(path, 0o711);
  },
} satisfies HostIdentities;

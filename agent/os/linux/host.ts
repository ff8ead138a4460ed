import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { chmod, lchown, lstat, statfs } from 'node:fs/promises';
import { arch, cpus, hostname, tmpdir, totalmem, uptime } from 'node:os';
import { dirname, join } from 'node:path';
import { FarmError } from '#contract/errors.ts';
import type { HostOs, HostUser, InstanceCollectors, Isolation, OsFacts, ServerCollectors } from '../host-os.ts';
import { allProcessIds, parseUserId, readProc } from './proc.ts';
import { programName } from './processes.ts';

/**
 * Users of instances are bare numbers. 65536–524287 belongs to nobody (https://systemd.io/UIDS-GIDS/), and subordinate ids begin
 * at 100000 (subuid(5)); so this range meets neither people, services, nor containers.
 */
const firstUserId = 70_000;
const userCount = 30_000;
/** A Unix socket's path holds at most 107 bytes (unix(7)). */
const longestPipePath = 100;

async function facts(folder: string): Promise<OsFacts> {
  const release = readProc('/etc/os-release') ?? '';
  const value = (key: string): string => new RegExp(`^${key}="?([^"\n]*)`, 'm').exec(release)?.[1] ?? '';
  const disk = await statfs(folder);
  const limit = process.constrainedMemory();
  return {
    hostName: hostname(),
    os: 'linux',
    osName: value('NAME'),
    osVersion: value('VERSION_ID'),
    arch: arch() === 'arm64' ? 'arm64' : 'x64',
    cpuCount: cpus().length,
    memoryBytes: limit > 0 && limit < totalmem() ? limit : totalmem(),
    diskBytes: disk.blocks * disk.bsize,
    bootedAtMs: Date.now() - Math.round(uptime() * 1000),
  };
}

/** Busy time of all cores: everything but idle and iowait (proc(5), /proc/stat). Not a number where the line is missing. */
export function parseCpuBusyMs(text: string): number {
  const fields = (/^cpu +(.*)$/m.exec(text)?.[1] ?? 'none').split(' ').map(Number);
  const busy = fields.slice(0, 8).reduce((sum, ticks, index) => (index === 3 || index === 4 ? sum : sum + ticks), 0);
  return busy * 10;
}

/** Bytes in and out of every interface but loopback. */
export function parseNetwork(text: string): { inBytes: number; outBytes: number } {
  let inBytes = 0;
  let outBytes = 0;
  for (const line of text.split('\n')) {
    const [name, rest] = line.split(':');
    if (rest === undefined || name?.trim() === 'lo') continue;
    const fields = rest.trim().split(/ +/).map(Number);
    inBytes += fields[0] ?? 0;
    outBytes += fields[8] ?? 0;
  }
  return { inBytes, outBytes };
}

/** Not a number where a line is missing: a server would look full, or empty. */
export function parseMemoryUsed(text: string): number {
  const kibibytes = (key: string): number => Number(new RegExp(`^${key}: +(\\d+)`, 'm').exec(text)?.[1]);
  return (kibibytes('MemTotal') - kibibytes('MemAvailable')) * 1024;
}

/** Throws where the file cannot be read: what is not told is absent, never zero. */
function told(path: string): string {
  const text = readProc(path);
  if (text === undefined || text === '') throw new Error(`${path} cannot be read`);
  return text;
}

const serverMetrics: ServerCollectors<'linux'> = {
  cpu: () => parseCpuBusyMs(told('/proc/stat')),
  memory: () => parseMemoryUsed(told('/proc/meminfo')),
  disk: async (folder) => {
    const disk = await statfs(folder);
    return (disk.blocks - disk.bfree) * disk.bsize;
  },
  networkIn: () => parseNetwork(told('/proc/net/dev')).inBytes,
  networkOut: () => parseNetwork(told('/proc/net/dev')).outBytes,
};

const instanceMetrics: InstanceCollectors<'linux'> = { cpu: ({ cpuMs }) => cpuMs, memory: ({ memoryBytes }) => memoryBytes };

/** Is there a folder on the way that a user of no group cannot pass? */
function isolation(folders: readonly string[]): Isolation {
  if (process.getuid?.() !== 0) return { isPossible: false, reason: 'not-root', path: '' };
  for (const folder of folders) {
    for (let path = folder; ; path = dirname(path)) {
      if ((statSync(path).mode & 0o001) === 0) return { isPossible: false, reason: 'closed-path', path };
      if (path === dirname(path)) break;
    }
  }
  return { isPossible: true };
}

function newUser(taken: ReadonlySet<number>, seed: string): HostUser {
  const inUse = new Set(allProcessIds().map((processId) => parseUserId(readProc(`/proc/${processId}/status`) ?? '')));
  const start = createHash('sha256').update(seed).digest().readUInt32BE(0) % userCount;
  for (let step = 0; step < userCount; step++) {
    const userId = firstUserId + ((start + step) % userCount);
    if (!taken.has(userId) && !inUse.has(userId)) return { userId };
  }
  throw new FarmError('NOT_PERMITTED_BY_OS', { what: 'uid' });
}

async function close(path: string, user: HostUser | undefined, mode: number): Promise<void> {
  // The folder may belong to an instance: a link in the place of what we made must not lead our rights elsewhere.
  if ((await lstat(path)).isSymbolicLink()) throw new FarmError('NOT_PERMITTED_BY_OS', { what: path });
  if (user !== undefined) await lchown(path, user.userId, user.userId);
  await chmod(path, mode);
}

/** Inodes of sockets that listen on the port (/proc/net/tcp: local address, state 0A). */
export function listeningInodes(table: string, port: number): string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const fields = line.trim().split(/ +/);
    return fields[1]?.endsWith(wanted) === true && fields[3] === '0A' ? (fields[9] ?? []) : [];
  });
}

function portOwner(port: number): string {
  const inodes = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => listeningInodes(readProc(path) ?? '', port));
  const links = new Set(inodes.map((inode) => `socket:[${inode}]`));
  if (links.size === 0) return '';
  return programName(allProcessIds().find((processId) => holdsAny(processId, links)) ?? 0);
}

/** Does the process have one of these open? Each is read by itself: a busy program closes some while we look. */
function holdsAny(processId: number, links: ReadonlySet<string>): boolean {
  let entries: string[] = [];
  try {
    entries = readdirSync(`/proc/${processId}/fd`);
  } catch {
    // gone meanwhile, or not ours to read
  }
  return entries.some((entry) => {
    try {
      return links.has(readlinkSync(`/proc/${processId}/fd/${entry}`));
    } catch {
      return false;
    }
  });
}

function pipePath(home: string, name: string): string {
  const beside = join(home, `${name}.sock`);
  if (Buffer.byteLength(beside) <= longestPipePath) return beside;
  const key = createHash('sha256').update(home).digest('hex').slice(0, 16);
  return join(tmpdir(), `farmstead-${key}-${name}.sock`);
}

export const linuxHost = {
  facts,
  serverMetrics,
  instanceMetrics,
  isolation,
  newUser,
  closeFolder: (path, user) => close(path, user, 0o700),
  closeFile: (path, user) => close(path, user, 0o600),
  openPassage: async (path) => {
    if (lstatSync(path).isDirectory()) await chmod(path, 0o711);
  },
  portOwner,
  pipePath,
} satisfies Partial<HostOs>;

import { createHash } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { arch, cpus, hostname, tmpdir, totalmem, uptime } from 'node:os';
import { join } from 'node:path';
import type { HostOs, InstanceCollectors, OsFacts, ServerCollectors } from '../host-os.ts';
import { readProc } from './proc.ts';

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
  pipePath,
} satisfies Partial<HostOs>;

import { createHash } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { arch, cpus, freemem, hostname, release, totalmem, uptime, userInfo, version } from 'node:os';
import { FarmError } from '#contract/errors.ts';
import type { HostOs, InstanceCollectors, OsFacts, ServerCollectors } from '../host-os.ts';
import { type Programs, system32 } from './programs.ts';

async function facts(folder: string): Promise<OsFacts> {
  const disk = await statfs(folder);
  return {
    hostName: hostname(),
    os: 'windows',
    osName: version(),
    osVersion: release(),
    arch: arch() === 'arm64' ? 'arm64' : 'x64',
    cpuCount: cpus().length,
    memoryBytes: totalmem(),
    diskBytes: disk.blocks * disk.bsize,
    bootedAtMs: Date.now() - Math.round(uptime() * 1000),
  };
}

/** Node does not tell the network's counters here: they are absent, and the catalogue says why. */
const serverMetrics: ServerCollectors<'windows'> = {
  cpu: () => cpus().reduce((sum, { times }) => sum + times.user + times.sys + times.irq, 0),
  memory: () => totalmem() - freemem(),
  disk: async (folder) => {
    const disk = await statfs(folder);
    return (disk.blocks - disk.bfree) * disk.bsize;
  },
};
const instanceMetrics: InstanceCollectors<'windows'> = {};

/**
 * SYSTEM, the administrators and the agent's own user, nobody else; what is made inside inherits it. Numeric identifiers, because names are
 * translated (https://learn.microsoft.com/windows-server/administration/windows-commands/icacls).
 */
export function closeFolderArguments(path: string, userName: string): string[] {
  const all = ['*S-1-5-18', '*S-1-5-32-544', userName];
  return [path, '/inheritance:r', '/grant:r', ...all.map((who) => `${who}:(OI)(CI)F`), '/Q'];
}

/** The process that listens on a port, in the lines of `netstat -ano`: its number stands last, and words for states are translated. */
export function listenerOf(netstat: string, port: number): number | undefined {
  for (const line of netstat.split('\n')) {
    const [protocol, local, remote, ...rest] = line.trim().split(/\s+/);
    if (protocol !== 'TCP' || local?.endsWith(`:${port}`) !== true || !/:0$/.test(remote ?? '')) continue;
    const processId = Number(rest.at(-1));
    if (Number.isInteger(processId) && processId > 0) return processId;
  }
  return undefined;
}

function portOwner(port: number, { ask }: Programs): string {
  const processId = listenerOf(ask(system32('netstat.exe'), ['-ano', '-p', 'TCP']) ?? '', port);
  if (processId === undefined) return '';
  const listed = ask(system32('tasklist.exe'), ['/FI', `PID eq ${processId}`, '/FO', 'CSV', '/NH']) ?? '';
  return /^"([^"]+)"/m.exec(listed)?.[1] ?? String(processId);
}

export function windowsHost(programs: Programs) {
  return {
    facts,
    serverMetrics,
    instanceMetrics,
    isolation: () => ({ state: 'shared', reason: 'notBuilt' }),
    newUser: () => {
      throw new FarmError('NOT_PERMITTED_BY_OS', { what: 'user' });
    },
    edgeUser: () => undefined,
    // A listening socket that two processes hold works here; that one of them is the other's user is not built.
    confine: undefined,
    closeFolder: async (path) => {
      await programs.run(system32('icacls.exe'), closeFolderArguments(path, userInfo().username));
    },
    // The folder's list is inherited by every file in it.
    closeFile: () => Promise.resolve(),
    giveFolder: () => Promise.reject(new FarmError('NOT_PERMITTED_BY_OS', { what: 'user' })),
    sharedFilesOf: () => Promise.resolve([]),
    takeAwayFilesOf: () => Promise.resolve(),
    openPassage: () => Promise.resolve(),
    // Without users and a job object nothing tells a process of an instance from any other of the same user.
    listening: () => ({ by: 'untold' }),
    portRules: () => ({ keep: () => Promise.resolve({ isKept: false, reason: 'notBuilt', said: 'no users of instances' }) }),
    portOwner: (port) => portOwner(port, programs),
    pipePath: (home, name) =>
      `\\\\.\\pipe\\farmstead-${createHash('sha256').update(home.toLowerCase()).digest('hex').slice(0, 16)}-${name}`,
  } satisfies Partial<HostOs>;
}

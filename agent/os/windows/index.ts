import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { arch, cpus, freemem, hostname, release, totalmem, uptime, version } from 'node:os';
import { join } from 'node:path';
import { FarmError } from '#contract/errors.ts';
import type { HostCounters, HostOs, OsFacts, ProcessIdentity, SpawnRequest, Spawned } from '../host-os.ts';

/**
 * Windows with what Node itself gives: instances are plain child processes that outlive the agent. Start times, users, access lists and
 * usage of other processes need a native layer; until then they are absent, never invented.
 */
const systemRoot = (): string => process.env['SystemRoot'] ?? 'C:\\Windows';
/** Without a start time only the number is known, and says so. */
const startMark = 'number-only';

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return processId > 0;
  } catch {
    return false;
  }
}

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

async function counters(folder: string): Promise<HostCounters> {
  const disk = await statfs(folder);
  const busy = cpus().reduce((sum, { times }) => sum + times.user + times.sys + times.irq, 0);
  return {
    cpuBusyMs: busy,
    memoryUsedBytes: totalmem() - freemem(),
    diskUsedBytes: (disk.blocks - disk.bfree) * disk.bsize,
    networkInBytes: 0,
    networkOutBytes: 0,
  };
}

async function spawnDetached(request: SpawnRequest): Promise<Spawned> {
  const out = openSync(request.outPath, 'a');
  const error = openSync(request.errorPath, 'a');
  try {
    const child = spawn(request.program, [...request.args], {
      cwd: request.folder,
      // Sockets and DNS fail without SystemRoot.
      env: { SystemRoot: systemRoot(), TEMP: request.folder, TMP: request.folder, FARM_PROCESS: request.marker, ...request.environment },
      detached: true,
      windowsHide: true,
      stdio: ['ignore', out, error],
    });
    const exited = new Promise<{ exitCode: string }>((resolve) => {
      child.once('exit', (code, name) => resolve({ exitCode: name ?? String(code ?? '') }));
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (cause) => reject(new FarmError('NOT_PERMITTED_BY_OS', { what: request.program }, { cause })));
    });
    child.on('error', () => undefined);
    child.unref();
    return { identity: { processId: child.pid ?? 0, startMark }, exited };
  } finally {
    closeSync(out);
    closeSync(error);
  }
}

/** https://learn.microsoft.com/windows-server/administration/windows-commands/taskkill */
function killTree(identity: ProcessIdentity): Promise<void> {
  if (!isRunning(identity.processId)) return Promise.resolve();
  return new Promise((resolve) => {
    execFile(
      join(systemRoot(), 'System32', 'taskkill.exe'),
      ['/PID', String(identity.processId), '/T', '/F'],
      { windowsHide: true, timeout: 5000 },
      () => {
        try {
          if (isRunning(identity.processId)) process.kill(identity.processId, 'SIGKILL');
        } catch {
          // gone meanwhile
        }
        resolve();
      },
    );
  });
}

export function createWindowsOs(): HostOs {
  const isAlive = (identity: ProcessIdentity): boolean => isRunning(identity.processId);
  return {
    facts,
    counters,
    isolation: () => ({ isPossible: false, reason: 'not-built', path: '' }),
    spawnDetached,
    identify: (processId) => (isRunning(processId) ? { processId, startMark } : undefined),
    isAlive,
    // A console process without a window cannot be asked; it is ended with its tree when its grace is over.
    terminate: (identity) => void killTree(identity),
    killTree,
    findMarked: () => new Map(),
    processesOf: () => [],
    usage: () => undefined,
    transfer: () => undefined,
    newUser: () => {
      throw new FarmError('NOT_PERMITTED_BY_OS', { what: 'user' });
    },
    closeFolder: () => Promise.resolve(),
    closeFile: () => Promise.resolve(),
    openPassage: () => Promise.resolve(),
    portOwner: () => '',
    pipePath: (home, name) =>
      `\\\\.\\pipe\\farmstead-${createHash('sha256').update(home.toLowerCase()).digest('hex').slice(0, 16)}-${name}`,
  };
}

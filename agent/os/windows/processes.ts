import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { FarmError } from '#contract/errors.ts';
import type { HostOs, ProcessIdentity, SpawnRequest, Spawned } from '../host-os.ts';
import { type Programs, system32, systemRoot } from './programs.ts';
import { createStartMarks, numberOnly } from './start-marks.ts';

const goneWaitMs = 5000;

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return processId > 0;
  } catch (error) {
    // A process of another user is there, although it is not ours to touch.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function spawnDetached(request: SpawnRequest, markOf: (processId: number) => string): Promise<Spawned> {
  const out = openSync(request.outPath, 'a');
  const error = openSync(request.errorPath, 'a');
  try {
    const child = spawn(request.program, [...request.args], {
      cwd: request.folder,
      env: { SystemRoot: systemRoot(), TEMP: request.folder, TMP: request.folder, ...request.environment, FARM_PROCESS: request.marker },
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
    const processId = child.pid ?? 0;
    return { identity: { processId, startMark: markOf(processId) }, exited };
  } finally {
    closeSync(out);
    closeSync(error);
  }
}

/**
 * Plain processes that outlive the agent. A job object per instance would end whole families surely; `taskkill /T` follows parents only.
 * A number alone proves nothing: before anything is done to a process its start time is asked afresh, and where no answer comes nothing is done.
 */
export function windowsProcesses(programs: Programs, nowMs: () => number) {
  const marks = createStartMarks(programs, isRunning, nowMs);
  const isAlive = (identity: ProcessIdentity): boolean => {
    if (!isRunning(identity.processId)) {
      marks.forget(identity.processId);
      return false;
    }
    if (identity.startMark === numberOnly) return true;
    const now = marks.lastSeen(identity.processId);
    return now === numberOnly || now === identity.startMark;
  };
  /** Is it still this very process, asked now? One of which only the number was ever known can be told by nothing else. */
  const isStillIt = (identity: ProcessIdentity): boolean => {
    if (!isRunning(identity.processId)) {
      marks.forget(identity.processId);
      return false;
    }
    return identity.startMark === numberOnly || marks.ask(identity.processId) === identity.startMark;
  };
  /** https://learn.microsoft.com/windows-server/administration/windows-commands/taskkill */
  const taskkill = (identity: ProcessIdentity, ...how: readonly string[]): Promise<boolean> =>
    programs.run(system32('taskkill.exe'), ['/PID', String(identity.processId), ...how]);
  const killTree = async (identity: ProcessIdentity): Promise<void> => {
    if (!isStillIt(identity)) return;
    await taskkill(identity, '/T', '/F');
    await killAlone(identity);
  };
  const killAlone = async (identity: ProcessIdentity): Promise<void> => {
    const deadline = performance.now() + goneWaitMs;
    while (isStillIt(identity) && performance.now() < deadline) {
      try {
        process.kill(identity.processId, 'SIGKILL');
      } catch {
        // gone meanwhile
      }
      await delay(20);
    }
  };
  /**
   * Asks it to end: without /F the request goes to its windows. A console process that was started without a console has none, and no other way to be
   * asked; then the system refuses at once, and waiting would be for nothing.
   */
  const askToEnd = async (identity: ProcessIdentity): Promise<void> => {
    if (!isStillIt(identity)) return;
    if (!(await taskkill(identity))) await killTree(identity);
  };
  return {
    spawnDetached: (request) => spawnDetached(request, marks.ask),
    identify: (processId) => (isRunning(processId) ? { processId, startMark: marks.ask(processId) } : undefined),
    isAlive,
    terminate: (identity) => void askToEnd(identity),
    killTree,
    killAlone,
    findMarked: () => new Map(),
    processesOf: () => [],
    holdersOf: () => [],
    usage: () => undefined,
    sessionSizes: () => new Map(),
    transfer: () => undefined,
  } satisfies Partial<HostOs>;
}

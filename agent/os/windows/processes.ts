import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { FarmError } from '#contract/errors.ts';
import type { HostOs, ProcessIdentity, SpawnRequest, Spawned } from '../host-os.ts';
import { type Programs, powerShell, system32, systemRoot } from './programs.ts';

/** Where nothing tells start times, only the number is known, and the mark says so. */
export const numberOnly = 'number-only';
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

/**
 * https://learn.microsoft.com/powershell/module/microsoft.powershell.management/get-process. Asked once a process: PowerShell takes a third of a
 * second, and a number cannot get a new owner while its old one runs.
 */
function createStartMarks({ ask }: Programs) {
  const known = new Map<number, string>();
  let isTold = true;
  return {
    forget: (processId: number): void => void known.delete(processId),
    of: (processId: number): string => {
      const before = known.get(processId);
      if (before !== undefined || !isTold) return before ?? numberOnly;
      const expression = `(Get-Process -Id ${processId} -ErrorAction Stop).StartTime.ToFileTimeUtc()`;
      const answer = ask(powerShell(), ['-NoProfile', '-NonInteractive', '-Command', expression])?.trim() ?? '';
      if (!/^\d{15,20}$/.test(answer)) {
        // Gone meanwhile, or a system without PowerShell: then nobody need ask again.
        if (isRunning(processId)) isTold = false;
        return numberOnly;
      }
      known.set(processId, answer);
      return answer;
    },
  };
}

async function spawnDetached(request: SpawnRequest, markOf: (processId: number) => string): Promise<Spawned> {
  const out = openSync(request.outPath, 'a');
  const error = openSync(request.errorPath, 'a');
  try {
    const child = spawn(request.program, [...request.args], {
      cwd: request.folder,
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
    const processId = child.pid ?? 0;
    return { identity: { processId, startMark: markOf(processId) }, exited };
  } finally {
    closeSync(out);
    closeSync(error);
  }
}

/** Plain processes that outlive the agent. A job object per instance would end whole families surely; `taskkill /T` follows parents only. */
export function windowsProcesses(programs: Programs) {
  const marks = createStartMarks(programs);
  const isAlive = (identity: ProcessIdentity): boolean => {
    if (!isRunning(identity.processId)) {
      marks.forget(identity.processId);
      return false;
    }
    if (identity.startMark === numberOnly) return true;
    const now = marks.of(identity.processId);
    return now === numberOnly || now === identity.startMark;
  };
  /** https://learn.microsoft.com/windows-server/administration/windows-commands/taskkill */
  const killTree = async (identity: ProcessIdentity): Promise<void> => {
    if (!isAlive(identity)) return;
    await programs.run(system32('taskkill.exe'), ['/PID', String(identity.processId), '/T', '/F']);
    const deadline = performance.now() + goneWaitMs;
    while (isAlive(identity) && performance.now() < deadline) {
      try {
        process.kill(identity.processId, 'SIGKILL');
      } catch {
        // gone meanwhile
      }
      await delay(20);
    }
  };
  return {
    spawnDetached: (request) => spawnDetached(request, marks.of),
    identify: (processId) => (isRunning(processId) ? { processId, startMark: marks.of(processId) } : undefined),
    isAlive,
    // A console process without a window cannot be asked to end: it is ended with its family.
    terminate: (identity) => void killTree(identity),
    killTree,
    findMarked: () => new Map(),
    processesOf: () => [],
    usage: () => undefined,
    transfer: () => undefined,
  } satisfies Partial<HostOs>;
}

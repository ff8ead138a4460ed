import { readdirSync, readFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same number: the mark changes with every start and every boot. */
export type ProcessIdentity = { readonly processId: number; readonly startMark: string };

/** What this driver needs of the system's list of processes. */
export interface ProcessTable {
  readonly isAlive: (identity: ProcessIdentity) => boolean;
  /** Processes whose `FARM_PROCESS` begins with one of the texts. Empty where the system does not tell. */
  readonly findMarked: (starts: readonly string[]) => readonly ProcessIdentity[];
  /** `ask` lets it end by itself. Gone is fine. */
  readonly end: (identity: ProcessIdentity, how: 'ask' | 'now') => void;
}

export const markerName = 'FARM_PROCESS';

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** `<boot>/<ticks since boot>`, as the agent writes it. The name in /proc/<pid>/stat may itself hold parentheses and spaces (proc(5)). */
function markOf(processId: number): string | undefined {
  const stat = read(`/proc/${processId}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startTicks = fields?.[19];
  // A zombie has ended; only its parent has not looked yet. While threads of it still end, its sockets are open.
  const hasEnded = fields?.[0] === 'X' || (fields?.[0] === 'Z' && Number(fields[17]) <= 1);
  if (startTicks === undefined || hasEnded) return undefined;
  return `${(read('/proc/sys/kernel/random/boot_id') ?? 'unknown').trim()}/${startTicks}`;
}

function send(processId: number, signal: 'SIGTERM' | 'SIGKILL' | 0): boolean {
  try {
    return process.kill(processId, signal);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** By /proc, where there is one. Elsewhere a process is known by its number alone, and marked ones cannot be found: the agent's own farewell has to do. */
export function createProcessTable(): ProcessTable {
  const hasProc = read('/proc/self/stat') !== undefined;
  const isAlive: ProcessTable['isAlive'] = ({ processId, startMark }) => {
    if (processId <= 1) return false;
    return hasProc ? markOf(processId) === startMark : send(processId, 0);
  };
  return {
    isAlive,
    findMarked: (starts) => {
      if (!hasProc) return [];
      const wanted = starts.map((start) => `${markerName}=${start}`);
      return readdirSync('/proc').flatMap((name) => {
        const processId = /^\d+$/.test(name) ? Number(name) : process.pid;
        if (processId === process.pid) return [];
        const environment = read(`/proc/${processId}/environ`)?.split('\0') ?? [];
        const startMark = environment.some((entry) => wanted.some((start) => entry.startsWith(start))) ? markOf(processId) : undefined;
        return startMark === undefined ? [] : [{ processId, startMark }];
      });
    },
    end: (identity, how) => {
      if (isAlive(identity)) send(identity.processId, how === 'ask' ? 'SIGTERM' : 'SIGKILL');
    },
  };
}

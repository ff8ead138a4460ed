import { readFileSync, readdirSync } from 'node:fs';

/** Reading /proc (proc(5), https://man7.org/linux/man-pages/man5/proc.5.html). Reads are synchronous: they never touch a disk. */

/** USER_HZ is 100 on every architecture that we run on. */
const tickMs = 10;

export type ProcStat = {
  readonly processId: number;
  readonly name: string;
  readonly state: string;
  readonly parentId: number;
  readonly sessionId: number;
  /** 0: no terminal. */
  readonly terminal: number;
  readonly cpuMs: number;
  readonly threads: number;
  /** Ticks since boot. */
  readonly startTicks: string;
};

/** Parses /proc/<pid>/stat. The name stands in parentheses and may itself hold parentheses and spaces. */
export function parseStat(text: string): ProcStat | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  const fields = text.slice(close + 2).split(' ');
  const startTicks = fields[19];
  if (startTicks === undefined) return undefined;
  return {
    processId: Number.parseInt(text, 10),
    name: text.slice(open + 1, close),
    state: fields[0] ?? '',
    parentId: Number(fields[1]),
    sessionId: Number(fields[3]),
    terminal: Number(fields[4]),
    cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs,
    threads: Number(fields[17]),
    startTicks,
  };
}

/** The whole text of a file in /proc, or undefined when the process is gone or not ours to read. */
export function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** A zombie has ended, unless threads of it still end: they keep its files and sockets open, a port too. */
export const hasEnded = ({ state, threads }: ProcStat): boolean => state === 'X' || (state === 'Z' && threads <= 1);

/** A process that runs; a zombie counts as gone, because after a kill of the agent nobody may ever collect it. */
export function liveStat(processId: number): ProcStat | undefined {
  const text = readProc(`/proc/${processId}/stat`);
  const stat = text === undefined ? undefined : parseStat(text);
  return stat === undefined || hasEnded(stat) ? undefined : stat;
}

export function allProcessIds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

export function allLiveStats(): ProcStat[] {
  return allProcessIds().flatMap((processId) => liveStat(processId) ?? []);
}

let bootId: string | undefined;

/** Changes with every boot, so that ticks since boot cannot be mistaken. */
export function readBootId(): string {
  bootId ??= (readProc('/proc/sys/kernel/random/boot_id') ?? 'unknown').trim();
  return bootId;
}

/** The real user of a process, from /proc/<pid>/status. */
export function parseUserId(status: string): number | undefined {
  const found = /^Uid:\s+(\d+)/m.exec(status);
  return found === null ? undefined : Number(found[1]);
}

export function startMarkOf(stat: ProcStat): string {
  return `${readBootId()}/${stat.startTicks}`;
}

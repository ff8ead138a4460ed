import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '#kit/wait.ts';
import type { AgentLogLine } from '#contract/agent/instances.ts';
import type { AgentClock, InstanceLogs } from '../ports.ts';

const streams = ['out', 'error', 'agent'] as const;
type Stream = (typeof streams)[number];
/** A line longer than this is cut: it is text for people, from a program that nobody here wrote. */
const longestLine = 8192;
const tailBytes = 1_000_000;
const pollMs = 250;
/** So often the files of all that may write are looked at: none exceeds its bound by more than what is written in between. */
const boundMs = 300;
const mostMarkBytes = 200_000;

type Options = { readonly folder: string; readonly clock: AgentClock; readonly maximumBytes?: number };
type Piece = { readonly text: string; readonly start: number; readonly end: number };

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

/** Bytes `start` to `end` of a file as text; empty when it is gone. */
function readPiece(path: string, start: number, end: number): string {
  try {
    const file = openSync(path, 'r');
    try {
      const buffer = Buffer.alloc(Math.max(0, Math.min(end, fstatSync(file).size) - start));
      return buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, start));
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}

function splitLines(text: string, start: number): { pieces: Piece[]; rest: number } {
  const pieces: Piece[] = [];
  let offset = start;
  const parts = text.split('\n');
  const last = parts.pop() ?? '';
  for (const part of parts) {
    const end = offset + Buffer.byteLength(part) + 1;
    pieces.push({ text: part.replace(/\r$/, '').slice(0, longestLine), start: offset, end });
    offset = end;
  }
  return { pieces, rest: Buffer.byteLength(last) };
}

/**
 * When a line was written is known only as well as the file was watched: marks `[size, atMs]` are kept beside it with every sample, and
 * whenever something happens that its lines must stand before: a new process, a first answer, a word of the agent, a reader. A line carries the time
 * of the first mark at or after its end.
 */
function readMarks(path: string): [number, number][] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line) => {
        const [size, atMs] = line.split(' ').map(Number);
        return size === undefined || atMs === undefined || !(atMs > 0) ? [] : [[size, atMs] satisfies [number, number]];
      });
  } catch {
    return [];
  }
}

/** Every second mark goes: old times become coarser, and the file stays small. */
function halveMarks(path: string): void {
  const kept = readMarks(path).filter((_, index) => index % 2 === 1);
  writeFileSync(path, kept.map(([size, atMs]) => `${size} ${atMs}\n`).join(''), { mode: 0o600 });
}

export function createInstanceLogs({ folder, clock, maximumBytes = 5_000_000 }: Options): InstanceLogs {
  const pathOf = (instanceId: string, stream: Stream): string => join(folder, instanceId, `${stream}.log`);
  const marksOf = (instanceId: string, stream: Stream): string => join(folder, instanceId, `${stream}.marks`);
  const marked = new Map<string, number>();
  /** Where the output of the newest process begins: a line of an earlier run must not explain the end of this one. */
  const begun = new Map<string, number>();

  const agentLines = (text: string): AgentLogLine[] =>
    splitLines(text, 0).pieces.map((piece) => {
      const [atMs, ...words] = piece.text.split(' ');
      return { atMs: Number(atMs) || 0, stream: 'agent' as const, text: words.join(' ') };
    });

  const linesOf = (instanceId: string, stream: 'out' | 'error', start: number, end: number): { lines: AgentLogLine[]; next: number } => {
    const text = readPiece(pathOf(instanceId, stream), start, end);
    const { pieces, rest } = splitLines(text, start);
    const marks = readMarks(marksOf(instanceId, stream));
    let index = 0;
    const lines = pieces.map((piece) => {
      while (index < marks.length && (marks[index]?.[0] ?? 0) < piece.end) index++;
      return { atMs: marks[index]?.[1] ?? clock.nowMs(), stream, text: piece.text };
    });
    return { lines, next: start + Buffer.byteLength(text) - rest };
  };

  const mark = (instanceId: string): void => {
    for (const stream of ['out', 'error'] as const) {
      const [path, marks] = [pathOf(instanceId, stream), marksOf(instanceId, stream)];
      const size = sizeOf(path);
      if (size === 0 || marked.get(path) === size) continue;
      try {
        if (sizeOf(marks) > mostMarkBytes) halveMarks(marks);
        appendFileSync(marks, `${size} ${clock.nowMs()}\n`, { mode: 0o600 });
        marked.set(path, size);
      } catch {
        // No room for marks: times become coarser.
      }
    }
  };

  const tail = (instanceId: string, count: number): { lines: AgentLogLine[]; next: Record<Stream, number> } => {
    const next = { out: 0, error: 0, agent: 0 };
    const all: AgentLogLine[] = [];
    mark(instanceId);
    for (const stream of ['out', 'error'] as const) {
      const size = sizeOf(pathOf(instanceId, stream));
      const start = Math.max(0, size - tailBytes);
      const read = linesOf(instanceId, stream, start, size);
      next[stream] = read.next;
      all.push(...(start > 0 ? read.lines.slice(1) : read.lines).slice(-count));
    }
    const notes = readPiece(pathOf(instanceId, 'agent'), 0, tailBytes);
    next.agent = Buffer.byteLength(notes);
    all.push(...agentLines(notes).slice(-count));
    all.sort((a, b) => a.atMs - b.atMs);
    return { lines: count === 0 ? [] : all.slice(-count), next };
  };

  const newer = (instanceId: string, next: Record<Stream, number>): AgentLogLine[] => {
    const lines: AgentLogLine[] = [];
    mark(instanceId);
    for (const stream of streams) {
      const size = sizeOf(pathOf(instanceId, stream));
      // Shorter than what was read: it was shortened, or made anew.
      if (size < next[stream]) next[stream] = 0;
      if (size === next[stream]) continue;
      const end = Math.min(size, next[stream] + tailBytes / 4);
      if (stream === 'agent') {
        lines.push(...agentLines(readPiece(pathOf(instanceId, stream), next.agent, end)));
        next.agent = end;
        continue;
      }
      const read = linesOf(instanceId, stream, next[stream], end);
      next[stream] = read.next === next[stream] && end - read.next >= longestLine ? end : read.next;
      lines.push(...read.lines);
    }
    return lines;
  };

  /** Everything that was started or looked at, until it is removed. */
  const bounded = new Set<string>();
  let stopBounding: (() => void) | undefined;
  const shorten = (instanceId: string): void => {
    for (const stream of streams) {
      const path = pathOf(instanceId, stream);
      const size = sizeOf(path);
      if (size > maximumBytes) {
        // The process holds the file open: keep its end, then shorten. What is written in between is lost, and the file stays one file.
        // Only the end, because a flood may have grown it far beyond what may be read or copied.
        const end = readPiece(path, Math.max(0, size - tailBytes), size);
        truncateSync(path, 0);
        writeFileSync(`${path}.1`, end, { mode: 0o600 });
        if (stream !== 'agent') writeFileSync(marksOf(instanceId, stream), '');
        marked.set(path, 0);
        begun.set(path, 0);
      }
    }
  };
  const quietly = (act: () => void): void => {
    try {
      act();
    } catch {
      // Gone meanwhile. Shortening itself needs no room.
    }
  };
  /** A flood fills a disk long before the next sample: what writes is looked at by itself. */
  const keepBounded = (instanceId: string): void => {
    bounded.add(instanceId);
    const again = (): void => {
      stopBounding = clock.after(boundMs, () => {
        for (const each of bounded) quietly(() => shorten(each));
        stopBounding = undefined;
        if (bounded.size > 0) again();
      });
    };
    if (stopBounding === undefined) again();
  };

  /** The end of what the newest process wrote. */
  const endOf = (instanceId: string, stream: 'out' | 'error'): string => {
    const path = pathOf(instanceId, stream);
    const size = sizeOf(path);
    const start = begun.get(path) ?? 0;
    return readPiece(path, Math.max(start <= size ? start : 0, size - 16_384), size);
  };

  return {
    prepare: (instanceId) => {
      mkdirSync(join(folder, instanceId), { recursive: true, mode: 0o700 });
      mark(instanceId);
      keepBounded(instanceId);
      for (const stream of ['out', 'error'] as const) begun.set(pathOf(instanceId, stream), sizeOf(pathOf(instanceId, stream)));
      return { outPath: pathOf(instanceId, 'out'), errorPath: pathOf(instanceId, 'error') };
    },
    note: (instanceId, text) => {
      try {
        mkdirSync(join(folder, instanceId), { recursive: true, mode: 0o700 });
        mark(instanceId);
        appendFileSync(pathOf(instanceId, 'agent'), `${clock.nowMs()} ${text.replaceAll(/[\r\n]+/g, ' ')}\n`, { mode: 0o600 });
      } catch {
        // A disk without room loses notes, not instances.
      }
    },
    lastLine: (instanceId) => {
      for (const stream of ['error', 'out'] as const) {
        const found = endOf(instanceId, stream)
          .split('\n')
          .findLast((line) => line.trim() !== '');
        if (found !== undefined)
          return found
            .replaceAll(/\x1b\[[0-9;]*[A-Za-z]|[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]/g, '')
            .trim()
            .slice(0, 300);
      }
      return '';
    },
    hasSaid: (instanceId, words) => endOf(instanceId, 'error').includes(words),
    tail: (instanceId, count) => Promise.resolve(tail(instanceId, count).lines),
    follow: async function* (instanceId, count, signal) {
      const { lines, next } = tail(instanceId, count);
      yield lines;
      while (signal?.aborted !== true) {
        const fresh = newer(instanceId, next);
        if (fresh.length > 0) yield fresh;
        else await waitFor(clock.after, pollMs, signal);
      }
    },
    tend: (instanceId) => {
      if (!existsSync(join(folder, instanceId))) return;
      keepBounded(instanceId);
      quietly(() => {
        shorten(instanceId);
        mark(instanceId);
      });
    },
    has: (instanceId) => existsSync(join(folder, instanceId)),
    remove: async (instanceId) => {
      bounded.delete(instanceId);
      for (const stream of streams) {
        marked.delete(pathOf(instanceId, stream));
        begun.delete(pathOf(instanceId, stream));
      }
      const gone = join(folder, `.gone-${instanceId}`);
      await rename(join(folder, instanceId), gone).catch(() => undefined);
      await rm(gone, { recursive: true, force: true });
    },
  };
}

import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Measurements } from '#contract/agent/monitoring.ts';
import type { AgentClock, AgentLog } from '../ports.ts';
import { measurementsOf, type Moment, readLine, writeLine } from './ring-line.ts';

const hourMs = 3_600_000;
const keepMs = 24 * hourMs;
/** Many instances make long lines; the oldest hours go first when the ring is this large. */
const mostRingBytes = 64 * 1_048_576;

type Segment = { readonly number: number; readonly path: string; sizeBytes: number; firstMs: number; lastMs: number; openedMs: number };
export type RingOptions = {
  readonly folder: string;
  readonly clock: AgentClock;
  readonly log: AgentLog;
  readonly segmentMs?: number;
  readonly maximumBytes?: number;
};

/** 24 h of measurements on disk, in files of an hour. Nothing is ever rewritten: moments are appended, and old files are removed whole. */
export interface Ring {
  /** A disk without room loses moments, and says so once. */
  readonly append: (moment: Moment) => void;
  /** Everything after `sinceMs`, oldest first, at most `limit` of the server. */
  readonly since: (sinceMs: number, limit: number) => Promise<Measurements & { isComplete: boolean }>;
  readonly clear: () => void;
}

function openSegment(path: string, number: number, nowMs: number): Segment {
  const text = readFileSync(path, 'utf8');
  // What a kill cut off gets an end of its own, so that the next line is a line again.
  if (text !== '' && !text.endsWith('\n')) appendFileSync(path, '\n');
  const times = text.split('\n').flatMap((line) => readLine(line)?.atMs ?? []);
  const firstMs = times.reduce((least, atMs) => Math.min(least, atMs), times[0] ?? nowMs);
  const lastMs = times.reduce((most, atMs) => Math.max(most, atMs), times[0] ?? nowMs);
  return { number, path, sizeBytes: Buffer.byteLength(text) + 1, firstMs, lastMs, openedMs: firstMs };
}

export function openRing({ folder, clock, log, segmentMs = hourMs, maximumBytes = mostRingBytes }: RingOptions): Ring {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const segments: Segment[] = readdirSync(folder)
    .flatMap((name) => Number(/^(\d+)\.ring$/.exec(name)?.[1] ?? Number.NaN) || [])
    .sort((a, b) => a - b)
    .map((number) => openSegment(join(folder, `${number}.ring`), number, clock.nowMs()));
  let isFull = false;

  const current = (nowMs: number): Segment => {
    const last = segments.at(-1);
    // A clock that was set back begins a new file too: one file's times stay close together.
    if (last !== undefined && nowMs >= last.firstMs && nowMs - last.openedMs < segmentMs) return last;
    const number = (last?.number ?? 0) + 1;
    const fresh = { number, path: join(folder, `${number}.ring`), sizeBytes: 0, firstMs: nowMs, lastMs: nowMs, openedMs: nowMs };
    segments.push(fresh);
    return fresh;
  };

  const drop = (nowMs: number): void => {
    let total = segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    for (const segment of segments.slice(0, -1)) {
      // Times far ahead were written under a wrong clock; they would never grow old.
      const isOld = nowMs - segment.lastMs > keepMs || segment.firstMs - nowMs > keepMs;
      if (!isOld && total <= maximumBytes) continue;
      rmSync(segment.path, { force: true });
      segments.splice(segments.indexOf(segment), 1);
      total -= segment.sizeBytes;
    }
  };

  const read = async (segment: Segment, sinceMs: number): Promise<Moment[]> => {
    const text = await readFile(segment.path, 'utf8').catch(() => '');
    return text.split('\n').flatMap((line) => {
      const moment = line === '' ? undefined : readLine(line);
      return moment !== undefined && moment.atMs > sinceMs ? [moment] : [];
    });
  };

  return {
    append: (moment) => {
      const segment = current(moment.atMs);
      const text = writeLine(moment);
      try {
        if (segment.sizeBytes === 0) drop(moment.atMs);
        appendFileSync(segment.path, text, { mode: 0o600 });
        segment.sizeBytes += text.length;
        segment.lastMs = Math.max(segment.lastMs, moment.atMs);
        isFull = false;
      } catch (error) {
        // The line may have been written in part: the next one begins a new file.
        segment.openedMs = Number.NEGATIVE_INFINITY;
        if (!isFull) log.warn('ring.not-written', { path: segment.path, problem: error instanceof Error ? error.message : '' });
        isFull = true;
      }
    },
    since: async (sinceMs, limit) => {
      const moments: Moment[] = [];
      let looks = 0;
      // One file after another, so that a core that was away for long does not make a day of text stand in memory at once.
      const wanted = segments.filter(({ lastMs }) => lastMs > sinceMs).sort((a, b) => a.firstMs - b.firstMs);
      for (const [index, segment] of wanted.entries()) {
        moments.push(...(await read(segment, sinceMs)));
        looks = moments.reduce((count, { server }) => count + (server === undefined ? 0 : 1), 0);
        const next = wanted[index + 1];
        if (looks > limit && (next === undefined || next.firstMs >= segment.lastMs)) break;
      }
      moments.sort((a, b) => a.atMs - b.atMs);
      if (looks <= limit) return { ...measurementsOf(moments), isComplete: true };
      let left = limit;
      const end = moments.findIndex(({ server }) => server !== undefined && left-- === 0);
      return { ...measurementsOf(moments.slice(0, end)), isComplete: false };
    },
    clear: () => {
      for (const { path } of segments) rmSync(path, { force: true });
      segments.length = 0;
    },
  };
}

import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AgentClock } from '../ports.ts';
import { memoryLog } from '../testing/test-agent.ts';
import { openRing } from './ring.ts';
import type { Moment } from './ring-line.ts';

let folder = '';
let nowMs = 0;
const clock: AgentClock = { nowMs: () => nowMs, steadyMs: () => nowMs, after: () => () => undefined };
const minute = 60_000;
const hour = 60 * minute;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-ring-'));
  nowMs = 1_800_000_000_000;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (change: Partial<Parameters<typeof openRing>[0]> = {}) => openRing({ folder, clock, log: memoryLog(), ...change });
const moment = (atMs: number): Moment => ({
  atMs,
  host: { atMs, cpuMillicores: 10, memoryBytes: 20, diskBytes: 30, networkInBytesPerSecond: 40, networkOutBytesPerSecond: 50 },
  instances: [{ instanceId: 'anna', atMs, cpuMillicores: 1, memoryBytes: 2, health: 1, answerMs: 3.5 }],
});
const times = (samples: { readonly host: readonly { readonly atMs: number }[] }): number[] => samples.host.map(({ atMs }) => atMs);

describe('the ring', () => {
  test('gives back what was measured, page by page, also in the next life', async () => {
    const ring = open();
    const start = nowMs;
    for (let n = 1; n <= 300; n++) {
      nowMs = start + n * minute;
      ring.append(moment(nowMs));
    }
    const next = open();
    expect((await next.since(start, 1)).host).toEqual([moment(start + minute).host]);
    expect((await next.since(start, 1)).instances).toEqual(moment(start + minute).instances);
    const seen: number[] = [];
    let since = start;
    for (let isComplete = false; !isComplete; ) {
      const page = await next.since(since, 77);
      seen.push(...times(page));
      expect(page.instances.map(({ atMs }) => atMs)).toEqual(times(page));
      since = seen.at(-1) ?? since;
      isComplete = page.isComplete;
    }
    expect(seen).toEqual(Array.from({ length: 300 }, (_, n) => start + (n + 1) * minute));
    expect(await next.since(nowMs, 10)).toEqual({ host: [], instances: [], isComplete: true });
  });

  test('keeps a gap a gap', async () => {
    const ring = open();
    ring.append(moment(nowMs));
    const before = nowMs;
    nowMs += 5 * hour;
    ring.append(moment(nowMs));
    expect(times(await ring.since(0, 100))).toEqual([before, nowMs]);
  });

  test('forgets after a day, in whole files, and stays below its bound', async () => {
    const ring = open();
    const start = nowMs;
    for (let n = 0; n < 30 * 6; n++) {
      nowMs = start + n * 10 * minute;
      ring.append(moment(nowMs));
    }
    const kept = times(await ring.since(0, 5000));
    expect(kept[0]).toBeGreaterThanOrEqual(nowMs - 26 * hour);
    expect(kept[0]).toBeLessThanOrEqual(nowMs - 24 * hour);
    expect(readdirSync(folder).length).toBeLessThanOrEqual(26);

    const small = open({ maximumBytes: 2000 });
    for (let n = 0; n < 60; n++) {
      nowMs += 10 * minute;
      small.append(moment(nowMs));
    }
    const bytes = readdirSync(folder).reduce((sum, name) => sum + readFileSync(join(folder, name)).length, 0);
    expect(bytes).toBeLessThan(4000);
  });

  test('a torn end costs one moment, and what follows is readable', async () => {
    const ring = open();
    ring.append(moment(nowMs));
    const first = nowMs;
    nowMs += minute;
    ring.append(moment(nowMs));
    const path = join(folder, readdirSync(folder)[0] ?? '');
    truncateSync(path, readFileSync(path).length - 15);
    appendFileSync(path, '\0\0');
    const next = open();
    nowMs += minute;
    next.append(moment(nowMs));
    expect(times(await next.since(0, 10))).toEqual([first, nowMs]);
    expect(times(await open().since(0, 10))).toEqual([first, nowMs]);
  });

  test('a clock that was days ahead and set right does not block the ring for ever', async () => {
    const right = nowMs;
    nowMs = right + 10 * 24 * hour;
    const ring = open();
    ring.append(moment(nowMs));
    nowMs = right;
    ring.append(moment(nowMs));
    for (let n = 0; n < 3; n++) {
      nowMs += hour;
      ring.append(moment(nowMs));
    }
    const kept = times(await ring.since(0, 100));
    expect(kept).toEqual([right, right + hour, right + 2 * hour, right + 3 * hour]);
  });

  test('a folder that cannot be written is said once, and measuring goes on', async () => {
    const log = memoryLog();
    const ring = open({ log });
    rmSync(folder, { recursive: true });
    ring.append(moment(nowMs));
    ring.append(moment(nowMs + 1));
    expect(log.entries.map(({ event }) => event)).toEqual(['ring.not-written']);
    expect(await ring.since(0, 10)).toMatchObject({ host: [] });
  });
});

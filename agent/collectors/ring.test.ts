import { appendFileSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AgentClock } from '../ports.ts';
import { memoryLog } from '../testing/test-agent.ts';
import { openRing } from './ring.ts';
import { type Moment, writeLine } from './ring-line.ts';

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
  server: { cpu: 10, memory: 20, disk: 30, networkIn: 40, networkOut: 50 },
  instances: [{ instanceId: 'anna', atMs, values: { cpu: 1, memory: 2, health: 1, answer: 3.5 } }],
});
const times = (measured: { readonly server: readonly { readonly atMs: number }[] }): number[] => measured.server.map(({ atMs }) => atMs);

describe('the ring', () => {
  test('gives back what was measured, page by page, also in the next life', async () => {
    const ring = open();
    const start = nowMs;
    for (let n = 1; n <= 300; n++) {
      nowMs = start + n * minute;
      ring.append(moment(nowMs));
    }
    const next = open();
    expect((await next.since(start, 1)).server).toEqual([{ atMs: start + minute, values: moment(start + minute).server }]);
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
    expect(await next.since(nowMs, 10)).toEqual({ server: [], instances: [], isComplete: true });
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

  test('reads the files of an agent of before, and goes on in them by name', async () => {
    // Written by the agent as it was at 0.1.0, before metrics had names.
    copyFileSync(join(import.meta.dirname, 'fixtures', 'first-form.ring'), join(folder, '7.ring'));
    const [start, second, third] = [1_800_000_000_000, 1_800_000_005_000, 1_800_000_010_000];
    const ring = open();
    nowMs = third + 5000;
    ring.append({ atMs: nowMs, server: { cpu: 9, gpu: 3 }, instances: [{ instanceId: 'anna', atMs: nowMs, values: { answer: 2 } }] });
    const page = await open().since(0, 10);
    expect(page.server).toEqual([
      { atMs: start, values: { cpu: 250, memory: 8_589_934_592, disk: 137_438_953_472, networkIn: 1000, networkOut: 0 } },
      { atMs: third, values: { cpu: 252, memory: 8_589_934_594, disk: 137_438_953_472, networkIn: 1000, networkOut: 2 } },
      { atMs: nowMs, values: { cpu: 9, gpu: 3 } },
    ]);
    // What the old one wrote as null was not measured.
    const anna = { cpu: 13, memory: 50_000_000, health: 1, answer: 3.5 };
    expect(page.instances).toEqual([
      { instanceId: 'anna', atMs: start, values: anna },
      { instanceId: 'berta', atMs: start, values: { cpu: 0, memory: 40_000_000 } },
      { instanceId: 'anna', atMs: second, values: anna },
      { instanceId: 'berta', atMs: second, values: { cpu: 0, memory: 40_000_000 } },
      { instanceId: 'anna', atMs: third, values: anna },
      { instanceId: 'berta', atMs: third, values: { cpu: 0, memory: 40_000_000, health: 0 } },
      { instanceId: 'anna', atMs: nowMs, values: { answer: 2 } },
    ]);
  });

  test('a moment of many instances is no tenth larger by name than it was by position', () => {
    const ids = Array.from({ length: 100 }, (_, n) => `01a21200-0000-7000-8000-${String(n).padStart(12, '0')}`);
    const instances = ids.map((instanceId) => ({
      instanceId,
      atMs: nowMs,
      values: { cpu: 120, memory: 150_000_000, health: 1, answer: 3.5 },
    }));
    const { server } = moment(nowMs);
    const byPosition = `${JSON.stringify({ a: nowMs, h: [10, 20, 30, 40, 50], i: ids.map((id) => [id, 120, 150_000_000, 1, 3.5]) })}\n`;
    expect(writeLine({ atMs: nowMs, server, instances }).length).toBeLessThan(byPosition.length * 1.1);
  });

  test('a folder that cannot be written is said once, and measuring goes on', async () => {
    const log = memoryLog();
    const ring = open({ log });
    rmSync(folder, { recursive: true });
    ring.append(moment(nowMs));
    ring.append(moment(nowMs + 1));
    expect(log.entries.map(({ event }) => event)).toEqual(['ring.not-written']);
    expect(await ring.since(0, 10)).toMatchObject({ server: [] });
  });
});

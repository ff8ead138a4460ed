import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AgentClock, VisitorCount } from '../ports.ts';
import { judge, Stillness, untilQuiet, usualQuietLimits } from './quiet.ts';
import { lookAtTree, usualTreeLimits } from './still-folder.ts';

const nobody: VisitorCount = { isHeld: true, isComplete: true, waiting: 0, unanswered: 0, answering: 0 };
const limits = usualQuietLimits;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-quiet-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('it is time to end an application', () => {
  const at = (elapsedMs: number, count: VisitorCount | undefined, stillForMs: number | undefined, isHung = false, lateMs = 0) =>
    judge({ elapsedMs, lateMs, count, stillForMs, isHung }, limits);
  test.each([
    ['nobody visits and nothing changes', at(100, nobody, 60_000), 'still'],
    ['a request has no answer', at(9999, { ...nobody, unanswered: 1 }, 60_000), 'wait'],
    ['a request has no answer, at the limit', at(10_000, { ...nobody, unanswered: 1 }, 60_000), 'gave-up'],
    ['a write was acknowledged just now', at(1000, { ...nobody, sinceWriteMs: 1499 }, 60_000), 'wait'],
    ['a write was acknowledged a while ago', at(1000, { ...nobody, sinceWriteMs: 1500 }, 60_000), 'still'],
    ['the folder changes', at(9999, nobody, 1499), 'wait'],
    ['the folder changes, at the limit', at(10_000, nobody, 0), 'gave-up'],
    ['a write was acknowledged a while ago, and a file is written just now', at(1600, { ...nobody, sinceWriteMs: 1500 }, 1299), 'wait'],
    ['a write was acknowledged a while ago, and it is written', at(1600, { ...nobody, sinceWriteMs: 1500 }, 1300), 'still'],
    ['a write is written, and a busy computer looked late', at(1600, { ...nobody, sinceWriteMs: 1999 }, 1799, false, 500), 'wait'],
    ['a write is written, and an older edge does not tell', at(1600, { ...nobody, isComplete: false, sinceWriteMs: 1500 }, 1499), 'wait'],
    ['a write is written, and a WebSocket is open', at(3000, { ...nobody, answering: 1, sinceWriteMs: 1500 }, 1499), 'wait'],
    ['a WebSocket is open', at(2999, { ...nobody, answering: 1 }, 60_000), 'wait'],
    ['a WebSocket is open for long', at(3000, { ...nobody, answering: 1 }, 60_000), 'still'],
    ['a WebSocket is open and the folder changes', at(9000, { ...nobody, answering: 1 }, 100), 'wait'],
    ['an older edge does not tell', at(1499, { ...nobody, isComplete: false }, 60_000), 'wait'],
    ['an older edge does not tell, after a while', at(1500, { ...nobody, isComplete: false }, 60_000), 'still'],
    ['no edge tells', at(1499, undefined, 60_000), 'wait'],
    ['no edge tells, after a while', at(1500, undefined, 60_000), 'still'],
    ['the folder cannot be looked at', at(1499, nobody, undefined), 'wait'],
    ['the folder cannot be looked at, after a while', at(1500, nobody, undefined), 'gave-up'],
    ['it hangs and its folder is still', at(100, undefined, 60_000, true), 'gave-up'],
    ['it hangs and its folder changes', at(2499, undefined, 0, true), 'wait'],
    ['a busy computer looked late, a write was acknowledged', at(1000, { ...nobody, sinceWriteMs: 1999 }, 60_000, false, 500), 'wait'],
    ['a busy computer looked late, the folder changed', at(5000, nobody, 1999, false, 500), 'wait'],
    ['a busy computer looked late, all of it is a while ago', at(5000, { ...nobody, sinceWriteMs: 2000 }, 2000, false, 500), 'still'],
    ['it hangs and its folder changes for long', at(2500, undefined, 0, true), 'gave-up'],
  ])('%s', (_what, said, expected) => {
    expect(said).toBe(expected);
  });
});

describe('a tree', () => {
  const look = (tree = usualTreeLimits) => lookAtTree(folder, tree, () => performance.now());
  const markOf = async (): Promise<string> => {
    const seen = await look();
    if (seen.state !== 'seen') throw new Error('not seen');
    return seen.mark;
  };

  test('that nobody touches looks the same; whatever changes shows, a time that is set back too', async () => {
    mkdirSync(join(folder, 'deep', 'er'), { recursive: true });
    const file = join(folder, 'deep', 'er', 'note');
    writeFileSync(file, 'one');
    const first = await markOf();
    expect(await markOf()).toBe(first);
    const marks = new Set([first]);
    writeFileSync(file, 'two');
    utimesSync(file, 1, 1);
    marks.add(await markOf());
    writeFileSync(join(folder, 'deep', 'another'), '');
    marks.add(await markOf());
    rmSync(file);
    marks.add(await markOf());
    expect(marks.size).toBe(4);
    const seen = await look();
    expect(seen.state === 'seen' && Math.abs(Date.now() - seen.changedAtMs)).toBeLessThan(5000);
  });

  test('is not followed through links, and an absent one is empty', async () => {
    symlinkSync('/', join(folder, 'everything'));
    symlinkSync('nowhere', join(folder, 'broken'));
    expect((await look({ entries: 3, walkMs: 2000 })).state).toBe('seen');
    rmSync(folder, { recursive: true });
    expect(await look()).toMatchObject({ state: 'seen', changedAtMs: 0 });
  });

  test('with more entries than the bound, one that takes too long, or one that the system refuses cannot be told', async () => {
    for (let at = 0; at < 5; at++) writeFileSync(join(folder, String(at)), '');
    expect((await look({ entries: 6, walkMs: 2000 })).state).toBe('seen');
    expect((await look({ entries: 5, walkMs: 2000 })).state).toBe('unknown');
    expect((await look({ entries: 6, walkMs: -1 })).state).toBe('unknown');
    expect(await lookAtTree(join(folder, 'a\0b'), usualTreeLimits, () => performance.now())).toEqual({ state: 'unknown' });
  });

  test('counts as still since it changed, never since a time in the future', () => {
    const began = { nowMs: 100_000, steadyMs: 0 };
    const still = new Stillness();
    expect(still.saw({ state: 'seen', mark: 'a', changedAtMs: 90_000 }, began)).toBe(0);
    expect(still.saw({ state: 'seen', mark: 'a', changedAtMs: 90_000 }, began)).toBe(10_000);
    expect(still.saw({ state: 'seen', mark: 'b', changedAtMs: 99_900 }, began)).toBe(0);
    expect(still.saw({ state: 'seen', mark: 'b', changedAtMs: 200_000 }, began)).toBe(0);
    expect(still.saw({ state: 'unknown' }, began)).toBeUndefined();
  });
});

describe('the wait', () => {
  const clock: AgentClock = {
    nowMs: Date.now,
    steadyMs: () => performance.now(),
    after: (delayMs, act) => {
      const timer = setTimeout(act, delayMs);
      return () => clearTimeout(timer);
    },
  };
  const quick = { ...limits, stillMs: 300, streamsMs: 400, limitMs: 1200, hungMs: 400, everyMs: 20 };
  const wait = (more: Partial<Parameters<typeof untilQuiet>[0]> = {}) =>
    untilQuiet({ clock, folder, count: () => Promise.resolve(nobody), isHung: false, isOver: () => false, limits: quick, ...more });

  test('ends when the last file was written and nothing has changed since', async () => {
    let written = 0;
    const timer = setInterval(() => {
      if (written < 10) writeFileSync(join(folder, String(written++)), 'x');
    }, 50);
    const quiet = await wait();
    clearInterval(timer);
    expect(written).toBe(10);
    expect(quiet).toMatchObject({ state: 'still', isHeld: true, inFlight: 0, streams: 0, folder: 'still' });
    expect(quiet.waitedMs).toBeGreaterThan(300);
  });

  test('counts nothing as still that changed after it was looked at, when the look itself took long', async () => {
    writeFileSync(join(folder, 'first'), 'x');
    let jumpMs = 0;
    let looks = 0;
    let asked = 0;
    let writtenAtMs = 0;
    const steadyMs = (): number => {
      asked += 1;
      // The folder and its file have been seen; the processor is elsewhere for two seconds, and somebody writes at their end.
      if (looks === 2 && asked === 5) {
        jumpMs = 2000;
        writeFileSync(join(folder, 'late'), 'x');
        utimesSync(join(folder, 'late'), (Date.now() + jumpMs) / 1000, (Date.now() + jumpMs) / 1000);
        writtenAtMs = performance.now();
      }
      return performance.now() + jumpMs;
    };
    const count = (): Promise<VisitorCount> => {
      looks += 1;
      asked = 0;
      return Promise.resolve(nobody);
    };
    const quiet = await wait({
      clock: { ...clock, steadyMs, nowMs: () => Date.now() + jumpMs },
      count,
      limits: { ...quick, limitMs: 9000 },
    });
    expect(quiet).toMatchObject({ state: 'still', folder: 'still' });
    expect(looks).toBeGreaterThan(2);
    expect(performance.now() - writtenAtMs).toBeGreaterThanOrEqual(300);
  });

  test('does not end before a second version that came right behind a first one which was written late', async () => {
    let ms = 0;
    let writes = 0;
    // The clock of this test: both are acknowledged at once; the first is written 1.4 s later, behind many others, and the second 1.25 s after it.
    const stepping: AgentClock = {
      nowMs: () => 0,
      steadyMs: () => ms,
      after: (delayMs, act) => {
        ms += delayMs;
        if (ms >= ([1400, 2650][writes] ?? Infinity)) writeFileSync(join(folder, 'note'), 'x'.repeat(++writes));
        setImmediate(act);
        return () => undefined;
      },
    };
    const count = () => Promise.resolve({ ...nobody, sinceWriteMs: ms });
    const quiet = await wait({ clock: stepping, count, limits });
    expect(quiet).toMatchObject({ state: 'still', folder: 'still' });
    expect(writes).toBe(2);
    expect(quiet.waitedMs).toBeLessThanOrEqual(4200);
  });

  test('gives up at its limit, and says what was still under way', async () => {
    const timer = setInterval(() => writeFileSync(join(folder, 'log'), String(Math.random())), 20);
    const quiet = await wait({ count: () => Promise.resolve({ ...nobody, unanswered: 2, answering: 1, isHeld: false }) });
    clearInterval(timer);
    expect(quiet).toMatchObject({ state: 'gave-up', isHeld: false, inFlight: 2, streams: 1, folder: 'moving' });
    expect(quiet.waitedMs).toBeGreaterThanOrEqual(1200);
    expect(quiet.waitedMs).toBeLessThan(3000);
  });

  test('asks no visitors of one that hangs, and ends at once when there is nothing to wait for', async () => {
    let asked = 0;
    const count = () => Promise.resolve({ ...nobody, waiting: asked++ });
    const hung = await wait({ isHung: true, count });
    expect(hung).toMatchObject({ state: 'gave-up', isHeld: false });
    expect(hung.inFlight).toBeUndefined();
    expect(asked).toBe(0);
    expect((await wait({ isOver: () => true, count: () => Promise.resolve({ ...nobody, unanswered: 5 }) })).waitedMs).toBeLessThan(200);
  });
});

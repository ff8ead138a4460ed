import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AgentClock, HoldWhat, VisitorCount } from '../ports.ts';
import { judge, nextHold, type QuietLook, Stillness, untilQuiet, usualQuietLimits } from './quiet.ts';
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
    judge({ elapsedMs, writesForMs: elapsedMs, allForMs: elapsedMs, streamsForMs: 0, lateMs, count, stillForMs, isHung }, limits);
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

describe('who waits next', () => {
  const none = { ...nobody, writing: 0 };
  const quietLook = { elapsedMs: 100, writesForMs: 0, allForMs: 0, streamsForMs: 0, lateMs: 0, stillForMs: 60_000, isHung: false };
  const next = (what: HoldWhat, count: VisitorCount | undefined, more: Partial<QuietLook> = {}) =>
    nextHold(what, { ...quietLook, count, ...more }, limits);
  const busy = { ...none, writing: 1, unanswered: 1 };
  test.each([
    ['nobody writes and the folder is still', next('nothing', none), 'all'],
    ['nobody writes and something changes the folder all the same', next('nothing', none, { stillForMs: 10 }), 'all'],
    ['somebody writes', next('nothing', busy), 'nothing'],
    ['somebody wrote just now', next('nothing', { ...none, sinceWriteMs: 900 }, { stillForMs: 880 }), 'nothing'],
    ['those who write make a pause', next('nothing', { ...none, sinceWriteMs: 1000 }, { stillForMs: 990 }), 'writes'],
    ['they make none', next('nothing', busy, { elapsedMs: 2000, stillForMs: 0 }), 'writes'],
    ['a write has no answer yet', next('writes', busy, { writesForMs: 2400 }), 'writes'],
    ['a write has no answer for long', next('writes', busy, { writesForMs: 2500 }), 'all'],
    ['reads go on while what was written comes to rest', next('writes', { ...none, unanswered: 3, sinceWriteMs: 1400 }), 'writes'],
    ['all is written, and reads go on', next('writes', { ...none, unanswered: 3, answering: 1, sinceWriteMs: 1500 }), 'all'],
    ['all is written, and a busy computer looked late', next('writes', { ...none, sinceWriteMs: 1900 }, { lateMs: 500 }), 'writes'],
    ['a second version came late', next('writes', { ...none, sinceWriteMs: 1500 }, { stillForMs: 260 }), 'writes'],
    ['reads change the folder', next('writes', { ...none, sinceWriteMs: 1500 }, { stillForMs: 150 }), 'all'],
    ['a stream goes on', next('nothing', { ...busy, answering: 1 }, { streamsForMs: 500 }), 'all'],
    ['the folder cannot be looked at', next('nothing', { ...none, sinceWriteMs: 100 }, { stillForMs: undefined }), 'nothing'],
    ['the folder cannot be looked at, later', next('writes', { ...none, sinceWriteMs: 1500 }, { stillForMs: undefined }), 'all'],
    ['an edge that tells no writes', next('nothing', { ...nobody, sinceWriteMs: 1 }), 'all'],
    ['an older edge does not tell', next('writes', { ...busy, isComplete: false }), 'all'],
    ['the hold has lasted its longest', next('writes', { ...busy, isHeld: false }), 'all'],
    ['no edge tells', next('nothing', undefined), 'all'],
    ['all wait already', next('all', busy), 'all'],
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
    untilQuiet({
      clock,
      folder,
      hold: () => Promise.resolve(nobody),
      turnAway: () => undefined,
      isHung: false,
      isOver: () => false,
      limits: quick,
      ...more,
    });

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
    const hold = (): Promise<VisitorCount> => {
      looks += 1;
      asked = 0;
      return Promise.resolve(nobody);
    };
    const quiet = await wait({
      clock: { ...clock, steadyMs, nowMs: () => Date.now() + jumpMs },
      hold,
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
    const hold = () => Promise.resolve({ ...nobody, sinceWriteMs: ms });
    const quiet = await wait({ clock: stepping, hold, limits });
    expect(quiet).toMatchObject({ state: 'still', folder: 'still' });
    expect(writes).toBe(2);
    expect(quiet.waitedMs).toBeLessThanOrEqual(4200);
  });

  /** The clock of these tests: `act` sees each step of it. */
  const steps = (act: (ms: number) => void = () => undefined) => {
    let ms = 0;
    const stepping: AgentClock = {
      nowMs: () => 0,
      steadyMs: () => ms,
      after: (delayMs, go) => {
        ms += delayMs;
        act(ms);
        setImmediate(go);
        return () => undefined;
      },
    };
    return { clock: stepping, ms: () => ms };
  };
  /** Somebody writes every 200 ms until writes are held, the last time 60 ms before; what waits, and since when. */
  const writer = (clockOf: () => number) => {
    const heldSince = new Map<HoldWhat, number>();
    const hold = (what: HoldWhat): Promise<VisitorCount> => {
      if (!heldSince.has(what)) heldSince.set(what, clockOf());
      const held = heldSince.get('writes') ?? heldSince.get('all');
      const sinceWriteMs = held === undefined ? clockOf() % 200 : clockOf() - held + 60;
      return Promise.resolve({ ...nobody, writing: 0, sinceWriteMs });
    };
    return { hold, heldSince };
  };

  test('holds writes when nobody pauses, reads only when all is written, and looks once more before the end', async () => {
    const time = steps();
    const { hold, heldSince } = writer(time.ms);
    const quiet = await wait({ clock: time.clock, hold, limits });
    const [writesMs = 0, allMs = 0] = [heldSince.get('writes'), heldSince.get('all')];
    expect(writesMs).toBeGreaterThanOrEqual(limits.pauseMs);
    expect(writesMs).toBeLessThan(limits.pauseMs + 100);
    expect(allMs - writesMs).toBe(limits.stillMs - 60);
    expect(quiet).toMatchObject({ state: 'still', isHeld: true, waitedMs: allMs });
  });

  test('holds those who pause only for the rest of the pause', async () => {
    const time = steps();
    const heldSince = new Map<HoldWhat, number>();
    const hold = (what: HoldWhat) => {
      if (!heldSince.has(what)) heldSince.set(what, time.ms());
      // Every 200 ms for 0.8 s; then nothing.
      const sinceWriteMs = time.ms() - Math.min(800, time.ms() - (time.ms() % 200));
      return Promise.resolve({ ...nobody, writing: 0, sinceWriteMs });
    };
    const quiet = await wait({ clock: time.clock, hold, limits });
    expect(Object.fromEntries(heldSince)).toEqual({ nothing: 0, writes: 1800, all: 2300 });
    expect(quiet).toMatchObject({ state: 'still', waitedMs: 2300 });
  });

  test('waits again, with all held, where a read wrote while writes alone were held', async () => {
    const time = steps();
    const { hold, heldSince } = writer(time.ms);
    let wroteAtMs: number | undefined;
    const quiet = await wait({
      clock: time.clock,
      limits,
      hold: async (what) => {
        const count = await hold(what);
        if (what !== 'all' || wroteAtMs !== undefined) return count;
        writeFileSync(join(folder, 'session'), 'x');
        wroteAtMs = time.ms();
        return count;
      },
    });
    const allMs = heldSince.get('all') ?? 0;
    expect(wroteAtMs).toBe(allMs);
    expect(quiet.state).toBe('still');
    expect(quiet.waitedMs - allMs).toBeGreaterThanOrEqual(limits.writtenMs);
    expect(quiet.waitedMs - allMs).toBeLessThan(limits.stillMs + 100);
  });

  test('waits for reads that had begun before all was held', async () => {
    let ms = 0;
    const time = steps((now) => (ms = now));
    const hold = (what: HoldWhat) => Promise.resolve({ ...nobody, writing: 0, unanswered: what === 'all' && ms >= 400 ? 0 : 1 });
    // Its files are old.
    const later = { ...time.clock, nowMs: () => Date.now() + 60_000 };
    expect(await wait({ clock: later, hold, limits })).toMatchObject({ state: 'still', inFlight: 0 });
    expect(ms).toBeLessThan(600);
    expect(ms).toBeGreaterThanOrEqual(400);
  });

  test('holds nobody more once it is over, in the middle of whichever hold', async () => {
    for (const last of ['nothing', 'writes', 'all'] as const) {
      const time = steps();
      const { hold, heldSince } = writer(time.ms);
      const unanswered = (what: HoldWhat) => hold(what).then((count) => ({ ...count, unanswered: 1 }));
      const quiet = await wait({ clock: time.clock, hold: unanswered, limits, isOver: () => heldSince.has(last) });
      expect(quiet).toMatchObject({ state: 'gave-up', inFlight: 1 });
      expect([...heldSince.keys()].at(-1)).toBe(last);
    }
  });

  test('gives up at its limit, and says what was still under way', async () => {
    const timer = setInterval(() => writeFileSync(join(folder, 'log'), String(Math.random())), 20);
    const quiet = await wait({ hold: () => Promise.resolve({ ...nobody, unanswered: 2, answering: 1, isHeld: false }) });
    clearInterval(timer);
    expect(quiet).toMatchObject({ state: 'gave-up', isHeld: false, inFlight: 2, streams: 1, folder: 'moving' });
    expect(quiet.waitedMs).toBeGreaterThanOrEqual(1200);
    expect(quiet.waitedMs).toBeLessThan(3000);
  });

  test('asks no visitors of one that hangs, and ends at once when there is nothing to wait for', async () => {
    let asked = 0;
    const hold = () => Promise.resolve({ ...nobody, waiting: asked++ });
    const hung = await wait({ isHung: true, hold });
    expect(hung).toMatchObject({ state: 'gave-up', isHeld: false });
    expect(hung.inFlight).toBeUndefined();
    expect(asked).toBe(0);
    expect((await wait({ isOver: () => true, hold: () => Promise.resolve({ ...nobody, unanswered: 5 }) })).waitedMs).toBeLessThan(200);
  });
});

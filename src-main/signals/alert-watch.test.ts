import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FarmError } from '#contract/errors.ts';
import { openSqliteStore } from '../drivers/store/sqlite/index.ts';
import { createChanges } from '../drivers/system/changes.ts';
import { createIds } from '../drivers/system/ids.ts';
import { idAt } from '../drivers/store/example-rows.ts';
import { closedAlertsKeptMs } from '../model/monitoring/alert-record.ts';
import type { Store } from '../ports/store.ts';
import { createManualClock, type ManualClock } from '../testing/manual-clock.ts';
import { AlertWatch, type AlertWatchDeps } from './alert-watch.ts';
import { evaluators } from './alerts/index.ts';
import { farmId, healthy, instance, nowMs, server, type World, worlds } from './fixtures/alert-worlds.ts';

let folder: string;
let clock: ManualClock;
let store: Store;
let transactions: number;
let isFull: boolean;
const stops: (() => Promise<void>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farm-alerts-'));
  clock = createManualClock(nowMs);
  store = await openSqliteStore({ file: join(folder, 'farm.sqlite'), clock });
  transactions = 0;
  isFull = false;
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const counting: AlertWatchDeps['store'] = {
  get alerts() {
    return store.alerts;
  },
  transaction: (work) => {
    transactions += 1;
    return isFull ? Promise.reject(new FarmError('STORE_FULL', { path: '/farm' })) : store.transaction(work);
  },
};

/** A core that has read its farm; `see` changes what it sees and looks, as a window would make it. */
async function core(over: Partial<AlertWatchDeps> = {}) {
  let world: World = {};
  const noted: string[] = [];
  const warned: string[] = [];
  const announced: string[] = [];
  const log = { info: () => undefined, warn: (event: string) => void warned.push(event), bug: () => `F-${noted.length + 1}` };
  const changes = createChanges(log);
  changes.on(({ kind }) => announced.push(kind));
  const watch = new AlertWatch({
    ...{ store: counting, clock, ids: createIds(clock), log, changes, noteFault: (reference: string) => void noted.push(reference) },
    views: async () => ({ ...healthy, ...world }),
    signs: () => ({ ...healthy, ...world }),
    ...over,
  });
  await watch.start(farmId);
  stops.push(() => watch.stop());
  const see = async (next: World) => {
    world = next;
    const { alerts } = await watch.look(async () => ({ ...healthy, ...world }));
    await watch.written();
    return alerts;
  };
  return {
    watch,
    see,
    noted,
    warned,
    announced,
    change: (next: World) => {
      world = next;
      changes.announce({ kind: 'instance', id: 'anna' });
    },
    /** Time passes, and the looks that fall due are over. */
    pass: async (ms: number) => {
      for (let left = ms; left > 0; left -= 1000) {
        clock.advance(Math.min(1000, left));
        await delay(5);
      }
    },
  };
}
const rows = () => store.alerts.find();
const unhealthy = worlds['instance-unhealthy'].bad;
const away: World = {
  servers: [server({ link: { state: 'connecting', sinceMs: nowMs } })],
  instances: [instance({ live: undefined, isServerConnected: false, isFollowed: false })],
};

describe('an alert that is written down', () => {
  test('is written when it opens and when it closes, and never at a look between', async () => {
    const { see } = await core();
    for (let at = 0; at < 50; at += 1) {
      clock.advance(1000);
      await see(unhealthy);
    }
    expect(transactions).toBe(1);
    expect(await rows()).toMatchObject([{ code: 'instance-unhealthy', farmId, closedAtMs: null }]);
    for (let at = 0; at < 50; at += 1) {
      clock.advance(1000);
      await see({});
    }
    expect(transactions).toBe(2);
    expect(await rows()).toMatchObject([{ lastSeenAtMs: nowMs + 50_000, closedAtMs: nowMs + 53_000 }]);
  });

  test('has after a restart the beginning that it had, and is not told before the new core has seen it', async () => {
    const first = await core();
    // A core tells the age of an instance's state from its own first look; what was written down is older.
    const [opened] = await first.see(unhealthy);
    // Killed: nothing is stopped, nothing is written.
    clock.advance(3_600_000);
    const second = await core();
    for (let at = 0; at < 30; at += 1) {
      clock.advance(1000);
      expect(await second.see(away)).toEqual([]);
    }
    const [later] = (unhealthy.instances ?? []).map((one) => ({ ...one, condition: { ...one.condition, sinceMs: clock.nowMs() } }));
    expect(await second.see({ instances: later === undefined ? [] : [later] })).toMatchObject([
      { code: 'instance-unhealthy', sinceMs: opened?.sinceMs },
    ]);
    expect(await rows()).toHaveLength(1);
    expect(transactions).toBe(1);
  });

  test('that is over when the next core looks is closed by it', async () => {
    const first = await core();
    await first.see({ ...unhealthy, ...worlds['job-stopped'].bad });
    const second = await core();
    for (let at = 0; at < 4; at += 1) {
      clock.advance(1000);
      await second.see({});
    }
    expect((await rows()).map(({ code, closedAtMs }) => [code, closedAtMs === null])).toEqual([
      ['instance-unhealthy', false],
      ['job-stopped', false],
    ]);
  });

  test('of a code that this program does not know is closed', async () => {
    await store.alerts.insert({
      id: idAt(1),
      farmId,
      code: 'of-tomorrow',
      subjectId: 'a',
      openedAtMs: 1,
      lastSeenAtMs: 1,
      closedAtMs: null,
    });
    const { see } = await core();
    expect(await see({})).toEqual([]);
    expect(await rows()).toMatchObject([{ code: 'of-tomorrow', closedAtMs: nowMs }]);
  });

  test('is told from memory while the store is full, and written once it has room', async () => {
    const { see, warned } = await core();
    isFull = true;
    for (let at = 0; at < 60; at += 1) {
      expect(await see(unhealthy)).toHaveLength(1);
      clock.advance(1000);
    }
    expect(warned).toEqual(['alerts-not-kept']);
    expect(transactions).toBe(2);
    isFull = false;
    clock.advance(30_000);
    await see(unhealthy);
    expect(await rows()).toMatchObject([{ code: 'instance-unhealthy', closedAtMs: null }]);
  });

  test('that ends while its beginning is being written is written as ended', async () => {
    const slow = Promise.withResolvers<void>();
    const { watch, change } = await core({
      store: { alerts: store.alerts, transaction: (work) => slow.promise.then(() => store.transaction(work)) },
    });
    change(worlds['job-stopped'].bad);
    await watch.look(async () => ({ ...healthy, ...worlds['job-stopped'].bad }));
    await delay(5);
    change({});
    await watch.look(async () => healthy);
    slow.resolve();
    await watch.stop();
    expect(await rows()).toMatchObject([{ code: 'job-stopped', closedAtMs: nowMs }]);
  });

  test('that came and went a thousand times on a full disk leaves no more to write than one', async () => {
    const { see } = await core();
    const stopped = worlds['job-stopped'].bad;
    await see(stopped);
    isFull = true;
    for (let at = 0; at < 1000; at += 1) {
      await see({});
      await see(stopped);
    }
    isFull = false;
    clock.advance(60_000);
    await see(stopped);
    expect((await rows()).map(({ closedAtMs }) => closedAtMs === null)).toEqual([false, true]);
  });

  test('that closed is kept for its time; no clock that jumps closes one or lets one go that is open', async () => {
    const { see } = await core();
    await see({ ...unhealthy, ...worlds['job-stopped'].bad });
    await see(unhealthy);
    for (const jump of [closedAlertsKeptMs, -3 * closedAlertsKeptMs, 3 * closedAlertsKeptMs]) {
      clock.advance(jump);
      expect(await see(unhealthy)).toHaveLength(1);
    }
    await store.alerts.removeClosedBefore(nowMs);
    expect(await rows()).toHaveLength(2);
    await store.alerts.removeClosedBefore(nowMs + 1);
    expect(await rows()).toMatchObject([{ code: 'instance-unhealthy', closedAtMs: null }]);
  });
});

describe('without a window', () => {
  test('a change is looked at within a second, an end by time is announced, and without either it looks twice a minute', async () => {
    let looks = 0;
    const counted = {
      ...evaluators,
      'home-disk': (...given: Parameters<(typeof evaluators)['home-disk']>) => {
        looks += 1;
        return evaluators['home-disk'](...given);
      },
    };
    const { change, pass, announced } = await core({ evaluators: counted });
    await pass(2000);
    change(unhealthy);
    await pass(1000);
    expect(await rows()).toHaveLength(1);
    expect(announced.filter((kind) => kind === 'alert')).toHaveLength(1);
    change({});
    await pass(4000);
    expect(await rows()).toMatchObject([{ closedAtMs: expect.any(Number) }]);
    expect(announced.filter((kind) => kind === 'alert')).toHaveLength(2);
    const before = looks;
    await pass(60_000);
    expect(looks - before).toBe(2);
  });

  test('nothing is written and no timer is left after the farm was closed', async () => {
    const { watch, see, change, pass } = await core();
    await see({});
    await watch.stop();
    change(unhealthy);
    await pass(5000);
    expect(await see(unhealthy)).toHaveLength(1);
    expect(await rows()).toEqual([]);
  });
});

describe('an evaluator that throws', () => {
  test('is logged and shown as a fault of the program once an hour, however often it is asked', async () => {
    const { see, noted } = await core({
      evaluators: {
        ...evaluators,
        'job-stopped': () => {
          throw new TypeError('a bug');
        },
      },
    });
    for (let at = 0; at < 100; at += 1) {
      clock.advance(1000);
      expect((await see({ ...unhealthy, ...worlds['job-stopped'].bad })).map(({ code }) => code)).toEqual(['instance-unhealthy']);
    }
    expect(noted).toEqual(['F-1']);
    clock.advance(3_600_000);
    await see(worlds['job-stopped'].bad);
    expect(noted).toEqual(['F-1', 'F-2']);
  });

  test('what cannot be gathered is told to who asked, and the next look is as good as ever', async () => {
    const { watch, see } = await core();
    await expect(watch.look(() => Promise.reject(new TypeError('no views')))).rejects.toThrow('no views');
    expect(await see(unhealthy)).toHaveLength(1);
  });
});

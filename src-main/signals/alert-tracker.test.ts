import { describe, expect, test } from 'vitest';
import { alertCatalogue, type AlertCode, alertCodes, type AlertRow } from '#contract/catalogue/alerts.ts';
import { createTranslate } from '#words/translate.ts';
import type { AlertSources } from '../ports/alerts.ts';
import { AlertTracker, type AlertRows } from './alert-tracker.ts';
import type { Evaluators } from './alerts/evaluator.ts';
import { evaluators } from './alerts/index.ts';
import { everyWorld, healthy, instance, nowMs, oakId, server, type World, worlds } from './fixtures/alert-worlds.ts';

const minuteMs = 60_000;
const yearMs = 365 * 86_400_000;

/** A tracker whose looks are a second apart unless told otherwise. What its row lets last first is told at once here: that time has tests of its own. */
function watching(options: { readonly rows?: AlertRows; readonly evaluators?: Evaluators } = {}) {
  const broken: AlertCode[] = [];
  const tracker = new AlertTracker({
    evaluators,
    rows: withRows({ visibleAfterMs: 0 }),
    ...options,
    onBroken: (code) => void broken.push(code),
  });
  let atMs = nowMs;
  const changed: string[] = [];
  const look = (world: World | AlertSources, afterMs = 1000) => {
    atMs += afterMs;
    const looked = tracker.look({ ...healthy, ...world }, atMs);
    for (const { kind, alert } of looked.changes) changed.push(`${kind} ${alert.code}`);
    return looked.told;
  };
  const codes = (world: World, afterMs?: number) => look(world, afterMs).map(({ code }) => code);
  return { look, codes, changed, broken };
}
function withRows(over: { readonly visibleAfterMs: number }): AlertRows {
  const rows: Partial<Record<AlertCode, AlertRow<AlertCode>>> = {};
  for (const code of alertCodes) rows[code] = { ...alertCatalogue[code], ...over };
  return { ...alertCatalogue, ...rows };
}

describe('every alert', () => {
  test('is not told of a farm in which all is well', () => {
    expect(watching().look({})).toEqual([]);
  });

  test.each(everyWorld)('$code is raised as $severity by its producer, with what its words need', ({ code, severity, world }) => {
    const [alert, ...others] = watching().look(world);
    expect(others).toEqual([]);
    expect(alert).toMatchObject({ code, mark: severity });
    for (const words of [createTranslate('en', 'UTC'), createTranslate('ru', 'UTC')])
      for (const part of ['word', 'title', 'cause', 'act'] as const)
        expect(words.say(`alerts.${code}.${part}`, { title: 'a', ...alert?.parameters, failure: 'b' })).not.toBe('');
  });

  test('has a world for each severity of its row, and no others', () => {
    for (const code of alertCodes)
      expect([code, Object.keys(worlds[code]).sort()]).toEqual([code, [...alertCatalogue[code].severity].sort()]);
  });

  test.each(everyWorld)('$code ($severity) is told only once it has lasted, and a short one is never told', ({ code, world }) => {
    const { look, codes, changed } = watching({ rows: withRows({ visibleAfterMs: 4500 }) });
    expect([codes(world), codes(world, 2000), codes(world, 2000)]).toEqual([[], [], []]);
    expect(look({})).toEqual([]);
    expect([codes(world), codes(world, 2000), codes(world, 2000)]).toEqual([[], [], []]);
    expect(changed).toEqual([]);
    expect(codes(world, 1000)).toEqual([code]);
    expect(changed).toEqual([`opened ${code}`]);
  });

  test.each(everyWorld)(
    '$code ($severity) is told once it has lasted as long as its own row says, not a look before',
    ({ code, world }) => {
      const { codes } = watching({ rows: alertCatalogue });
      const lookEveryMs = 5000;
      const looks = Math.ceil(alertCatalogue[code].visibleAfterMs / lookEveryMs);
      for (let at = 0; at < looks; at += 1) expect([at, codes(world, lookEveryMs)]).toEqual([at, []]);
      expect(codes(world, lookEveryMs)).toEqual([code]);
    },
  );

  test.each(everyWorld)('$code ($severity) ends after as many good looks as its row says', ({ code, world }) => {
    const { look, codes, changed } = watching();
    const since = look(world)[0]?.sinceMs;
    for (let miss = 1; miss < alertCatalogue[code].misses; miss += 1) expect([miss, codes({})]).toEqual([miss, [code]]);
    expect(look({})).toEqual([]);
    expect(changed).toEqual([`opened ${code}`, `closed ${code}`]);
    expect(since).toBeLessThanOrEqual(nowMs + 1000);
  });

  test.each(everyWorld.filter(({ code }) => alertCatalogue[code].misses > 1))(
    '$code ($severity) that comes and goes stays one alert with one beginning',
    ({ code, world }) => {
      const { look, changed } = watching();
      const since = look(world)[0]?.sinceMs;
      for (let round = 0; round < 5; round += 1) {
        for (let miss = 1; miss < alertCatalogue[code].misses; miss += 1) look({});
        expect(look(world)).toMatchObject([{ code, sinceMs: since }]);
      }
      expect(changed).toEqual([`opened ${code}`]);
    },
  );

  test('does not end by many good looks within one second', () => {
    const { codes } = watching();
    codes(worlds['server-edge'].bad);
    for (let at = 0; at < 80; at += 1) expect(codes({}, 10)).toEqual(['server-edge']);
  });
});

const hiding = alertCodes.flatMap((code) => alertCatalogue[code].dependsOn.map((parent) => ({ code, parent })));
const worldOf = (code: AlertCode): World => {
  const found = everyWorld.find((one) => one.code === code);
  if (found === undefined) throw new Error(`no world for ${code}`);
  return found.world;
};

describe('an alert of what stands on something', () => {
  test.each(hiding)('$code is hidden behind $parent of its server, and told when that has ended', ({ code, parent }) => {
    const { codes } = watching();
    const bad = { ...worldOf(code), ...worldOf(parent) };
    expect(codes(bad)).toEqual([parent]);
    for (let miss = 1; miss < alertCatalogue[parent].misses; miss += 1) expect(codes(worldOf(code))).toEqual([parent]);
    expect(codes(worldOf(code))).toEqual([code]);
    expect(codes(bad)).toEqual([parent]);
  });

  test('is told beside a warning, and beside what is wrong with another server', () => {
    const down = worlds['instance-down'].bad;
    expect(watching().codes({ ...down, ...worlds['server-disk'].warning })).toEqual(['instance-down', 'server-disk']);
    const elsewhere = (worlds['server-agent'].bad.servers ?? []).map((one) => ({
      ...one,
      id: server().id.replace('a1', 'a2') as typeof one.id,
    }));
    expect(
      watching()
        .codes({ ...down, servers: [server(), ...elsewhere] })
        .sort(),
    ).toEqual(['instance-down', 'server-agent']);
  });
});

describe('what was not looked at', () => {
  const away: World = {
    servers: [server({ link: { state: 'connecting', sinceMs: nowMs } })],
    instances: [instance({ live: undefined, isServerConnected: false, isFollowed: false })],
    isInOrderKnown: () => false,
  };
  test.each(['server-disk', 'server-edge', 'instance-down', 'instance-unhealthy', 'server-drift'] as const)(
    '%s stays as it was while nobody could look',
    (code) => {
      const { codes, changed } = watching();
      codes(worldOf(code));
      for (let at = 0; at < 20; at += 1) expect(codes(away)).toEqual([code]);
      expect(changed).toEqual([`opened ${code}`]);
    },
  );

  test('an application that is just started again has not shown that it stays up', () => {
    const { codes } = watching();
    const starting = instance();
    codes(worlds['instance-crash-loop'].bad);
    const world = {
      instances: [{ ...starting, condition: { ...starting.condition, mark: 'working' as const, code: 'starting' as const } }],
    };
    for (let at = 0; at < 20; at += 1) expect(codes(world)).toEqual(['instance-crash-loop']);
  });

  test('of one server only what is seen now is told; what it hides keeps its beginning', () => {
    const { look, codes } = watching();
    const since = look(worlds['server-disk'].bad)[0]?.sinceMs;
    expect(codes(worlds['server-edge'].bad)).toEqual(['server-edge']);
    for (let at = 0; at < 20; at += 1) codes(worlds['server-agent'].bad);
    expect(codes(worlds['server-agent'].bad)).toEqual(['server-agent']);
    expect(look(worlds['server-disk'].bad)).toMatchObject([{ code: 'server-disk', sinceMs: since }]);
  });

  test('what has gone takes its alerts with it at once', () => {
    const { look } = watching();
    const all = { ...worlds['instance-down'].bad, ...worlds['server-drift'].warning, ...worlds['job-stopped'].bad };
    expect(look(all)).toHaveLength(3);
    expect(look({ instances: [], servers: [], drifts: [], jobs: [] })).toEqual([]);
  });
});

describe('a clock that jumps', () => {
  const jumps = [yearMs, -2 * yearMs, yearMs, 3 * minuteMs, -minuteMs];
  test('opens nothing before its time', () => {
    for (const { world } of everyWorld) {
      const { look } = watching({ rows: withRows({ visibleAfterMs: 10 * minuteMs }) });
      look(world);
      for (const jump of jumps) expect(look(world, jump)).toEqual([]);
    }
  });

  test('closes nothing, and changes no beginning', () => {
    for (const { code, world } of everyWorld) {
      const { look, codes, changed } = watching();
      const since = look(world)[0]?.sinceMs;
      for (const jump of jumps) expect(look(world, jump)).toMatchObject([{ code, sinceMs: since }]);
      // The good looks that a jump makes are as many as there were looks.
      if (alertCatalogue[code].misses > 2) expect(codes({}, yearMs)).toEqual([code]);
      if (alertCatalogue[code].misses > 2) expect(codes({}, -yearMs)).toEqual([code]);
      expect(changed).toEqual([`opened ${code}`]);
    }
  });

  test('gives an alert no beginning that is still to come', () => {
    const { look } = watching();
    const [alert] = look(worlds['server-disk'].bad, -yearMs);
    expect(alert?.sinceMs).toBe(nowMs - yearMs);
  });
});

describe('an evaluator that throws', () => {
  const broken = (code: AlertCode): Evaluators => ({
    ...evaluators,
    [code]: () => {
      throw new TypeError('a bug');
    },
  });

  test.each(everyWorld)('for another code leaves $code ($severity) as it is', ({ code, world }) => {
    for (const other of alertCodes) {
      if (other === code) continue;
      const watch = watching({ evaluators: broken(other) });
      expect([other, watch.codes(world)]).toEqual([other, [code]]);
    }
  });

  test('is noted by its code, and leaves its own alerts as they were', () => {
    let isBroken = false;
    const { codes, broken: noted } = watching({
      evaluators: {
        ...evaluators,
        'instance-down': (subject, sources) => {
          if (isBroken) throw new TypeError('a bug');
          return evaluators['instance-down'](subject, sources);
        },
      },
    });
    codes(worlds['instance-down'].bad);
    isBroken = true;
    for (let at = 0; at < 10; at += 1) expect(codes({})).toEqual(['instance-down']);
    expect(new Set(noted)).toEqual(new Set(['instance-down']));
    isBroken = false;
    codes({});
    codes({});
    expect(codes({})).toEqual([]);
  });
});

test('a thousand instances on a hundred servers are judged in a few milliseconds', () => {
  const id = (n: number) => `${annaOf}${n.toString(16).padStart(6, '0')}`;
  const annaOf = oakId.slice(0, -6);
  const down = worlds['instance-down'].bad.instances?.[0] ?? instance();
  const many = Array.from({ length: 1000 }, (_, n) => ({ ...(n % 10 === 0 ? down : instance()), id: id(n) as typeof down.id }));
  const fleet = Array.from({ length: 100 }, (_, n) => ({ ...server(), id: id(5000 + n) as ReturnType<typeof server>['id'] }));
  const { look } = watching();
  expect(look({ instances: many, servers: fleet })).toHaveLength(100);
  const startedMs = performance.now();
  for (let at = 0; at < 50; at += 1) look({ instances: many, servers: fleet });
  const eachMs = (performance.now() - startedMs) / 50;
  console.info(`1,000 instances, 100 servers, 100 alerts: ${eachMs.toFixed(2)} ms a look`);
  expect(eachMs).toBeLessThan(50);
});

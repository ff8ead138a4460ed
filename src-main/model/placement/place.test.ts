import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placementOption } from '#contract/api/placement-reason.ts';
import { type ServerId, serverId } from '#contract/ids.ts';
import { brokenRule } from './hard-rules.ts';
import { override, place } from './place.ts';
import { roomFor } from './room.ts';
import type { Amounts, PlacementRules, PlacementServer } from './types.ts';

const megabyte = 2 ** 20;
const gigabyte = 2 ** 30;
const nowMs = 1_800_000_000_000;
const rules: PlacementRules = { headroomFraction: 0.1, nowMs, unseenLimitMs: 30_000 };
const plan: Amounts = { memoryBytes: 512 * megabyte, cpuMillicores: 250, diskBytes: 5 * gigabyte };
const id = (n: number): ServerId => serverId.parse(`01890000-0000-7000-8000-${String(n).padStart(12, '0')}`);
const idle: Amounts = { memoryBytes: 400 * megabyte, cpuMillicores: 100, diskBytes: 3 * gigabyte };

function server(n: number, changes: Partial<PlacementServer> = {}): PlacementServer {
  return {
    id: id(n),
    name: ['Alder', 'Birch', 'Cedar', 'Dogwood', 'Elm'][n] ?? `Server ${n}`,
    state: 'ready',
    isDraining: false,
    capacity: { memoryBytes: 8192 * megabyte, cpuMillicores: 4000, diskBytes: 100 * gigabyte },
    measured: { now: idle, peak: idle },
    lastSeenMs: nowMs - 2000,
    darkEdge: undefined,
    hasPackage: false,
    platformOk: true,
    instances: [],
    ...changes,
  };
}

const peak = (memoryMegabytes: number): PlacementServer['measured'] => {
  const amounts = { memoryBytes: memoryMegabytes * megabyte, cpuMillicores: 100, diskBytes: 3 * gigabyte };
  return { now: amounts, peak: amounts };
};

function take(from: PlacementServer, reserved: Amounts = plan, isMeasured = false): PlacementServer {
  return { ...from, instances: [...from.instances, { reserved, placedAtMs: nowMs, isMeasured }] };
}

describe('the reason of each server', () => {
  const busy = { memoryBytes: 3000 * megabyte, cpuMillicores: 100, diskBytes: 3 * gigabyte };
  test.each<[string, Partial<PlacementServer>, object]>([
    ['draining', { isDraining: true }, { code: 'draining' }],
    ['joining', { state: 'joining' }, { code: 'joining' }],
    ['held', { state: 'maintenance' }, { code: 'maintenance' }],
    ['never heard', { lastSeenMs: null }, { code: 'never-seen' }],
    ['not heard for six minutes', { lastSeenMs: nowMs - 365_000 }, { code: 'not-seen', secondsAgo: 365, minutesAgo: 6 }],
    [
      'a dark edge',
      { darkEdge: { problem: 'silent', port: 443, address: '' } },
      { code: 'edge', server: 'Alder', problem: 'silent', port: 443, address: '' },
    ],
    ['another system', { platformOk: false }, { code: 'platform' }],
    ['memory measured', { measured: peak(7072) }, { code: 'memory', neededMegabytes: 512, leftMegabytes: 300 }],
    [
      'memory reserved though unused',
      { instances: [{ reserved: { ...plan, memoryBytes: 7072 * megabyte }, placedAtMs: 0, isMeasured: true }] },
      { code: 'memory', neededMegabytes: 512, leftMegabytes: 300 },
    ],
    [
      'disk reserved',
      { instances: [{ reserved: { ...plan, memoryBytes: 1, diskBytes: 88.5 * gigabyte }, placedAtMs: 0, isMeasured: true }] },
      { code: 'disk', neededGigabytes: 5, leftGigabytes: 1.5 },
    ],
    ['processor', { measured: { now: idle, peak: { ...busy, cpuMillicores: 3500 } } }, { code: 'cpu', neededPercent: 25, leftPercent: 10 }],
  ])('%s', (_name, changes, reason) => {
    const placement = place([server(0, changes), server(1)], plan, rules);
    expect(placement.chosen).toBe(id(1));
    expect(placement.options[1]).toEqual({ serverId: id(0), serverName: 'Alder', verdict: 'refused', reason });
    expect(override(placement, id(0)).isOk).toBe(false);
  });

  test('best, good and tight, in this order, with what is free at the busiest hour', () => {
    const servers = [
      server(0, { measured: peak(6500) }),
      server(1, { measured: peak(4833), hasPackage: true }),
      server(2, { measured: peak(5160) }),
    ];
    const { options } = place(servers, plan, rules);
    expect(options.map((o) => [o.serverName, o.verdict, o.reason])).toEqual([
      ['Birch', 'best', { code: 'best', resource: 'memory', freePercent: 41, package: 'there', unmeasuredCount: 0 }],
      ['Cedar', 'good', { code: 'good', resource: 'memory', freePercent: 37, package: 'to-send', unmeasuredCount: 0 }],
      ['Alder', 'fits', { code: 'tight', resource: 'memory', freeAfterPercent: 14 }],
    ]);
    for (const option of options) expect(placementOption.parse(option)).toEqual(option);
  });

  test('a resource that is not measured is weighed by what is reserved, and the others by what is measured', () => {
    const { memoryBytes: _absent, ...rest } = idle;
    const unknown = take(server(0, { measured: { now: rest, peak: rest } }), { ...plan, memoryBytes: 4096 * megabyte }, true);
    expect(place([unknown], plan, rules).options[0]?.reason).toEqual({
      code: 'only-unmeasured',
      resource: 'memory',
      freePercent: 50,
      package: 'to-send',
    });
    const full = server(1, { measured: { now: rest, peak: { ...rest, cpuMillicores: 3900 } } });
    expect(place([full], plan, rules).options[0]?.reason).toMatchObject({ code: 'cpu' });
  });

  test('nothing measured yet is said, not guessed', () => {
    const { options } = place([server(0, { measured: null })], plan, rules);
    expect(options[0]?.reason).toEqual({ code: 'only-unmeasured', resource: 'memory', freePercent: 100, package: 'to-send' });
  });

  test('no server at all, and none that fits', () => {
    expect(place([], plan, rules)).toEqual({ options: [], chosen: undefined });
    expect(place([server(0, { isDraining: true })], plan, rules).chosen).toBeUndefined();
  });

  test('between equals the one that has the package', () => {
    expect(place([server(0), server(1, { hasPackage: true }), server(2)], plan, rules).chosen).toBe(id(1));
  });
});

describe('override', () => {
  const placement = place([server(0), server(1, { measured: peak(6500) }), server(2, { isDraining: true })], plan, rules);
  test('any server that is not refused may be taken instead', () => {
    expect(override(placement, id(1))).toMatchObject({ isOk: true, option: { serverName: 'Birch' } });
  });
  test('a refused one comes back with its reason, an unknown one without', () => {
    expect(override(placement, id(2))).toMatchObject({ isOk: false, option: { reason: { code: 'draining' } } });
    expect(override(placement, id(9))).toEqual({ isOk: false, option: undefined });
  });
});

describe('reservations', () => {
  test('ten creates in a row spread over three equal servers', () => {
    let servers = [server(0), server(1), server(2)];
    const counts = new Map<string, number>();
    for (let n = 0; n < 10; n += 1) {
      const { chosen } = place(servers, plan, rules);
      counts.set(String(chosen), (counts.get(String(chosen)) ?? 0) + 1);
      servers = servers.map((s) => (s.id === chosen ? take(s) : s));
    }
    expect([...counts.values()].sort()).toEqual([3, 3, 4]);
  });

  test('a reservation that fills the best server sends the next create elsewhere and changes its sentence', () => {
    const before = place([server(0), server(1, { measured: peak(1000) })], plan, rules);
    expect(before.options[0]).toMatchObject({ serverId: id(0), reason: { code: 'best' } });
    const full = take(server(0), { memoryBytes: 6800 * megabyte, cpuMillicores: 250, diskBytes: gigabyte });
    const after = place([full, server(1, { measured: peak(1000) })], plan, rules);
    expect(after.chosen).toBe(id(1));
    expect(after.options.find((o) => o.serverId === id(0))?.reason).toEqual({ code: 'memory', neededMegabytes: 512, leftMegabytes: 172 });
  });

  test('an instance counts with its whole plan until it is measured, then with what it uses', () => {
    const fresh = place([take(server(0)), server(1)], plan, rules);
    expect(fresh.chosen).toBe(id(1));
    expect(fresh.options[1]?.reason).toMatchObject({ code: 'good', unmeasuredCount: 1 });
    const known = place([take(server(0), plan, true), server(1, { measured: peak(500) })], plan, rules);
    expect(known.chosen).toBe(id(0));
  });
});

const amounts = (most: number): fc.Arbitrary<Amounts> =>
  fc.record({
    memoryBytes: fc.integer({ min: 0, max: most * megabyte }),
    cpuMillicores: fc.integer({ min: 0, max: most }),
    diskBytes: fc.integer({ min: 0, max: most * 10 * megabyte }),
  });
const anyServers = fc
  .array(
    fc.record({
      state: fc.constantFrom('ready', 'ready', 'ready', 'joining', 'maintenance'),
      isDraining: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
      capacity: amounts(16_000),
      measured: fc.option(
        amounts(8000).map((a) => ({ now: a, peak: a })),
        { nil: null },
      ),
      lastSeenMs: fc.constantFrom(nowMs, nowMs - 29_000, nowMs - 31_000, null),
      darkEdge: fc.option(fc.constant({ problem: 'outside', port: 0, address: '203.0.113.9:443' } as const), { nil: undefined }),
      hasPackage: fc.boolean(),
      platformOk: fc.boolean(),
      instances: fc.array(fc.record({ reserved: amounts(2000), placedAtMs: fc.constant(nowMs), isMeasured: fc.boolean() }), {
        maxLength: 5,
      }),
    } satisfies Record<keyof Omit<PlacementServer, 'id' | 'name'>, fc.Arbitrary<unknown>>),
    { maxLength: 6 },
  )
  .map((list) => list.map((changes, n) => server(n, changes as Partial<PlacementServer>)));

describe('whatever the servers are', () => {
  test('a server that breaks a hard rule is never chosen, and every server has a reason that the contract knows', () => {
    fc.assert(
      fc.property(anyServers, amounts(2000), (servers, wanted) => {
        const { chosen, options } = place(servers, wanted, rules);
        expect(options.map((o) => o.serverId).sort()).toEqual(servers.map((s) => s.id).sort());
        for (const option of options) placementOption.parse(option);
        const free = servers.filter((s) => brokenRule(s, wanted, rules) === undefined);
        expect(chosen === undefined).toBe(free.length === 0);
        if (chosen !== undefined) expect(free.map((s) => s.id)).toContain(chosen);
        expect(options.filter((o) => o.verdict !== 'refused').length).toBe(free.length);
      }),
    );
  });

  test('the order of the servers does not matter', () => {
    fc.assert(
      fc.property(
        anyServers.chain((servers) => fc.tuple(fc.constant(servers), fc.shuffledSubarray(servers, { minLength: servers.length }))),
        ([servers, shuffled]) => {
          expect(place(shuffled, plan, rules)).toEqual(place(servers, plan, rules));
        },
      ),
    );
  });

  test('more and more reservations on the chosen server move the choice at last', () => {
    fc.assert(
      fc.property(anyServers, fc.tuple(fc.integer({ min: 0, max: 6000 }), fc.integer({ min: 0, max: 6000 })), (others, [one, two]) => {
        const servers = [...others, server(7, { measured: peak(one) }), server(8, { measured: peak(two) })];
        const first = place(servers, plan, rules);
        expect(first.options[1]?.verdict).not.toBe('refused');
        let now = servers;
        for (let n = 0; n < 200; n += 1) {
          if (place(now, plan, rules).chosen !== first.chosen) return;
          now = now.map((s) => (s.id === first.chosen ? take(s) : s));
        }
        expect.fail('the choice never moved');
      }),
    );
  });

  test('room for n means that n fit and n + 1 do not', () => {
    fc.assert(
      fc.property(anyServers, (servers) => {
        for (const one of servers) {
          const room = roomFor(plan, one, rules);
          let filled = one;
          for (let n = 0; n < room; n += 1) {
            expect(brokenRule(filled, plan, rules)).toBeUndefined();
            filled = take(filled);
          }
          expect(brokenRule(filled, plan, rules)).toBeDefined();
        }
      }),
      { numRuns: 50 },
    );
  });
});

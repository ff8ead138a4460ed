import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Holds, usualHoldLimits } from './holds.ts';

let nowMs = 0;
let ends: string[] = [];
const limits = { leaseMs: 3000, holdMs: 20_000, perInstance: 3, inAll: 5 };
const make = (): Holds => new Holds({ limits, steadyMs: () => nowMs, ended: (id, how, waiting) => ends.push(`${id} ${how} ${waiting}`) });

async function pass(ms: number): Promise<void> {
  nowMs += ms;
  await vi.advanceTimersByTimeAsync(ms);
}

beforeEach(() => {
  nowMs = 1000;
  ends = [];
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

describe('a hold', () => {
  test('keeps requests of its instance only, and lets them go in their order', () => {
    const holds = make();
    const went: number[] = [];
    expect(holds.admit('anna', () => went.push(0))).toBe('free');
    expect(holds.hold('anna', 3000, undefined)).toBe(true);
    expect(holds.admit('berta', () => undefined)).toBe('free');
    for (const one of [1, 2, 3]) expect(holds.admit('anna', () => went.push(one))).toBeTypeOf('function');
    expect(went).toEqual([]);
    expect(holds.waiting('anna')).toBe(3);
    holds.release('anna');
    holds.release('anna');
    expect(went).toEqual([1, 2, 3]);
    expect(holds.admit('anna', () => undefined)).toBe('free');
    expect(ends).toEqual([]);
  });

  test('has room for so many of one instance and so many in all; who leaves makes room and is not called', () => {
    const holds = make();
    for (const id of ['anna', 'berta']) holds.hold(id, 3000, undefined);
    const went: string[] = [];
    const kept = [1, 2, 3].map((one) => holds.admit('anna', () => went.push(`anna ${one}`)));
    expect(kept.every((one) => typeof one === 'function')).toBe(true);
    expect(holds.admit('anna', () => went.push('too many'))).toBe('full');
    for (const one of [1, 2]) holds.admit('berta', () => went.push(`berta ${one}`));
    // Berta has room for one more, the edge has not.
    expect(holds.admit('berta', () => went.push('too many'))).toBe('full');
    const [first] = kept;
    if (typeof first !== 'function') throw new Error('not kept');
    first();
    first();
    expect(holds.admit('berta', () => went.push('berta 3'))).toBeTypeOf('function');
    expect(holds.admit('anna', () => went.push('too many'))).toBe('full');
    holds.release('berta');
    holds.release('anna');
    expect(went).toEqual(['berta 1', 'berta 2', 'berta 3', 'anna 2', 'anna 3']);
    // All room is given back.
    holds.hold('anna', 3000, undefined);
    for (const one of [1, 2, 3]) expect(holds.admit('anna', () => went.push(`again ${one}`))).toBeTypeOf('function');
    holds.close();
  });

  test('has its usual bounds: 256 of one instance, 1,024 in all', () => {
    const holds = new Holds({ ended: () => undefined });
    const ids = ['a', 'b', 'c', 'd', 'e'];
    for (const id of ids) holds.hold(id, 3000, undefined);
    const kept = ids.map(
      (id) => Array.from({ length: 300 }, () => holds.admit(id, () => undefined)).filter((one) => one !== 'full').length,
    );
    expect(kept).toEqual([256, 256, 256, 256, 0]);
    expect(usualHoldLimits).toMatchObject({ leaseMs: 3000, holdMs: 20_000 });
    holds.close();
  });

  test('ends with its lease when nobody renews it, and no lease is longer than the longest', async () => {
    const holds = make();
    let went = 0;
    holds.hold('anna', 60_000, undefined);
    holds.admit('anna', () => went++);
    await pass(2990);
    expect(went).toBe(0);
    await pass(20);
    expect(went).toBe(1);
    expect(ends).toEqual(['anna lease-over 1']);
  });

  test('ends after its longest however often it is renewed, and holds again only when it was given up', async () => {
    const holds = make();
    let wentAtMs = 0;
    holds.hold('anna', 3000, undefined);
    holds.admit('anna', () => (wentAtMs = nowMs));
    for (let atMs = 0; atMs < 19_000; atMs += 1000) {
      await pass(1000);
      expect(holds.hold('anna', 3000, undefined)).toBe(true);
    }
    expect(wentAtMs).toBe(0);
    await pass(1001);
    expect(wentAtMs).toBe(21_001);
    expect(ends).toEqual(['anna longest 1']);
    for (let round = 0; round < 5; round++) {
      expect(holds.hold('anna', 3000, undefined)).toBe(false);
      expect(holds.admit('anna', () => undefined)).toBe('free');
      await pass(1000);
    }
    holds.release('anna');
    expect(holds.hold('anna', 3000, undefined)).toBe(true);
    holds.close();
    expect(ends).toEqual(['anna longest 1']);
  });

  test('ends with whoever wanted it last', () => {
    const [first, second] = [{}, {}];
    const holds = make();
    let went = 0;
    holds.hold('anna', 3000, first);
    holds.hold('anna', 3000, second);
    holds.admit('anna', () => went++);
    holds.releaseOf(first);
    expect(went).toBe(0);
    holds.releaseOf(second);
    expect(went).toBe(1);
    expect(ends).toEqual(['anna owner-gone 1']);
  });

  test('of writes lets reads go on until it is made wider; nothing makes it narrower again, and what waited goes in its order', () => {
    const holds = make();
    const went: string[] = [];
    const come = (name: string, mayWrite: boolean) => holds.admit('anna', () => went.push(name), mayWrite);
    expect(holds.hold('anna', 3000, undefined, { only: 'nothing' })).toBe(true);
    expect(come('early', true)).toBe('free');
    holds.hold('anna', 3000, undefined, { only: 'writes' });
    expect(come('write', true)).toBeTypeOf('function');
    expect(come('read', false)).toBe('free');
    expect(holds.active()).toMatchObject([{ only: 'writes' }]);
    holds.hold('anna', 3000, undefined);
    holds.hold('anna', 3000, undefined, { only: 'writes' });
    holds.hold('anna', 3000, undefined, { only: 'nothing' });
    expect(come('late read', false)).toBeTypeOf('function');
    expect(holds.active()[0]).not.toHaveProperty('only');
    holds.release('anna');
    expect(went).toEqual(['write', 'late read']);
  });

  test('of writes goes to another process as what it is', () => {
    const [holds, next] = [make(), make()];
    holds.hold('anna', 3000, undefined, { only: 'writes' });
    for (const { instanceId, leaseMs, ...more } of holds.active()) next.hold(instanceId, leaseMs, undefined, more);
    expect([next.admit('anna', () => undefined, false), typeof next.admit('anna', () => undefined)]).toEqual(['free', 'function']);
    for (const one of [holds, next]) one.close();
  });

  test('goes to another process with the time that it has lasted', async () => {
    const holds = make();
    holds.hold('anna', 3000, {});
    await pass(2500);
    holds.hold('anna', 3000, {});
    await pass(500);
    expect(holds.active()).toEqual([{ instanceId: 'anna', leaseMs: 2500, heldForMs: 3000 }]);
    const next = make();
    for (const { instanceId, leaseMs, heldForMs } of holds.active())
      next.hold(instanceId, leaseMs, undefined, { heldForMs: heldForMs + 16_500 });
    let went = 0;
    next.admit('anna', () => went++);
    await pass(501);
    expect(went).toBe(1);
    holds.close();
    next.close();
  });
});

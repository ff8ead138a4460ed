import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { FarmError } from '#contract/errors.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createReconcile, type ReconcilePart } from './reconcile.ts';

const log = { info: () => undefined, warn: () => undefined, bug: () => 'F-1' };
const taken = new FarmError('PORT_TAKEN', { port: 443, owner: 'nginx' });

function make(parts: readonly ReconcilePart[]) {
  const clock = createManualClock();
  const changed: string[] = [];
  const control = new AbortController();
  const reconcile = createReconcile({ parts, clock, log, random: () => 0.5, onChange: (serverId) => changed.push(serverId) });
  return { reconcile, clock, changed, control };
}
/** Lets promises that are done be followed. */
const settle = (): Promise<void> => delay(5);

describe('a server that came back', () => {
  it('is put in order object by object: one that fails stops none of the others, and is told with its cause', async () => {
    const done: string[] = [];
    const ensure = (name: string) => async (): Promise<void> => {
      if (name === 'bad') throw taken;
      done.push(name);
    };
    const { reconcile, changed, control } = make([
      { kind: 'certificate', list: () => Promise.reject(taken) },
      { kind: 'route', list: async () => ['a', 'bad', 'b'].map((name) => ({ name, ensure: ensure(name) })) },
      { kind: 'package', list: async () => [{ name: '', ensure: ensure('packages') }] },
    ]);
    void reconcile.run('oak', control.signal);
    await settle();
    expect(done.sort()).toEqual(['a', 'b', 'packages']);
    const failure = { code: 'PORT_TAKEN', parameters: { port: 443, owner: 'nginx' } };
    expect(reconcile.drifts()).toMatchObject([
      { serverId: 'oak', kind: 'certificate', name: '', failure },
      { serverId: 'oak', kind: 'route', name: 'bad', failure },
    ]);
    expect(changed).toEqual(['oak']);
    control.abort();
  });

  it('is tried again while its link stands, and forgotten when it is in order; what still fails keeps its beginning', async () => {
    let left = 2;
    const ensure = async (): Promise<void> => {
      left -= 1;
      if (left >= 0) throw new TypeError('a bug');
    };
    const { reconcile, clock, control } = make([{ kind: 'route', list: async () => [{ name: 'a', ensure }] }]);
    const running = reconcile.run('oak', control.signal);
    await settle();
    const [first] = reconcile.drifts();
    expect(first?.failure).toMatchObject({ code: 'INTERNAL', reference: 'F-1' });
    clock.advance(5000);
    await settle();
    expect(reconcile.drifts()).toMatchObject([{ sinceMs: first?.sinceMs }]);
    clock.advance(10_000);
    await running;
    expect(reconcile.drifts()).toEqual([]);
  });

  it('is gone through once more when somebody says so, at once or after what is under way; not when it has gone', async () => {
    let passes = 0;
    const hold = Promise.withResolvers<void>();
    const ensure = async (): Promise<void> => {
      passes += 1;
      if (passes === 2) await hold.promise;
    };
    const { reconcile, clock, control } = make([{ kind: 'route', list: async () => [{ name: 'a', ensure }] }]);
    reconcile.againEverywhere();
    await settle();
    expect(passes).toBe(0);
    await reconcile.run('oak', control.signal);
    reconcile.againEverywhere();
    await settle();
    expect(passes).toBe(2);
    // it may have been there already
    reconcile.againEverywhere();
    hold.resolve();
    await settle();
    clock.advance(5000);
    await settle();
    expect(passes).toBe(3);
    clock.advance(60_000);
    await settle();
    expect(passes).toBe(3);
    control.abort();
    reconcile.againEverywhere();
    await settle();
    expect(passes).toBe(3);
  });

  it('that waits for its next try is gone through at once when somebody says so', async () => {
    let passes = 0;
    const ensure = async (): Promise<void> => {
      passes += 1;
      if (passes < 4) throw new TypeError('a bug');
    };
    const { reconcile, control } = make([{ kind: 'route', list: async () => [{ name: 'a', ensure }] }]);
    const running = reconcile.run('oak', control.signal);
    for (const expected of [1, 2, 3, 4]) {
      await settle();
      expect(passes).toBe(expected);
      reconcile.againEverywhere();
    }
    await running;
  });

  it('is looked at again while a job holds one of its objects: what the job leaves behind is put in order too', async () => {
    const answers = ['locked', 'locked', undefined] as const;
    const ensure = vi.fn(async () => answers[ensure.mock.calls.length - 1]);
    const { reconcile, clock, control } = make([{ kind: 'route', list: async () => [{ name: 'a', ensure }] }]);
    const running = reconcile.run('oak', control.signal);
    await settle();
    expect(reconcile.drifts()).toEqual([]);
    clock.advance(5000);
    await settle();
    clock.advance(10_000);
    await running;
    expect(ensure).toHaveBeenCalledTimes(3);
  });

  it('whose link breaks is left alone at once', async () => {
    const ensure = vi.fn(() => Promise.reject(taken));
    const { reconcile, clock, control } = make([{ kind: 'route', list: async () => [{ name: 'a', ensure }] }]);
    const running = reconcile.run('oak', control.signal);
    await settle();
    control.abort();
    await running;
    clock.advance(3_600_000);
    await settle();
    expect(ensure).toHaveBeenCalledTimes(1);
  });
});

it('at most ten servers are put in order at a time, and one that hangs holds up only its own place', async () => {
  let inside = 0;
  let most = 0;
  const list = async (serverId: string) => {
    inside += 1;
    most = Math.max(most, inside);
    await (serverId === '0' ? new Promise<never>(() => undefined) : delay(2));
    inside -= 1;
    return [];
  };
  const { reconcile, control } = make([{ kind: 'route', list }]);
  const all = Array.from({ length: 40 }, (_, at) => reconcile.run(String(at), control.signal));
  await Promise.all(all.slice(1));
  expect(most).toBe(10);
});

describe('what hangs', () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const failure = { code: 'NOT_IN_ORDER_IN_TIME', parameters: { seconds: 60 } };
  const hangIn = {
    list: { kind: 'route', list: (serverId: string) => (serverId === '10' ? Promise.resolve([]) : never()) },
    ensure: { kind: 'route', list: async (serverId: string) => (serverId === '10' ? [] : [{ name: 'a', ensure: never }]) },
  } as const satisfies Record<string, ReconcilePart>;

  it.each(['list', 'ensure'] as const)('in %s gives its place to the next after a minute: ten servers, and an eleventh', async (where) => {
    const { reconcile, clock, changed, control } = make([hangIn[where]]);
    for (let server = 0; server < 10; server += 1) void reconcile.run(String(server), control.signal);
    await settle();
    let isEleventhDone = false;
    void reconcile.run('10', control.signal).then(() => {
      isEleventhDone = true;
    });
    clock.advance(59_999);
    await settle();
    expect([isEleventhDone, reconcile.drifts()]).toEqual([false, []]);
    clock.advance(1);
    await settle();
    expect(isEleventhDone).toBe(true);
    const name = where === 'list' ? '' : 'a';
    expect(reconcile.drifts()).toEqual(
      Array.from({ length: 10 }, (_, server) => expect.objectContaining({ serverId: String(server), kind: 'route', name, failure })),
    );
    expect(changed).toHaveLength(10);
    control.abort();
  });

  it('holds its place for a minute, not for a minute an object, and keeps none of the others from being put in order', async () => {
    const done: string[] = [];
    const objects = ['a', 'stuck 1', 'stuck 2', 'b', 'c'];
    const list = async () =>
      objects.map((name) => ({ name, ensure: async () => (name.startsWith('stuck') ? never() : void done.push(name)) }));
    const { reconcile, clock, control } = make([{ kind: 'route', list }]);
    void reconcile.run('oak', control.signal);
    await settle();
    const names = () => reconcile.drifts().map(({ name }) => name);
    clock.advance(60_000);
    await settle();
    expect([done, names()]).toEqual([['a'], ['stuck 1']]);
    const [first] = reconcile.drifts();
    for (const advanceMs of [5000, 60_000, 10_000, 60_000]) {
      clock.advance(advanceMs);
      await settle();
    }
    expect(new Set(done)).toEqual(new Set(['a', 'b', 'c']));
    expect(names().sort()).toEqual(['stuck 1', 'stuck 2']);
    expect(reconcile.drifts().find(({ name }) => name === 'stuck 1')?.sinceMs).toBe(first?.sinceMs);
    control.abort();
  });

  it('gives its place at once when its link breaks, and is in order once it no longer hangs', async () => {
    let isStuck = true;
    const ensure = (): Promise<void> => (isStuck ? never() : Promise.resolve());
    const { reconcile, clock, control } = make([{ kind: 'route', list: async () => [{ name: 'a', ensure }] }]);
    const broken = new AbortController();
    const running = reconcile.run('oak', broken.signal);
    await settle();
    broken.abort();
    await running;
    expect(reconcile.drifts()).toEqual([]);
    const next = reconcile.run('oak', control.signal);
    await settle();
    clock.advance(60_000);
    await settle();
    expect(reconcile.drifts()).toMatchObject([{ name: 'a', failure }]);
    isStuck = false;
    clock.advance(10_000);
    await next;
    expect(reconcile.drifts()).toEqual([]);
  });
});

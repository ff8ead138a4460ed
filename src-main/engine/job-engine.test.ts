import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FarmError } from '#contract/errors.ts';
import { farmId as farmIdSchema } from '#contract/ids.ts';
import { openSqliteStore } from '../drivers/store/sqlite/index.ts';
import { aServer, anInstance, idAt } from '../drivers/store/example-rows.ts';
import { createIds } from '../drivers/system/ids.ts';
import { type By, systemBy } from '../model/operators/by.ts';
import type { Change } from '../ports/changes.ts';
import type { Store } from '../ports/store.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createStepWorld } from '../testing/step-world.ts';
import { createJobEngine } from './job-engine.ts';
import type { FailPoint, JobTable } from './job-table.ts';

const names = ['one', 'two', 'three', 'four'];
const clock = createManualClock();
const ids = createIds(clock);
const farmId = farmIdSchema.parse(ids.uuid());
let folder = '';
let store: Store;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farm-jobs-'));
  store = await openSqliteStore({ file: join(folder, 'farm.sqlite'), clock });
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

function createChanges() {
  const listeners = new Set<(change: Change) => void>();
  return {
    announce: (change: Change): void => {
      for (const listener of listeners) listener(change);
    },
    on: (listener: (change: Change) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const bugs: unknown[] = [];
const log = {
  info: () => undefined,
  warn: () => undefined,
  bug: (error: unknown): string => {
    bugs.push(error);
    return 'reference-1';
  },
};
const engineOn = (tables: readonly JobTable[], failPoint?: FailPoint, on: Store = store) =>
  createJobEngine({
    links: { stands: () => true, back: async () => true },
    store: on,
    clock,
    ids,
    log,
    changes: createChanges(),
    farmId: () => farmId,
    tables,
    pause: async () => undefined,
    ...(failPoint === undefined ? {} : { failPoint }),
  });
const by = (): By => systemBy(ids.token(12));
const request = (lock = ids.token(12), asked = by()) => ({
  type: 'create' as const,
  subject: { kind: 'instance' as const, id: ids.uuid(), name: 'anna' },
  by: asked,
  input: {},
  locks: [`instance:${lock}`],
});
const waitUntil = async (isSo: () => boolean): Promise<void> => {
  for (let turn = 0; turn < 2000 && !isSo(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(isSo()).toBe(true);
};

describe('a job', () => {
  test('runs its steps in order, tells each, and releases its lock', async () => {
    const world = createStepWorld(names);
    const engine = engineOn([world.tableOf()]);
    const lock = ids.token(12);
    const begun = await engine.begin(request(lock));
    const seen: string[] = [];
    for await (const view of engine.watch(begun.id)) seen.push(view.state);
    const view = await engine.settled(begun.id);
    expect(view.state).toBe('done');
    expect(view.steps.map(({ state, attempts }) => `${state} ${attempts}`)).toEqual(names.map(() => 'done 1'));
    expect(seen.at(-1)).toBe('done');
    expect([...world.things].sort()).toEqual([...world.all].sort());
    expect(await store.locks.get(`instance:${lock}`)).toBeUndefined();
    expect(engine.durations.usuallyMs('create')).toBe(0);
    expect((await engine.list({ limit: 1 })).map(({ id }) => id)).toEqual([begun.id]);
  });

  test('that takes itself back says what it failed by; one that a person undid does not', async () => {
    const world = createStepWorld(names);
    const failure = { code: 'DISK_FULL', parameters: { server: 'Oak', path: '/farm' } };
    world.fail('three', new FarmError('DISK_FULL', { server: 'Oak', path: '/farm' }));
    const engine = engineOn([{ ...world.tableOf(), onFailure: 'back' }]);
    const ended = await engine.settled((await engine.begin(request())).id);
    expect(ended).toMatchObject({ state: 'undone', direction: 'back', failure });
    expect(world.things.size).toBe(0);
    const waiting = engineOn([world.tableOf()]);
    const stopped = await waiting.settled((await waiting.begin(request())).id);
    expect(stopped).toMatchObject({ state: 'stopped', failure });
    await waiting.undo(stopped.id, by());
    const undone = await waiting.settled(stopped.id);
    expect(undone.state).toBe('undone');
    expect(undone.failure).toBeUndefined();
  });

  test('is one job for one request key, and one job for one object', async () => {
    const world = createStepWorld(names);
    world.fail('two', new FarmError('DISK_FULL', { server: 'Oak', path: '/farm' }));
    const engine = engineOn([world.tableOf()]);
    const asked = request(ids.uuid());
    const [first, second] = await Promise.all([engine.begin(asked), engine.begin(asked)]);
    expect(second.id).toBe(first.id);
    expect((await engine.settled(first.id)).failure).toEqual({ code: 'DISK_FULL', parameters: { server: 'Oak', path: '/farm' } });
    await expect(engine.begin({ ...asked, by: by() })).rejects.toMatchObject({
      code: 'OBJECT_BUSY',
      parameters: { name: 'anna', jobId: first.id },
    });
    // who asks for something else that needs the same object is told of that object, not of his own
    const [lock] = asked.locks;
    await store.instances.insert(anInstance({ id: lock?.slice('instance:'.length) ?? '', name: 'berta' }));
    const other = { ...request(), subject: { kind: 'instance' as const, id: ids.uuid(), name: 'clara' }, locks: [lock ?? ''] };
    await expect(engine.begin(other)).rejects.toMatchObject({
      code: 'OBJECT_BUSY',
      parameters: { kind: 'instance', name: 'berta', jobId: first.id },
    });
    const server = aServer({ id: idAt(77), name: 'Oak' });
    await store.servers.insert(server);
    await store.locks.insert({ id: `server:${server.id}`, farmId, jobId: first.id, takenAtMs: 1 });
    await expect(engine.begin({ ...other, by: by(), locks: [`server:${server.id}`] })).rejects.toMatchObject({
      parameters: { kind: 'server', name: 'Oak', jobId: first.id },
    });
    await store.locks.remove(`server:${server.id}`);
    await engine.undo(first.id, by());
    expect((await engine.settled(first.id)).state).toBe('undone');
    const again = await engine.begin({ ...asked, by: by() });
    expect(again.state).toBe('running');
    await engine.settled(again.id);
  });

  test('that failed says what exists, and is continued or undone', async () => {
    const world = createStepWorld(names);
    world.fail('three', new Error('a bug'));
    const engine = engineOn([world.tableOf()]);
    const { id } = await engine.begin(request());
    const stopped = await engine.settled(id);
    expect(stopped).toMatchObject({ state: 'stopped', canUndo: true, failure: { code: 'INTERNAL', reference: 'reference-1' } });
    expect(stopped.traces.filter(({ isPresent }) => isPresent).map(({ witness }) => witness)).toEqual(['one', 'two']);
    world.fail('three', undefined);
    // what was lost meanwhile is made again
    world.things.delete('one.2');
    await engine.continue(id, by());
    await expect(engine.continue(id, by())).rejects.toMatchObject({ code: 'JOB_NOT_STOPPED' });
    const done = await engine.settled(id);
    expect(done.state).toBe('done');
    expect(done.steps.map(({ attempts }) => attempts)).toEqual([2, 1, 2, 1]);
    expect(world.things.size).toBe(world.all.length);
    await expect(engine.undo(id, by())).rejects.toMatchObject({ code: 'JOB_NOT_STOPPED', parameters: { state: 'done' } });
  });

  test('undoes also what was found lost and not made again', async () => {
    const world = createStepWorld(names);
    world.fail('four', new FarmError('DISK_FULL', { server: 'Oak', path: '/farm' }));
    const engine = engineOn([world.tableOf()]);
    const { id } = await engine.begin(request());
    await engine.settled(id);
    world.things.delete('one.2');
    world.things.delete('three.1');
    world.fail('one', new FarmError('SERVER_UNREACHABLE', { server: 'Oak', address: 'oak', cause: 'refused' }));
    await engine.continue(id, by());
    expect((await engine.settled(id)).failure?.code).toBe('SERVER_UNREACHABLE');
    await engine.undo(id, by());
    expect((await engine.settled(id)).state).toBe('undone');
    expect([...world.things]).toEqual([]);
  });

  test('is paused after its present step, and stopped at once by a cancel', async () => {
    const world = createStepWorld(names);
    const engine = engineOn([world.tableOf()]);
    void world.cut('one half done');
    const { id } = await engine.begin(request());
    await waitUntil(() => world.things.has('one.1'));
    expect((await engine.pause(id, by())).state).toBe('pausing');
    expect((await engine.get(id)).steps[0]?.waiting?.code).toBe('one-half');
    const cancelling = engine.cancel(id, by());
    // the step does not let go by itself: it is left alone after its grace
    await waitUntil(() => {
      clock.advance(5000);
      return engine.known(id)?.state === 'stopped';
    });
    expect((await cancelling).failure?.code).toBe('JOB_CANCELLED');
    await engine.close();
  });

  test('paused between two steps goes on from there', async () => {
    const world = createStepWorld(names);
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const engine = engineOn([world.tableOf()], (name) => (name === 'create.two.before' ? gate : undefined));
    const { id } = await engine.begin(request());
    await waitUntil(() => engine.known(id)?.steps[1]?.state === 'doing');
    await engine.pause(id, by());
    release();
    expect((await engine.settled(id)).state).toBe('paused');
    expect(world.acts).toEqual(['do one', 'do two']);
    await engine.continue(id, by());
    expect((await engine.settled(id)).state).toBe('done');
    expect(world.acts).toEqual(['do one', 'do two', 'do three', 'do four']);
  });

  test('stops at its time limit', async () => {
    const world = createStepWorld(names);
    const engine = engineOn([world.tableOf()]);
    void world.cut('two half done');
    const { id } = await engine.begin(request());
    await waitUntil(() => world.things.has('two.1'));
    await waitUntil(() => {
      clock.advance(10_000);
      return engine.known(id)?.state === 'stopped';
    });
    expect(engine.known(id)?.failure).toEqual({ code: 'JOB_STEP_TIMEOUT', parameters: { step: 'two', seconds: 10 } });
  });

  test('can only be continued once what cannot be brought back has begun', async () => {
    const world = createStepWorld(names);
    world.fail('four', new FarmError('DISK_FULL', { server: 'Oak', path: '/farm' }));
    const engine = engineOn([world.tableOf(1, 'three')]);
    const { id } = await engine.begin(request());
    expect((await engine.settled(id)).canUndo).toBe(false);
    await expect(engine.undo(id, by())).rejects.toMatchObject({ code: 'JOB_PAST_RETURN', parameters: { step: 'three' } });
    world.things.clear();
    world.fail('one', new FarmError('DISK_FULL', { server: 'Oak', path: '/farm' }));
    await engine.continue(id, by());
    await engine.settled(id);
    await expect(engine.undo(id, by())).rejects.toMatchObject({ code: 'JOB_PAST_RETURN' });
  });

  test('begun by another version is undone, not continued', async () => {
    const world = createStepWorld(names);
    world.fail('two', new FarmError('DISK_FULL', { server: 'Oak', path: '/farm' }));
    const engine = engineOn([world.tableOf()]);
    const { id } = await engine.begin(request());
    await engine.settled(id);
    const newer = engineOn([world.tableOf(2)]);
    await expect(newer.continue(id, by())).rejects.toMatchObject({ code: 'JOB_OTHER_VERSION', parameters: { begun: '1', here: '2' } });
    await newer.undo(id, by());
    expect((await newer.settled(id)).state).toBe('undone');
  });

  test('whose outcome cannot be saved waits for room, then stops with that cause and is continued', async () => {
    const world = createStepWorld(names);
    let isFull = false;
    const disk: Store = {
      ...store,
      transaction: (work) => (isFull ? Promise.reject(new FarmError('STORE_FULL', { path: '/farm' })) : store.transaction(work)),
    };
    const failPoint: FailPoint = (name) => {
      if (name === 'create.two.after' && !world.things.has('four.1')) isFull = true;
    };
    const engine = engineOn([world.tableOf()], failPoint, disk);
    const { id } = await engine.begin(request());
    await waitUntil(() => engine.known(id)?.steps.some(({ waiting }) => waiting?.code === 'store') === true);
    expect(engine.known(id)?.state).toBe('running');
    clock.advance(2000);
    isFull = false;
    const ended = engine.settled(id);
    const ticking = setInterval(() => clock.advance(2000), 5);
    expect(await ended).toMatchObject({ state: 'stopped', failure: { code: 'STORE_FULL', parameters: { path: '/farm' } } });
    clearInterval(ticking);
    world.things.add('four.1');
    await engine.continue(id, by());
    expect((await engine.settled(id)).state).toBe('done');
  });

  test('takes back what was written with it when the write fails', async () => {
    const engine = engineOn([createStepWorld(names).tableOf()]);
    const asked = request();
    const taken = new FarmError('NAME_TAKEN', { name: 'anna', address: 'anna.farm.test' });
    await expect(engine.begin({ ...asked, within: () => Promise.reject(taken) })).rejects.toBe(taken);
    expect(await store.jobs.find({ requestKey: asked.by.requestKey })).toEqual([]);
    const begun = await engine.begin(asked);
    expect((await engine.settled(begun.id)).state).toBe('done');
  });
});

const points = names.flatMap((name) => [
  `create.${name}.before`,
  `${name} half done`,
  `create.${name}.after`,
  `create.${name}.before.undo`,
  `${name} half undone`,
  `create.${name}.after.undo`,
]);
/** Dies at a point, as a killed process: nothing that was in memory does anything any more. */
function mortalEngine(point: string | undefined, world: ReturnType<typeof createStepWorld>) {
  let died = (): void => undefined;
  const reached = new Promise<void>((resolve) => {
    died = resolve;
  });
  const dead = point === undefined ? reached : Promise.race([reached, world.cut(point)]);
  const engine = engineOn([world.tableOf()], (name) => {
    if (name !== point) return undefined;
    died();
    return new Promise<never>(() => undefined);
  });
  return { engine, untilDeadOrSettled: (id: string) => Promise.race([engine.settled(id), dead]) };
}

describe('a job whose core is killed', () => {
  test.each(points.flatMap((point) => [[point, 'continue'] as const, [point, 'undo'] as const]))(
    'at "%s", then %s',
    async (point, choice) => {
      const world = createStepWorld(names);
      const isBack = point.includes('undo');
      if (isBack) world.fail('four', new FarmError('DISK_FULL', { server: 'Oak', path: '/farm' }));
      const first = mortalEngine(point, world);
      const { id } = await first.engine.begin(request());
      await first.untilDeadOrSettled(id);
      if (isBack) {
        await first.engine.undo(id, by());
        await first.untilDeadOrSettled(id);
      }
      const second = engineOn([world.tableOf()]);
      await second.resume();
      const stopped = await second.settled(id);
      expect(stopped).toMatchObject({ state: 'stopped', failure: { code: 'JOB_INTERRUPTED' } });
      await second[choice](id, by());
      const ended = await second.settled(id);
      // a job that goes back never goes forward again
      expect(ended.state).toBe(isBack || choice === 'undo' ? 'undone' : 'done');
      expect(world.things.size).toBe(ended.state === 'done' ? world.all.length : 0);
      expect(await store.locks.find({ jobId: ended.id })).toEqual([]);
    },
  );

  test('again and again, at random, always ends with everything or nothing', async () => {
    const turn = fc.record({
      point: fc.option(fc.constantFrom(...points), { nil: undefined }),
      choice: fc.constantFrom('continue' as const, 'undo' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { maxLength: 4 }), fc.constantFrom('continue' as const, 'undo' as const), async (turns, last) => {
        const world = createStepWorld(names);
        const first = mortalEngine(turns[0]?.point, world);
        const { id } = await first.engine.begin(request());
        await first.untilDeadOrSettled(id);
        for (const { point, choice } of [...turns.slice(1), { point: undefined, choice: last }]) {
          const { engine, untilDeadOrSettled } = mortalEngine(point, world);
          await engine.resume();
          if (['done', 'undone'].includes((await engine.get(id)).state)) break;
          await engine[choice](id, by());
          await untilDeadOrSettled(id);
        }
        const final = engineOn([world.tableOf()]);
        await final.resume();
        const { state } = await final.get(id);
        expect(['done', 'undone']).toContain(state);
        expect(world.things.size).toBe(state === 'done' ? world.all.length : 0);
      }),
      { numRuns: 25 },
    );
  });

  test('leaves no bug behind', () => {
    expect(bugs.filter((error) => !(error instanceof Error) || error.message !== 'a bug')).toEqual([]);
  });
});

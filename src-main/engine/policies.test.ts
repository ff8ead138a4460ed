import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FarmError } from '#contract/errors.ts';
import { farmId as farmIdSchema } from '#contract/ids.ts';
import { openSqliteStore } from '../drivers/store/sqlite/index.ts';
import { createIds } from '../drivers/system/ids.ts';
import { systemBy } from '../model/operators/by.ts';
import type { Store } from '../ports/store.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createStepWorld } from '../testing/step-world.ts';
import { createJobEngine } from './job-engine.ts';
import type { JobTable, Step } from './job-table.ts';
import type { Links } from './links.ts';
import { createSlots } from './slots.ts';

const names = ['one', 'two', 'three'];
const clock = createManualClock();
const ids = createIds(clock);
const farmId = farmIdSchema.parse(ids.uuid());
const by = () => systemBy(ids.token(12));
let folder = '';
let store: Store;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farm-policies-'));
  store = await openSqliteStore({ file: join(folder, 'farm.sqlite'), clock });
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const standing: Links = { stands: () => true, back: async () => true };
const engineOn = (table: JobTable, links: Links = standing) =>
  createJobEngine({
    store,
    clock,
    ids,
    links,
    log: { info: () => undefined, warn: () => undefined, bug: () => 'reference' },
    changes: { announce: () => undefined, on: () => () => undefined },
    farmId: () => farmId,
    tables: [table],
    pause: async () => undefined,
  });
const request = () => ({
  type: 'create' as const,
  subject: { kind: 'instance' as const, id: ids.uuid(), name: 'anna' },
  by: by(),
  input: {},
  locks: [`instance:${ids.token(12)}`],
});
const diskFull = new FarmError('DISK_FULL', { server: 'Oak', path: '/farm' });
const unreachable = new FarmError('SERVER_UNREACHABLE', { server: 'Oak', address: 'oak:7443', cause: 'closed' });
const changed = (table: JobTable, name: string, change: Partial<Step>): JobTable => ({
  ...table,
  steps: table.steps.map((step) => (step.name === name ? { ...step, ...change } : step)),
});

test('a job of the kind “back” undoes itself when a step fails', async () => {
  const world = createStepWorld(names);
  world.fail('three', diskFull);
  const engine = engineOn({ ...world.tableOf(), onFailure: 'back' });
  const asked = request();
  const { id } = await engine.begin(asked);
  const view = await engine.settled(id);
  expect(view).toMatchObject({ state: 'undone', direction: 'back' });
  expect([...world.things]).toEqual([]);
  expect(await store.locks.get(asked.locks[0] ?? '')).toBeUndefined();
});

test('a job of the kind “back” undoes nothing while an act that ran out of time still runs', async () => {
  const world = createStepWorld(names);
  const late = Promise.withResolvers<undefined>();
  const course: string[] = [];
  const table = world.tableOf();
  const [, two] = table.steps;
  const engine = engineOn({
    ...changed(table, 'two', {
      timeoutMs: () => 1000,
      // it hears of no end, and makes its thing at last
      act: async (context) => {
        course.push('acts');
        await late.promise;
        course.push('made');
        return two?.act(context) ?? { outcome: 'done' };
      },
      undo: async (context) => {
        course.push('undone');
        await two?.undo(context);
      },
    }),
    onFailure: 'back',
  });
  const { id } = await engine.begin(request());
  const isAt = (state: string): boolean => engine.known(id)?.steps[1]?.state === state;
  while (!course.includes('acts')) await new Promise((resolve) => setTimeout(resolve, 1));
  // its time, and then its grace
  while (isAt('doing')) {
    clock.advance(1000);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(course).toEqual(['acts']);
  late.resolve(undefined);
  expect((await engine.settled(id)).state).toBe('undone');
  expect(course).toEqual(['acts', 'made', 'undone']);
  expect([...world.things]).toEqual([]);
});

test('a look at what exists that gives no answer keeps nobody from going on', async () => {
  const world = createStepWorld(names);
  world.fail('two', diskFull);
  const engine = engineOn(
    changed(world.tableOf(), 'one', { leftovers: () => [{ of: 'files', see: () => new Promise<never>(() => undefined) }] }),
  );
  const { id } = await engine.begin(request());
  while (engine.known(id)?.state !== 'stopped') await new Promise((resolve) => setTimeout(resolve, 1));
  world.fail('two', undefined);
  expect((await engine.continue(id, by())).state).toBe('running');
  expect((await engine.settled(id)).state).toBe('done');
});

test('a job of the kind “end” has ended by its failure: its lock is free, its cause stays, and what is desired was settled before', async () => {
  const world = createStepWorld(names);
  world.fail('two', diskFull);
  const settled: string[] = [];
  const engine = engineOn({
    ...world.tableOf(),
    onFailure: 'end',
    settle: async (context, failure) => {
      const job = await store.jobs.get(context.job.id);
      settled.push(`${job?.state} ${failure instanceof FarmError ? failure.code : ''}`);
    },
  });
  const asked = request();
  const { id } = await engine.begin(asked);
  const view = await engine.settled(id);
  expect(view).toMatchObject({ state: 'failed', failure: { code: 'DISK_FULL' } });
  expect(view.steps.map(({ state }) => state)).toEqual(['done', 'failed', 'waiting']);
  expect(settled).toEqual(['running DISK_FULL']);
  expect(await store.locks.get(asked.locks[0] ?? '')).toBeUndefined();
  await expect(engine.continue(id, by())).rejects.toMatchObject({ code: 'JOB_NOT_STOPPED' });
  await expect(engine.undo(id, by())).rejects.toMatchObject({ code: 'JOB_NOT_STOPPED' });
  expect((await engine.settled((await engine.begin({ ...request(), locks: asked.locks })).id)).state).toBe('failed');
});

test('a settling that fails ends nothing: the job has failed with its own cause', async () => {
  const world = createStepWorld(names);
  world.fail('two', diskFull);
  const engine = engineOn({ ...world.tableOf(), onFailure: 'end', settle: () => Promise.reject(unreachable) });
  const { id } = await engine.begin(request());
  expect(await engine.settled(id)).toMatchObject({ state: 'failed', failure: { code: 'DISK_FULL' } });
});

test.each([
  ['stood when the step began', true, true, 'done', 2],
  ['does not come back', true, false, 'stopped', 1],
  ['was not there when the step began', false, true, 'stopped', 1],
] as const)('a link that breaks in a step and %s', async (_what, stands, comesBack, state, tries) => {
  const world = createStepWorld(names);
  let asked = 0;
  const table = changed(world.tableOf(), 'two', {
    server: async () => 'oak',
    act: async () => {
      asked += 1;
      if (asked === 1) throw unreachable;
      return { outcome: 'done' };
    },
  });
  const engine = engineOn(table, { stands: () => stands, back: async () => comesBack });
  const { id } = await engine.begin(request());
  expect((await engine.settled(id)).state).toBe(state);
  expect(asked).toBe(tries);
});

test('a step that waits for its link gives its place in the queue to others', async () => {
  const world = createStepWorld(names);
  let asked = 0;
  const link = Promise.withResolvers<boolean>();
  const table = changed(world.tableOf(), 'two', {
    server: async () => 'oak',
    slots: async () => ['start@oak'],
    act: async () => {
      asked += 1;
      if (asked <= 2) throw unreachable;
      return { outcome: 'done' };
    },
  });
  const engine = engineOn(table, { stands: () => true, back: () => link.promise });
  const waiting = [await engine.begin(request()), await engine.begin(request())];
  while (asked < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  // two starts at once is the limit, and both wait for the link
  expect((await engine.settled((await engine.begin(request())).id)).state).toBe('done');
  link.resolve(true);
  expect(await Promise.all(waiting.map(async ({ id }) => (await engine.settled(id)).state))).toEqual(['done', 'done']);
});

test('a job that is to pause says so, whatever its step tells of its progress meanwhile', async () => {
  const world = createStepWorld(names);
  const [acting, paused, told, go] = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
  const table = changed(world.tableOf(), 'two', {
    act: async ({ waitFor }) => {
      acting?.resolve();
      await paused?.promise;
      waitFor({ code: 'package-send', parameters: { server: 'Oak', percent: 50 } });
      told?.resolve();
      await go?.promise;
      return { outcome: 'done' };
    },
  });
  const engine = engineOn(table);
  const { id } = await engine.begin(request());
  await acting?.promise;
  expect((await engine.pause(id, by())).state).toBe('pausing');
  paused?.resolve();
  await told?.promise;
  expect(engine.known(id)).toMatchObject({ state: 'pausing', steps: [{}, { waiting: { parameters: { percent: 50 } } }, {}] });
  go?.resolve();
  expect((await engine.settled(id)).state).toBe('paused');
});

test('a link is waited for once in an attempt', async () => {
  const world = createStepWorld(names);
  let asked = 0;
  const act = (): Promise<never> => {
    asked += 1;
    return Promise.reject(unreachable);
  };
  const engine = engineOn(changed(world.tableOf(), 'two', { server: async () => 'oak', act }));
  const { id } = await engine.begin(request());
  expect((await engine.settled(id)).state).toBe('stopped');
  expect(asked).toBe(2);
});

test.each([
  ['auto', 'done'],
  ['ask', 'stopped'],
] as const)('a job that the proper end of the core cut off goes on as after a death (%s)', async (resume, state) => {
  const world = createStepWorld(names);
  const acting = Promise.withResolvers<void>();
  const first = engineOn({
    ...changed(world.tableOf(), 'two', {
      act: async ({ signal }) => {
        acting.resolve();
        return new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
      },
    }),
    resume,
  });
  const { id } = await first.begin(request());
  await acting.promise;
  await first.close();
  const second = engineOn({ ...world.tableOf(), resume });
  await second.resume();
  const view = await second.settled(id);
  expect([view.state, view.failure?.code]).toEqual([state, state === 'done' ? undefined : 'JOB_INTERRUPTED']);
});

test('a job that another version of the program began does not go on by itself where this one would misunderstand it', async () => {
  const world = createStepWorld(names);
  const reached = world.cut('two half done');
  const { id } = await engineOn({ ...world.tableOf(1), resume: 'auto' }).begin(request());
  await reached;
  const newer = engineOn({ ...world.tableOf(2), resume: 'auto' });
  await newer.resume();
  expect(await newer.settled(id)).toMatchObject({ state: 'stopped', failure: { code: 'JOB_INTERRUPTED' } });
});

test('a job that a person stopped, or that stopped by its own failure, does not go on by itself', async () => {
  const world = createStepWorld(names);
  world.fail('two', diskFull);
  const table: JobTable = { ...world.tableOf(), resume: 'auto' };
  const first = engineOn(table);
  const { id } = await first.begin(request());
  await first.settled(id);
  world.fail('two', undefined);
  const second = engineOn(table);
  await second.resume();
  expect(await second.settled(id)).toMatchObject({ state: 'stopped', failure: { code: 'DISK_FULL' } });
});

test('an undo that begins anew over a link that came back knows what it noted before the link broke', async () => {
  const world = createStepWorld(names);
  world.fail('three', diskFull);
  const seen: unknown[] = [];
  const table = changed(world.tableOf(), 'two', {
    server: async () => 'oak',
    isThere: async () => false,
    undo: async ({ checkpoint, remember }) => {
      seen.push(checkpoint('two').noted);
      if (seen.length > 1) return;
      await remember({ noted: 'the link breaks now' });
      throw unreachable;
    },
  });
  const engine = engineOn(table);
  const { id } = await engine.begin(request());
  await engine.settled(id);
  await engine.undo(id, by());
  expect((await engine.settled(id)).state).toBe('undone');
  expect(seen).toEqual([undefined, 'the link breaks now']);
});

test('a job that goes on by itself does so three times at most, and never over a step at which the core died twice', async () => {
  const world = createStepWorld([...names, 'four', 'five']);
  const table: JobTable = { ...world.tableOf(), resume: 'auto' };
  const killed = async (where: string, resumed: boolean): Promise<void> => {
    const reached = world.cut(where);
    const engine = engineOn(table);
    if (resumed) await engine.resume();
    else ({ id } = await engine.begin(request()));
    await reached;
  };
  let id = '';
  await killed('one half done', false);
  await killed('two half done', true);
  await killed('three half done', true);
  await killed('four half done', true);
  const last = engineOn(table);
  await last.resume();
  expect(await last.get(id)).toMatchObject({ state: 'stopped', failure: { code: 'JOB_INTERRUPTED', parameters: { step: 'four' } } });
  await last.continue(id, by());
  expect((await last.settled(id)).state).toBe('done');
  await killed('two half done', false);
  await killed('two half done', true);
  await last.resume();
  expect(await last.get(id)).toMatchObject({ state: 'stopped' });
});

test('what is seen ahead of a step is saved with its begin, and a look that fails is left to the step', async () => {
  const world = createStepWorld(names);
  const seen: unknown[] = [];
  const ahead = changed(world.tableOf(), 'two', {
    ahead: async () => ({ seen: 'before' }),
    act: async (context) => {
      seen.push(context.checkpoint('two').seen, (await store.jobSteps.find({ jobId: context.job.id }))[1]?.checkpoint.seen);
      return { outcome: 'done', checkpoint: { ended: true } };
    },
  });
  const table = changed(ahead, 'three', { ahead: () => Promise.reject(new Error('cannot look')) });
  const engine = engineOn(table);
  const { id } = await engine.begin(request());
  expect((await engine.settled(id)).state).toBe('done');
  expect(seen).toEqual(['before', 'before']);
  const steps = await store.jobSteps.find({ jobId: (await engine.get(id)).id });
  expect(steps.find(({ name }) => name === 'two')?.checkpoint).toMatchObject({ seen: 'before', ended: true });
});

test('two hundred steps of one kind on one server are two at a time, in the order of coming; a step that is cancelled leaves the queue', async () => {
  const slots = createSlots({ setup: 2 });
  let inside = 0;
  let most = 0;
  const order: number[] = [];
  const waits: number[] = [];
  const stop = new AbortController();
  const work = async (at: number, signal: AbortSignal): Promise<void> => {
    const leave = await slots.take(['setup@oak', 'other@oak'], signal, () => waits.push(at));
    inside += 1;
    most = Math.max(most, inside);
    order.push(at);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
    leave();
    leave();
  };
  const never = new AbortController().signal;
  const all = Array.from({ length: 200 }, (_, at) => work(at, at === 100 ? stop.signal : never));
  stop.abort(new Error('cancelled'));
  const ended = await Promise.allSettled(all);
  expect(ended.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  expect(most).toBe(2);
  expect(order).toEqual(Array.from({ length: 200 }, (_, at) => at).filter((at) => at !== 100));
  expect(waits).toHaveLength(198);
  await expect(slots.take(['setup@oak'], AbortSignal.abort(new Error('late')), () => undefined)).rejects.toThrow('late');
  const again = await slots.take(['setup@oak', 'setup@oak'], never, () => undefined);
  again();
});

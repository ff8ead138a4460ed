import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentInstance } from '#contract/agent/instances.ts';
import { instanceQuery } from '#contract/api/instances.ts';
import { customerId, instanceId, packageId, planId, serverId } from '#contract/ids.ts';
import { aDomain, anInstance, aPlan, aServer, farmId, idAt } from '../../drivers/store/example-rows.ts';
import { nameIn } from '#contract/localized-text.ts';
import { openSqliteStore } from '../../drivers/store/sqlite/index.ts';
import { createChanges } from '../../drivers/system/changes.ts';
import type { LiveInstance } from '../../ports/agents.ts';
import type { Store } from '../../ports/store.ts';
import { createManualClock } from '../../testing/manual-clock.ts';
import { createInstanceProjection, type InstanceProjection } from './instance-projection.ts';
import { createInstanceQuery, type InstanceQuery } from './instance-query.ts';

const clock = createManualClock();
const log = { info: () => undefined, warn: () => undefined, bug: () => '' };
const changes = createChanges(log);
const live = new Map<string, LiveInstance>();
const names = ['zoe', 'anna-10', 'anna-2', 'élan', 'bob', 'carl'];
const people = ['Яна', 'Ёлка', 'Анна', 'Bob', 'éva', undefined];
const tiddlywiki = packageId.parse('tiddlywiki');
/** Of two versions; in Russian they sort the other way round. */
const packageNames = { '5.3.8': { en: 'Notebook', ru: 'Тетрадь' }, '6.0.0': { en: 'Wiki', ru: 'Вики' } };
let isConnected = true;
let isFollowed = true;
let isEdgeDark = false;
let folder = '';
let store: Store;
let projection: InstanceProjection;

const idOf = (at: number) => idAt(1000 + at);
const agentInstance = (id: string, over: Partial<AgentInstance> = {}): AgentInstance => ({
  instanceId: id,
  name: id,
  host: id,
  wanted: 'running',
  process: { state: 'running', processId: 1, startedAtMs: 5 },
  health: 'healthy',
  healthAnswer: '200',
  selfCheck: 'none',
  restarts: 0,
  port: 1,
  user: '',
  folder: '',
  answerMs: 10,
  ...over,
});
const see = (id: string, over: Partial<AgentInstance> = {}): void => {
  live.set(id, { instance: agentInstance(id, over), serverId: idAt(1), seenAtMs: clock.nowMs() });
  changes.announce({ kind: 'instance', id });
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farm-query-'));
  store = await openSqliteStore({ file: join(folder, 'farm.sqlite'), clock });
  await store.servers.put(aServer({ id: idAt(1), name: 'Oak' }));
  await store.domains.put(aDomain({ id: idAt(2) }));
  await store.plans.put(aPlan({ id: idAt(4) }));
  for (const [version, name] of Object.entries(packageNames)) {
    const manifestJson = JSON.stringify({ name });
    const row = { farmId, packageId: tiddlywiki, version, manifestJson, manifestHash: '', signature: '', payloads: {}, addedAtMs: 1 };
    await store.packages.put({ ...row, id: `tiddlywiki@${version}` });
  }
  for (const [at, name] of names.entries()) {
    const person = people[at];
    const id = customerId.parse(idAt(500 + at));
    if (person !== undefined)
      await store.customers.put({ id, farmId, name: person, contact: '', language: 'ru', externalReference: '', createdAtMs: 1 });
    const row = anInstance({ id: idOf(at), name, domainId: idAt(2), labels: at === 0 ? ['vip'] : [] });
    await store.instances.put({
      ...row,
      packageVersion: at === 5 ? '6.0.0' : row.packageVersion,
      serverId: serverId.parse(idAt(1)),
      planId: planId.parse(idAt(4)),
      customerId: person === undefined ? null : id,
      desired: at === 5 ? 'stopped' : 'running',
    });
  }
  projection = createInstanceProjection({
    store,
    clock,
    changes,
    log,
    agents: {
      instance: (id) => live.get(id),
      followsInstances: () => isConnected && isFollowed,
      server: () => ({
        link: isConnected
          ? { state: 'connected', sinceMs: 1, agentVersion: '', bootId: '', clockOffsetMs: 0, commands: [] }
          : { state: 'connecting', sinceMs: 1 },
        seenAtMs: 1,
        now: undefined,
        busiest: undefined,
        measuredAtMs: undefined,
        signs: {},
      }),
    },
    isEdgeDark: () => isEdgeDark,
    farm: () => ({ id: farmId, name: '', language: 'ru', timeZone: 'UTC', epoch: 1, isDemo: false, createdAtMs: 1 }),
    jobOf: () => undefined,
  });
  await projection.load();
  // the last is stopped, and its agent was told so
  for (const at of names.keys()) see(idOf(at), { answerMs: 10 * (at + 1), ...(at === 5 ? { wanted: 'stopped' as const } : {}) });
});
afterAll(async () => {
  projection.close();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const page = (query: Partial<InstanceQuery>) =>
  createInstanceQuery({ projection, changes, clock, farm: () => ({ language: 'ru' }) }).page(instanceQuery.parse(query));
const found = (query: Partial<InstanceQuery>): string[] => page(query).rows.map(({ name }) => name);

describe('a page of instances', () => {
  test('is sorted as people sort, whole numbers by their value', () => {
    expect(found({ sort: 'name' })).toEqual(['anna-2', 'anna-10', 'bob', 'carl', 'élan', 'zoe']);
    expect(found({ sort: 'name', isDescending: true })).toEqual(['zoe', 'élan', 'carl', 'bob', 'anna-10', 'anna-2']);
    expect(page({ sort: 'customer' }).rows.map(({ customer }) => customer?.name)).toEqual(['Анна', 'Ёлка', 'Яна', 'Bob', 'éva', undefined]);
    expect(found({ sort: 'answer', isDescending: true, limit: 2 })).toEqual(['carl', 'bob']);
  });

  test('names packages and plans in each language, and sorts by the reader’s', () => {
    const [row] = page({ filter: { text: 'zoe' } }).rows;
    expect(row?.package).toMatchObject({ name: 'Тетрадь', names: { en: 'Notebook', ru: 'Тетрадь' } });
    expect(row?.plan).toMatchObject({ name: 'Малый', names: { en: 'Small', ru: 'Малый' } });
    const sorted = (query: Partial<InstanceQuery>) =>
      page({ sort: 'package', ...query }).rows.map((one) => nameIn(query.language ?? 'ru', one.package));
    expect(sorted({ language: 'en' })).toEqual([...Array(5).fill('Notebook'), 'Wiki']);
    expect(sorted({ language: 'ru' })).toEqual(['Вики', ...Array(5).fill('Тетрадь')]);
    // who names no language gets the farm's
    expect(sorted({})).toEqual(sorted({ language: 'ru' }));
    expect(sorted({ language: 'en', isDescending: true })[0]).toBe('Wiki');
  });

  test('is filtered, cut and counted', () => {
    expect(found({ filter: { text: 'АНН' } })).toEqual(['anna-2']);
    expect(found({ filter: { text: 'anna' } })).toEqual(['anna-2', 'anna-10']);
    expect(found({ filter: { label: 'vip' } })).toEqual(['zoe']);
    expect(found({ filter: { marks: ['paused'] } })).toEqual(['carl']);
    const second = page({ offset: 4, limit: 3 });
    expect(second).toMatchObject({ total: 6, offset: 4, counts: { good: 5, paused: 1, bad: 0 } });
    expect(second.rows).toHaveLength(2);
    // the counts are those of the filter without its marks, so that a person can choose another mark
    expect(page({ filter: { marks: ['paused'] } }).counts.good).toBe(5);
  });

  test('tells why an instance is in its state, and since when', async () => {
    const id = instanceId.parse(idOf(0));
    const conditionAfter = (over: Partial<AgentInstance>) => {
      see(id, over);
      return projection.get(id)?.condition;
    };
    expect(conditionAfter({})).toMatchObject({ mark: 'good', code: 'running', sinceMs: 5 });
    expect(conditionAfter({ answerMs: 1500 })).toMatchObject({ mark: 'warning', code: 'slow', parameters: { answerMs: 1500 } });
    expect(conditionAfter({ health: 'unhealthy', healthAnswer: '500' })).toMatchObject({
      mark: 'bad',
      code: 'unhealthy',
      parameters: { answered: '500' },
    });
    const since = projection.get(id)?.condition.sinceMs;
    clock.advance(5000);
    expect(conditionAfter({ health: 'unhealthy', healthAnswer: '502' })?.sinceMs).toBe(since);
    expect(conditionAfter({ process: { state: 'none' } })).toMatchObject({ mark: 'bad', code: 'down', sinceMs: clock.nowMs() });
    expect(conditionAfter({ process: { state: 'crash-loop', nextTryAtMs: 1, exitCode: '1', lastLine: 'x' }, restarts: 3 })).toMatchObject({
      code: 'crash-loop',
      parameters: { restarts: 3, exitCode: '1' },
    });
    expect(conditionAfter({ selfCheck: 'bad' })).toMatchObject({
      mark: 'warning',
      code: 'unhealthy',
      parameters: { answered: 'selfCheck' },
    });
    isConnected = false;
    changes.announce({ kind: 'server', id: idAt(1) });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(projection.get(id)?.condition).toMatchObject({ mark: 'unknown', code: 'not-seen', parameters: { server: 'Oak' } });
    isConnected = true;
    isFollowed = false;
    changes.announce({ kind: 'server', id: idAt(1) });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(projection.get(id)?.condition).toMatchObject({ mark: 'unknown', code: 'not-seen' });
    isFollowed = true;
    changes.announce({ kind: 'server', id: idAt(1) });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(conditionAfter({})?.code).toBe('running');
    isEdgeDark = true;
    expect(conditionAfter({})).toMatchObject({ mark: 'bad', code: 'unreached', parameters: { server: 'Oak' } });
    // Its own trouble is nearer.
    expect(conditionAfter({ health: 'unhealthy', healthAnswer: '500' })?.code).toBe('unhealthy');
    isEdgeDark = false;
    expect(conditionAfter({})?.code).toBe('running');
  });

  test('is told again when a row in it changed, and not more often than every 100 ms', async () => {
    const query = createInstanceQuery({ projection, changes, clock, farm: () => ({ language: 'ru' }) });
    const abort = new AbortController();
    const pages = query.watch(instanceQuery.parse({ filter: { text: 'bob' } }), abort.signal);
    expect((await pages.next()).value?.rows[0]?.answerMs).toBe(50);
    const next = pages.next();
    for (const answerMs of [51, 52, 53]) see(idOf(4), { answerMs });
    // a change of another row is no news here
    see(idOf(1), { answerMs: 99 });
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(100);
    expect((await next).value?.rows[0]?.answerMs).toBe(53);
    const last = pages.next();
    abort.abort();
    expect((await last).done).toBe(true);
  });
});

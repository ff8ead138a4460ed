import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { jobCatalogue, type RunAct, runActs } from '#contract/catalogue/jobs.ts';
import { type InstanceId, packageId } from '#contract/ids.ts';
import type { TestCore } from '../../testing/create-test-core.ts';
import { createMortalCore, type MortalCore } from '../../testing/mortal-core.ts';

/** Kills the core at every point of every act, forward and while it is undone: see `interruptions.test.ts`, which does it with create and remove. */
let mortal: MortalCore;
let instanceId: InstanceId;
const key = randomUUID;

beforeAll(async () => {
  mortal = await createMortalCore({ servers: 1 });
  const job = await mortal.first.client.instances.create({ name: 'anna', packageId: packageId.parse('static-site'), requestKey: key() });
  expect((await mortal.first.settled(job)).state).toBe('done');
  instanceId = (await mortal.first.client.instances.find({ name: 'anna' })).id;
});
afterAll(() => mortal.close(), 120_000);

const ids = () => ({ instanceId, requestKey: key() });
const wish = async () => (await mortal.first.drivers.store.instances.get(instanceId))?.wish;
/** Everything that an act could change, wherever it is. */
async function everything() {
  const [agent] = mortal.first.agents;
  const { store } = mortal.first.drivers;
  const instance = agent?.instances.get(instanceId)?.instance;
  return {
    instances: [...(agent?.instances.keys() ?? [])],
    wanted: instance?.wanted,
    process: instance?.process.state,
    routes: [...(agent?.routes.values() ?? [])].map(({ host, state }) => `${host} ${state}`),
    rows: (await store.instances.find()).map((row) => `${row.name} ${row.wish}`),
    locks: await store.locks.find(),
    owned: (await store.ownedRecords.find()).length,
  };
}
const processId = () => {
  const process = mortal.first.agents[0]?.instances.get(instanceId)?.instance.process;
  return process !== undefined && 'processId' in process ? process.processId : undefined;
};
const up = { wanted: 'running', process: 'running', routes: ['anna.farm.test running'], rows: ['anna running'] };
const down = { wanted: 'stopped', process: 'none' };
const after = {
  start: up,
  restart: up,
  resume: up,
  stop: { ...down, routes: ['anna.farm.test broken'], rows: ['anna stopped'] },
  suspend: { ...down, routes: ['anna.farm.test suspended'], rows: ['anna suspended'] },
} as const satisfies Record<RunAct, object>;

/** Where the act makes sense: what is left of the case before is put in order by acts that nobody cuts off. */
async function prepare(type: RunAct): Promise<void> {
  const wanted = type === 'start' ? 'stopped' : type === 'resume' ? 'suspended' : 'running';
  const core = mortal.first;
  const act = async (kind: RunAct) => expect((await core.settled(await core.client.instances[kind](ids()))).failure).toBeUndefined();
  if ((await wish()) !== wanted) {
    if ((await wish()) !== 'running') await act((await wish()) === 'suspended' ? 'resume' : 'start');
    if (wanted !== 'running') await act(wanted === 'stopped' ? 'stop' : 'suspend');
  }
}

/** Begins the act, whose core dies there as often as that; the job is left as the last of them left it. */
async function killed(type: RunAct, point: string, times: 1 | 2): Promise<JobView> {
  const death = mortal.dieAt(point);
  const job = await mortal.first.client.instances[type](ids());
  await death;
  if (times === 1) return job;
  const again = mortal.dieAt(point);
  const core = await mortal.reopen();
  mortal.died(core);
  await again;
  return job;
}

async function isFine(core: TestCore, type: RunAct): Promise<void> {
  expect(await everything()).toMatchObject({ ...after[type], locks: [] });
  const code = type === 'stop' ? 'stopped' : type === 'suspend' ? 'suspended' : 'running';
  const { condition, jobId } = await core.client.instances.find({ name: 'anna' });
  expect([condition.code, jobId]).toEqual([code, undefined]);
}

/** A start is a resume without its page, and a stop is a suspend with another one: of those two only what comes after a step is tried. */
const hasTwin = (type: RunAct): boolean => type === 'start' || type === 'stop';
const points = runActs.flatMap((type) =>
  jobCatalogue[type].steps.flatMap((step) =>
    (hasTwin(type) ? ['after'] : ['before', 'after']).map((when) => ({ type, point: `${type}.${step}.${when}` })),
  ),
);

describe('an act whose core dies', () => {
  test.each(points)('at $point goes on by itself', async ({ type, point }) => {
    await prepare(type);
    const old = processId();
    const job = await killed(type, point, 1);
    const core = await mortal.reopen();
    try {
      expect(await core.settled(await core.client.jobs.get({ jobId: job.id }))).toMatchObject({ state: 'done' });
      await isFine(core, type);
      if (type === 'restart') expect(processId()).not.toBe(old);
    } finally {
      await core.core.close();
    }
  });

  test('waits for a link that is still being made when the core is there again', async () => {
    await prepare('suspend');
    const job = await killed('suspend', 'suspend.page.before', 1);
    const [server] = await mortal.first.drivers.store.servers.find();
    const address = server?.address ?? '';
    mortal.first.links.slow(address, true);
    const core = await mortal.reopen();
    try {
      // longer than a look waits for a link
      setTimeout(() => mortal.first.links.slow(address, false), 3_000);
      expect(await core.settled(await core.client.jobs.get({ jobId: job.id }))).toMatchObject({ state: 'done' });
      await isFine(core, 'suspend');
    } finally {
      mortal.first.links.slow(address, false);
      await core.core.close();
    }
  });

  test('after its failure was settled, and before that was saved, wants what it wanted when it goes on', async () => {
    await prepare('start');
    const job = await killed('start', 'start.start.after', 1);
    const row = await mortal.first.drivers.store.instances.get(instanceId);
    if (row === undefined) throw new Error('no row');
    await mortal.first.drivers.store.instances.put({ ...row, wish: 'stopped' });
    const core = await mortal.reopen();
    try {
      expect(await core.settled(await core.client.jobs.get({ jobId: job.id }))).toMatchObject({ state: 'done' });
      await isFine(core, 'start');
    } finally {
      await core.core.close();
    }
  });

  test.each(points.filter(({ type, point }) => point.endsWith('.after') && !hasTwin(type)))(
    'twice at $point waits for a person, and is undone',
    async ({ type, point }) => {
      await prepare(type);
      const before = await everything();
      const job = await killed(type, point, 2);
      const core = await mortal.reopen();
      try {
        const stopped = await core.client.jobs.get({ jobId: job.id });
        expect(stopped).toMatchObject({ state: 'stopped', failure: { code: 'JOB_INTERRUPTED' }, canUndo: true });
        expect((await core.client.instances.find({ name: 'anna' })).jobId).toBe(job.id);
        const undone = await core.settled(await core.client.jobs.undo({ jobId: job.id, requestKey: key() }));
        expect([undone.failure, undone.state]).toEqual([undefined, 'undone']);
        expect(await everything()).toEqual(before);
      } finally {
        await core.core.close();
      }
    },
  );

  const inUndo = runActs
    .filter((type) => !hasTwin(type))
    .flatMap((type) =>
      jobCatalogue[type].steps
        .filter((step) => step !== 'save' && step !== 'outside')
        .flatMap((step) => ['before', 'after'].map((when) => ({ type, point: `${type}.${step}.${when}.undo` }))),
    );
  test.each(inUndo)('while it is undone, at $point, is undone again', async ({ type, point }) => {
    await prepare(type);
    const before = await everything();
    const job = await killed(type, `${type}.outside.before`, 2);
    const dying = await mortal.reopen();
    mortal.died(dying);
    const death = mortal.dieAt(point);
    await dying.client.jobs.undo({ jobId: job.id, requestKey: key() });
    await death;
    const core = await mortal.reopen();
    try {
      expect(await core.client.jobs.get({ jobId: job.id })).toMatchObject({ state: 'stopped', direction: 'back' });
      const undone = await core.settled(await core.client.jobs.undo({ jobId: job.id, requestKey: key() }));
      expect([undone.failure, undone.state]).toEqual([undefined, 'undone']);
      expect(await everything()).toEqual(before);
    } finally {
      await core.core.close();
    }
  });
});

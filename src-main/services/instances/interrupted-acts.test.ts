import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { jobCatalogue, type RunAct } from '#contract/catalogue/jobs.ts';
import { type InstanceId, packageId } from '#contract/ids.ts';
import type { TestCore } from '../../testing/create-test-core.ts';
import { type CutOff, createCutOff } from '../../testing/cut-off.ts';

/** What `jobs/kill-table.test.ts`, which kills the core at every point of every act, does not see: the process of an instance, a link that takes its time. */
let cut: CutOff;
let instanceId: InstanceId;
const key = randomUUID;

beforeAll(async () => {
  cut = await createCutOff(1);
  const job = await cut.first.client.instances.create({ name: 'anna', packageId: packageId.parse('static-site'), requestKey: key() });
  expect((await cut.first.settled(job)).state).toBe('done');
  instanceId = (await cut.first.client.instances.find({ name: 'anna' })).id;
});
afterAll(() => cut.end(), 120_000);

const ids = () => ({ instanceId, requestKey: key() });
const wish = async () => (await cut.first.drivers.store.instances.get(instanceId))?.wish;
/** Everything that an act could change, wherever it is. */
async function everything() {
  const [agent] = cut.first.agents;
  const { store } = cut.first.drivers;
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
  const process = cut.first.agents[0]?.instances.get(instanceId)?.instance.process;
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
  const core = cut.first;
  const act = async (kind: RunAct) => expect((await core.settled(await core.client.instances[kind](ids()))).failure).toBeUndefined();
  if ((await wish()) !== wanted) {
    if ((await wish()) !== 'running') await act((await wish()) === 'suspended' ? 'resume' : 'start');
    if (wanted !== 'running') await act(wanted === 'stopped' ? 'stop' : 'suspend');
  }
}

/** Begins the act, whose core dies there. */
async function killed(type: RunAct, point: string): Promise<JobView> {
  const death = cut.dieAt(point);
  const job = await cut.first.client.instances[type](ids());
  await death;
  return job;
}

async function isFine(core: TestCore, type: RunAct): Promise<void> {
  expect(await everything()).toMatchObject({ ...after[type], locks: [] });
  const code = type === 'stop' ? 'stopped' : type === 'suspend' ? 'suspended' : 'running';
  const { condition, jobId } = await core.client.instances.find({ name: 'anna' });
  expect([condition.code, jobId]).toEqual([code, undefined]);
}

describe('an act whose core dies', () => {
  const points = jobCatalogue.restart.steps.flatMap((step) => [`restart.${step}.before`, `restart.${step}.after`]);
  test.each(points)('at %s goes on by itself, into another process', async (point) => {
    await prepare('restart');
    const old = processId();
    const job = await killed('restart', point);
    const core = await cut.reopen();
    try {
      expect(await core.settled(await core.client.jobs.get({ jobId: job.id }))).toMatchObject({ state: 'done' });
      await isFine(core, 'restart');
      expect(processId()).not.toBe(old);
    } finally {
      await core.core.close();
    }
  });

  test('waits for a link that is still being made when the core is there again', async () => {
    await prepare('suspend');
    const job = await killed('suspend', 'suspend.page.before');
    const [server] = await cut.first.drivers.store.servers.find();
    const address = server?.address ?? '';
    cut.first.links.slow(address, true);
    const core = await cut.reopen();
    try {
      // longer than a look waits for a link
      setTimeout(() => cut.first.links.slow(address, false), 3_000);
      expect(await core.settled(await core.client.jobs.get({ jobId: job.id }))).toMatchObject({ state: 'done' });
      await isFine(core, 'suspend');
    } finally {
      cut.first.links.slow(address, false);
      await core.core.close();
    }
  });

  test('after its failure was settled, and before that was saved, wants what it wanted when it goes on', async () => {
    await prepare('start');
    const job = await killed('start', 'start.start.after');
    const row = await cut.first.drivers.store.instances.get(instanceId);
    if (row === undefined) throw new Error('no row');
    await cut.first.drivers.store.instances.put({ ...row, wish: 'stopped' });
    const core = await cut.reopen();
    try {
      expect(await core.settled(await core.client.jobs.get({ jobId: job.id }))).toMatchObject({ state: 'done' });
      await isFine(core, 'start');
    } finally {
      await core.core.close();
    }
  });
});

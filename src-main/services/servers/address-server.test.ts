import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { jobCatalogue } from '#contract/catalogue/jobs.ts';
import { packageId, type ServerId } from '#contract/ids.ts';
import { type CutOff, createCutOff } from '../../testing/cut-off.ts';
import { type TestCore, testDomain } from '../../testing/create-test-core.ts';

/** The public addresses of a server change: the names of all its instances follow, or all of them stay, wherever the core is killed. */
let cut: CutOff;
let farm: TestCore;
const key = randomUUID;
const names = ['anna', 'berta', 'carl'];
let last = 10;
/** Another address each time, so that what was left of an earlier one is seen. */
const fresh = (): string => {
  last += 1;
  return `198.51.100.${last}`;
};

beforeAll(async () => {
  cut = await createCutOff(1);
  farm = cut.first;
  for (const name of names) expect((await farm.settled(await create(name))).state).toBe('done');
});
afterAll(() => cut.end());

const create = (name: string) => farm.client.instances.create({ name, packageId: packageId.parse('static-site'), requestKey: key() });
async function oak(): Promise<ServerId> {
  const [found] = (await farm.client.servers.list()).servers;
  if (found === undefined) throw new Error('no server');
  return found.id;
}
const address = async (core: TestCore, ...publicAddresses: string[]): Promise<JobView> =>
  core.client.servers.address({ serverId: await oak(), publicAddresses, requestKey: key() });

/** Of the row, of what is noted as ours, and of the zone: one address, the same everywhere. */
async function led(core: TestCore): Promise<Readonly<Record<string, readonly string[]>>> {
  const { store } = core.drivers;
  const [server] = await store.servers.find();
  const owned = await store.ownedRecords.find();
  const values: Record<string, readonly string[]> = { row: (server?.publicAddresses ?? []).map((one) => one.address) };
  for (const name of names) {
    values[name] = owned.filter((one) => one.name === `${name}.${testDomain}`).map(({ value }) => value);
    values[`${name} served`] = await cut.zoneValues(testDomain, `${name}.${testDomain}`);
  }
  return values;
}
const allAt = (value: string): Record<string, readonly string[]> =>
  Object.fromEntries(['row', ...names, ...names.map((name) => `${name} served`)].map((what) => [what, [value]]));
const locks = () => farm.drivers.store.locks.find();

test('the name of every instance follows, and nothing leads to the former address', async () => {
  const to = fresh();
  const done = await farm.settled(await address(farm, to));
  expect(done).toMatchObject({ type: 'address-server', state: 'done', subject: { kind: 'server', name: 'Oak' } });
  expect(await led(farm)).toEqual(allAt(to));
  expect(await locks()).toEqual([]);
});

test('nobody comes to the server or leaves it while its addresses change', async () => {
  const held = cut.holdAt('address-server.records.before');
  const job = await address(farm, fresh());
  const { go } = await held;
  const refused = await farm.settled(await create('dora'));
  expect(refused).toMatchObject({ state: 'stopped', failure: { code: 'NO_SERVER_FITS' } });
  const { id } = await farm.client.instances.find({ name: 'anna' });
  await expect(farm.client.instances.remove({ instanceId: id, requestKey: key() })).rejects.toMatchObject({
    code: 'OBJECT_BUSY',
    data: { name: 'anna', jobId: job.id },
  });
  await expect(farm.client.servers.remove({ serverId: await oak(), requestKey: key() })).rejects.toMatchObject({ code: 'OBJECT_BUSY' });
  await expect(address(farm, fresh())).rejects.toMatchObject({ code: 'OBJECT_BUSY' });
  go();
  expect((await farm.settled(job)).state).toBe('done');
  expect((await farm.settled(await farm.client.jobs.undo({ jobId: refused.id, requestKey: key() }))).state).toBe('undone');
});

test('while a job works on one of its instances it is refused, and changes nothing', async () => {
  // where its agent is, so that the create is seen from outside
  expect((await farm.settled(await address(farm, farm.agents[0]?.publicAddress ?? ''))).state).toBe('done');
  const before = await led(farm);
  const held = cut.holdAt('create.start.before');
  const job = await create('emil');
  const { go } = await held;
  await expect(address(farm, fresh())).rejects.toMatchObject({ code: 'OBJECT_BUSY', data: { name: 'emil' } });
  expect(await led(farm)).toEqual(before);
  go();
  expect((await farm.settled(job)).state).toBe('done');
  const { id } = await farm.client.instances.find({ name: 'emil' });
  expect((await farm.settled(await farm.client.instances.remove({ instanceId: id, requestKey: key() }))).state).toBe('done');
});

describe('a change whose core dies', () => {
  const points = jobCatalogue['address-server'].steps.flatMap((step) => [`address-server.${step}.before`, `address-server.${step}.after`]);
  const cases = points.flatMap((point) => [
    { point, choice: 'continue' as const, end: 'done' },
    { point, choice: 'undo' as const, end: 'undone' },
  ]);
  test.each(cases)('at $point, then $choice, is whole or nothing', async ({ point, choice, end }) => {
    const [from, to] = [fresh(), fresh()];
    expect((await farm.settled(await address(farm, from))).state).toBe('done');
    const dead = cut.dieAt(point);
    const job = await address(farm, to);
    await dead;
    const next = await cut.reopen();
    try {
      const ended = await next.settled(await next.client.jobs[choice]({ jobId: job.id, requestKey: key() }));
      expect(ended.failure).toBeUndefined();
      expect(ended.state).toBe(end);
      expect(await led(next)).toEqual(allAt(choice === 'continue' ? to : from));
      expect(await locks()).toEqual([]);
    } finally {
      await next.core.close();
    }
  });

  // without a wildcard its step is skipped, so that nothing of it is undone: see `address-wildcard.test.ts`
  const undone = points.filter((point) => !point.startsWith('address-server.wildcard.')).map((point) => `${point}.undo`);
  test.each(undone)('while it is undone, at %s, ends as before', async (point) => {
    const [from, to] = [fresh(), fresh()];
    expect((await farm.settled(await address(farm, from))).state).toBe('done');
    const dead = cut.dieAt('address-server.rely.after');
    const job = await address(farm, to);
    await dead;
    const next = await cut.reopen();
    const deadAgain = cut.dieAt(point);
    await next.client.jobs.undo({ jobId: job.id, requestKey: key() });
    await deadAgain;
    const again = await cut.reopen();
    try {
      expect((await again.settled(await again.client.jobs.continue({ jobId: job.id, requestKey: key() }))).state).toBe('undone');
      expect(await led(again)).toEqual(allAt(from));
    } finally {
      await again.core.close();
    }
  });
});

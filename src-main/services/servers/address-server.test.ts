import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { packageId, type ServerId } from '#contract/ids.ts';
import { createHoldJobs, type HoldJobs } from '../../testing/hold-jobs.ts';
import { type TestCore, testDomain } from '../../testing/create-test-core.ts';

/** The public addresses of a server change: the names of all its instances follow. `jobs/kill-table.test.ts` kills the core at every point of it. */
let jobs: HoldJobs;
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
  jobs = await createHoldJobs(1);
  farm = jobs.farm;
  for (const name of names) expect((await farm.settled(await create(name))).state).toBe('done');
});
afterAll(() => jobs.end());

const create = (name: string) => farm.client.instances.create({ name, packageId: packageId.parse('static-site'), requestKey: key() });
async function oak(): Promise<ServerId> {
  const [found] = (await farm.client.servers.list()).servers;
  if (found === undefined) throw new Error('no server');
  return found.id;
}
const address = async (...publicAddresses: string[]): Promise<JobView> =>
  farm.client.servers.address({ serverId: await oak(), publicAddresses, requestKey: key() });

/** Of the row, of what is noted as ours, and of the zone: one address, the same everywhere. */
async function led(): Promise<Readonly<Record<string, readonly string[]>>> {
  const { store } = farm.drivers;
  const [server] = await store.servers.find();
  const owned = await store.ownedRecords.find();
  const values: Record<string, readonly string[]> = { row: (server?.publicAddresses ?? []).map((one) => one.address) };
  for (const name of names) {
    values[name] = owned.filter((one) => one.name === `${name}.${testDomain}`).map(({ value }) => value);
    values[`${name} served`] = await jobs.zoneValues(testDomain, `${name}.${testDomain}`);
  }
  return values;
}
const allAt = (value: string): Record<string, readonly string[]> =>
  Object.fromEntries(['row', ...names, ...names.map((name) => `${name} served`)].map((what) => [what, [value]]));
const locks = () => farm.drivers.store.locks.find();

test('the name of every instance follows, and nothing leads to the former address', async () => {
  const to = fresh();
  const done = await farm.settled(await address(to));
  expect(done).toMatchObject({ type: 'address-server', state: 'done', subject: { kind: 'server', name: 'Oak' } });
  expect(await led()).toEqual(allAt(to));
  expect(await locks()).toEqual([]);
});

test('nobody comes to the server or leaves it while its addresses change', async () => {
  const held = jobs.holdAt('address-server.records.before');
  const job = await address(fresh());
  const { go } = await held;
  const refused = await farm.settled(await create('dora'));
  expect(refused).toMatchObject({ state: 'stopped', failure: { code: 'NO_SERVER_FITS' } });
  const { id } = await farm.client.instances.find({ name: 'anna' });
  await expect(farm.client.instances.remove({ instanceId: id, requestKey: key() })).rejects.toMatchObject({
    code: 'OBJECT_BUSY',
    data: { name: 'anna', jobId: job.id },
  });
  await expect(farm.client.servers.remove({ serverId: await oak(), requestKey: key() })).rejects.toMatchObject({ code: 'OBJECT_BUSY' });
  await expect(address(fresh())).rejects.toMatchObject({ code: 'OBJECT_BUSY' });
  go();
  expect((await farm.settled(job)).state).toBe('done');
  expect((await farm.settled(await farm.client.jobs.undo({ jobId: refused.id, requestKey: key() }))).state).toBe('undone');
});

test('while a job works on one of its instances it is refused, and changes nothing', async () => {
  // where its agent is, so that the create is seen from outside
  expect((await farm.settled(await address(farm.agents[0]?.publicAddress ?? ''))).state).toBe('done');
  const before = await led();
  const held = jobs.holdAt('create.start.before');
  const job = await create('emil');
  const { go } = await held;
  await expect(address(fresh())).rejects.toMatchObject({ code: 'OBJECT_BUSY', data: { name: 'emil' } });
  expect(await led()).toEqual(before);
  go();
  expect((await farm.settled(job)).state).toBe('done');
  const { id } = await farm.client.instances.find({ name: 'emil' });
  expect((await farm.settled(await farm.client.instances.remove({ instanceId: id, requestKey: key() }))).state).toBe('done');
});

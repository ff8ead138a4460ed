import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { packageId } from '#contract/ids.ts';
import { createHoldJobs, type HoldJobs } from '../../testing/hold-jobs.ts';
import { type TestCore, testDomain } from '../../testing/create-test-core.ts';

/** The addresses of a server change while the removal of an instance on it stands still: continued, nothing is left; undone, the name leads to the present ones. */
let jobs: HoldJobs;
let farm: TestCore;
const key = randomUUID;
const host = `anna.${testDomain}`;
let last = 10;
const fresh = (): string => {
  last += 1;
  return `198.51.100.${last}`;
};
const down = new FarmError('PORT_TAKEN', { port: 1, owner: 'test' });

beforeAll(async () => {
  jobs = await createHoldJobs(1);
  farm = jobs.farm;
});
afterAll(() => jobs.end());

const server = async () => {
  const [found] = (await farm.client.servers.list()).servers;
  if (found === undefined) throw new Error('no server');
  return found;
};
const begin = async (...publicAddresses: string[]): Promise<JobView> =>
  farm.client.servers.address({ serverId: (await server()).id, publicAddresses, requestKey: key() });
const ended = async (job: Promise<JobView> | JobView): Promise<JobView> => farm.settled(await job);
const undo = ({ id }: JobView) => ended(farm.client.jobs.undo({ jobId: id, requestKey: key() }));
const goOn = ({ id }: JobView) => ended(farm.client.jobs.continue({ jobId: id, requestKey: key() }));
const agent = () => {
  const [found] = farm.agents;
  if (found === undefined) throw new Error('no agent');
  return found;
};
/** As ours, and as the name server has it. */
const led = async () => ({
  noted: (await farm.drivers.store.ownedRecords.find()).filter(({ name }) => name === host).map(({ value }) => value),
  served: await jobs.zoneValues(testDomain, host),
});
const at = (...values: string[]) => ({ noted: values, served: values });

/** Its record stands yet, or has gone, or has gone and come back while the removal was undone. */
const stops = ['edge.removeRoute', 'instances.stop'];
async function stopped(command: string): Promise<JobView> {
  const { id } = await farm.client.instances.find({ name: 'anna' });
  agent().failNext(command, down, 100);
  const job = await ended(farm.client.instances.remove({ instanceId: id, requestKey: key() }));
  expect(job).toMatchObject({ type: 'remove', state: 'stopped', failure: { code: 'PORT_TAKEN' } });
  return job;
}
const mend = (): void => {
  for (const command of stops.concat('edge.putRoute')) agent().failNext(command, down, 0);
};

beforeEach(async () => {
  mend();
  expect((await ended(begin(agent().publicAddress))).state).toBe('done');
  const known = await farm.drivers.store.instances.find({ name: 'anna' });
  if (known.length > 0) return;
  const request = { name: 'anna', packageId: packageId.parse('static-site'), requestKey: key() };
  expect((await ended(farm.client.instances.create(request))).state).toBe('done');
});

test.each(stops)('a removal that stopped at %s keeps nobody from changing them, and undone leads to them', async (command) => {
  const job = await stopped(command);
  const to = fresh();
  expect(await ended(begin(to))).toMatchObject({ state: 'done' });
  mend();
  expect(await undo(job)).toMatchObject({ state: 'undone' });
  expect(await led()).toEqual(at(to));
});

test.each(stops)('a removal that stopped at %s goes on after they changed, and nothing is left', async (command) => {
  const job = await stopped(command);
  expect(await ended(begin(fresh()))).toMatchObject({ state: 'done' });
  mend();
  expect(await goOn(job)).toMatchObject({ state: 'done' });
  expect(await led()).toEqual(at());
});

test('they change between the two halves of an undo', async () => {
  const job = await stopped('instances.stop');
  agent().failNext('edge.putRoute', down, 100);
  expect(await undo(job)).toMatchObject({ state: 'stopped', direction: 'back' });
  expect(await led()).toEqual(at(agent().publicAddress));
  const to = fresh();
  expect(await ended(begin(to))).toMatchObject({ state: 'done' });
  mend();
  expect(await goOn(job)).toMatchObject({ state: 'undone' });
  expect(await led()).toEqual(at(to));
});

test.each(stops)(
  'while they are changing, a removal that stopped at %s is not undone; after that it is, to what they are then',
  async (command) => {
    const job = await stopped(command);
    const held = jobs.holdAt('address-server.records.before');
    const changing = await begin(fresh());
    const { go } = await held;
    mend();
    const refused = await undo(job);
    expect(refused).toMatchObject({ state: 'stopped', failure: { code: 'OBJECT_BUSY', parameters: { jobId: changing.id } } });
    go();
    expect(await ended(changing)).toMatchObject({ state: 'done' });
    const { publicAddresses } = await server();
    expect(await goOn(refused)).toMatchObject({ state: 'undone' });
    expect(await led()).toEqual(at(...publicAddresses.map(({ address }) => address)));
  },
);

test('a removal that runs keeps them as they are', async () => {
  const { id } = await farm.client.instances.find({ name: 'anna' });
  const held = jobs.holdAt('remove.route.before');
  const job = await farm.client.instances.remove({ instanceId: id, requestKey: key() });
  const { go } = await held;
  await expect(begin(fresh())).rejects.toMatchObject({ code: 'OBJECT_BUSY', data: { name: 'anna', jobId: job.id } });
  go();
  expect(await ended(job)).toMatchObject({ state: 'done' });
});

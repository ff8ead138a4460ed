import { afterEach, beforeEach, expect, test } from 'vitest';
import { FarmError } from '#contract/errors.ts';
import { packageId } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { createTestZone, type TestZone } from '../../testing/test-zone.ts';

/** A billing panel knows its customers by its own references, and asks for several instances at the same moment. */
let zone: TestZone;
let farm: TestCore;
beforeEach(async () => {
  zone = await createTestZone();
  farm = await createTestCore({ servers: 1, drivers: { createDns: zone.createDns } });
});
afterEach(async () => {
  await farm.close();
  await zone.nameServer.close();
});

const create = (name: string) =>
  farm.client.instances.create({
    name,
    packageId: packageId.parse('static-site'),
    customer: { name: 'Anna Inc.', externalReference: 'panel-4711' },
    requestKey: farm.key(),
  });

test('creates at once for a new customer of one reference make one customer', async () => {
  const { store } = farm.drivers;
  const begun = await Promise.all(['anna', 'berta', 'clara'].map(create));
  for (const job of begun) expect((await farm.settled(job)).state).toBe('done');
  const customers = await store.customers.find();
  expect(customers.map(({ externalReference }) => externalReference)).toEqual(['panel-4711']);
  expect((await store.instances.find()).map(({ customerId }) => customerId)).toEqual([0, 1, 2].map(() => customers[0]?.id));
});

test('a customer whom the undo of another create takes away meanwhile is made again', async () => {
  const { store } = farm.drivers;
  farm.agents[0]?.failNext('instances.create', new FarmError('DISK_FULL', { server: 'Oak', path: 'x' }));
  const stopped = await farm.settled(await create('anna'));
  expect(stopped.state).toBe('stopped');
  const before = await store.customers.find();
  zone.as.list = async (...asked) => {
    // asked whether the name is free, after its customer was found
    delete zone.as.list;
    await farm.settled(await farm.client.jobs.undo({ jobId: stopped.id, requestKey: farm.key() }));
    return zone.nameServer.list(...asked);
  };
  expect((await farm.settled(await create('berta'))).state).toBe('done');
  const [customer] = await store.customers.find();
  expect(before.map(({ id }) => id)).not.toContain(customer?.id);
  expect((await store.instances.find()).map(({ customerId }) => customerId)).toEqual([customer?.id]);
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { api } from '#contract/api/index.ts';
import { FarmError } from '#contract/errors.ts';
import type { BeginRequest } from '#contract/api/jobs.ts';
import { byRowTypes, isSparing } from '#contract/catalogue/jobs.ts';
import { packageId } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { createFakeSpace } from '../../testing/fake-space.ts';
import { createInstances, snapshotOf } from '../../testing/known-farm.ts';
import { cleaning } from '../operators/middleware.ts';

const space = createFakeSpace('/home/of/the/farm');
let farm: TestCore;
beforeAll(async () => {
  farm = await createTestCore({ servers: 1, drivers: { space } });
  await createInstances(farm, 'anna', 'berta');
});
afterAll(() => farm.close());

const find = (name: string) => farm.client.instances.find({ name });

test('a window is told when the disk of the home fills up, is full, and has room again', async () => {
  const stop = new AbortController();
  const events = (await farm.client.monitoring.watch(undefined, { signal: stop.signal }))[Symbol.asyncIterator]();
  await events.next();
  const nextAlert = async () => {
    for (;;) {
      const next = await events.next();
      if (next.done === true) throw new Error('the stream ended');
      const found = next.value.kind === 'patches' ? next.value.patches.find(({ table }) => table === 'alerts') : undefined;
      if (found?.table === 'alerts') return found.value;
    }
  };
  space.become('low', 500 * 2 ** 20);
  expect(await nextAlert()).toMatchObject({
    code: 'home-disk',
    mark: 'warning',
    parameters: { path: '/home/of/the/farm', freeMegabytes: 500 },
  });
  space.become('full', 2 ** 20);
  expect(await nextAlert()).toMatchObject({ mark: 'bad', parameters: { freeMegabytes: 1, isFull: 'yes' } });
  space.become('good', 2 ** 40);
  expect(await nextAlert()).toBeNull();
  stop.abort();
});

test('a full disk of a server is told with the agent’s home', { timeout: 20_000 }, async () => {
  const [agent] = farm.agents;
  agent?.says({ home: { path: '/srv/agent', freeBytes: 0, sizeBytes: 2 ** 30, isFull: true, sinceMs: Date.now() } });
  await expect
    .poll(async () => (await snapshotOf(farm)).alerts)
    .toMatchObject([{ code: 'server-disk', mark: 'bad', parameters: { server: agent?.name, path: '/srv/agent', freeMegabytes: 0 } }]);
  agent?.says({});
  // It ends after looks that are seconds apart.
  await expect.poll(async () => (await snapshotOf(farm)).alerts, { timeout: 15_000 }).toEqual([]);
});

test('what takes away is given room, what makes something is not; every name of it is a procedure', async () => {
  for (const name of cleaning) {
    const [area = '', act = ''] = name.split('.');
    expect(Reflect.get(Reflect.get(api, area), act), name).toBeDefined();
  }
  space.secured.length = 0;
  await farm.settled(
    await farm.client.instances.create({ name: 'carla', packageId: packageId.parse('static-site'), requestKey: farm.key() }),
  );
  expect(space.secured).toEqual([]);
  const { id } = await find('carla');
  const begin = (act: BeginRequest) => farm.client.jobs.begin({ act, requestKey: farm.key() });
  await farm.settled(await begin({ type: 'restart', instanceId: id }));
  expect(space.secured).toEqual([]);
  await farm.settled(await begin({ type: 'stop', instanceId: id }));
  expect(space.secured).toEqual([512 * 1024]);
  await farm.settled(await farm.client.instances.remove({ instanceId: id, requestKey: farm.key() }));
  expect(space.secured).toEqual([512 * 1024, 512 * 1024]);
  // the procedure for many types asks the row: whatever has a procedure of its own there is as sparing here
  expect(byRowTypes.filter(isSparing).toSorted()).toEqual(['drop-wildcard', 'remove', 'remove-domain', 'remove-server', 'stop', 'suspend']);
});

test('a store that is full loses measurements, and the farm goes on being followed', async () => {
  const { store } = farm.drivers;
  const full = (): Promise<never> => Promise.reject(new FarmError('STORE_FULL', { path: '/farm' }));
  const real = { add: store.samples.add, put: store.servers.put };
  Object.assign(store.samples, { add: full });
  Object.assign(store.servers, { put: full });
  const { id, server } = await find('anna');
  const address = `${server?.name.toLowerCase()}.test:7443`;
  farm.links.cut(address, true);
  await expect.poll(async () => (await find('anna')).condition.code).toBe('not-seen');
  farm.links.cut(address, false);
  // What is kept of its facts finds room here: it must be over before the first measurement does not.
  await expect.poll(async () => (await find('anna')).condition.code, { timeout: 5000 }).toBe('running');
  const [agent] = farm.agents;
  agent?.measured({ server: [], instances: [{ instanceId: id, atMs: Date.now(), values: { cpu: 1 } }] });
  agent?.change(id, { answerMs: 1700 });
  await expect.poll(async () => (await find('anna')).condition.code, { timeout: 5000 }).toBe('slow');
  agent?.measured({ server: [], instances: [{ instanceId: id, atMs: Date.now(), values: { cpu: 1 } }] });
  agent?.change(id, { answerMs: 4 });
  await expect.poll(async () => (await find('anna')).condition.code, { timeout: 5000 }).toBe('running');
  expect(farm.logLines.filter((line) => line.includes('measured-not-kept'))).toHaveLength(1);
  Object.assign(store.samples, { add: real.add });
  Object.assign(store.servers, { put: real.put });
});

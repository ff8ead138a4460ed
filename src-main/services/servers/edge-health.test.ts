import { afterAll, beforeAll, expect, test } from 'vitest';
import { FarmError } from '#contract/errors.ts';
import { systemClock } from '../../drivers/system/clock.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { createInstances, edgeHealth, snapshotOf } from '../../testing/known-farm.ts';

let farm: TestCore;
let aheadMs = 0;
beforeAll(async () => {
  farm = await createTestCore({ servers: 2, clock: { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs } });
  await createInstances(farm, 'anna', 'berta');
});
afterAll(() => farm.close());

/** Where anna stands. */
async function annas() {
  const { server, condition } = await farm.client.instances.find({ name: 'anna' });
  const agent = farm.agents.find(({ name }) => name === server?.name);
  if (agent === undefined || server === undefined) throw new Error('no agent');
  return { agent, server, condition };
}

test('a port that is taken reaches the server, its instances and what needs attention; it goes when it is over', async () => {
  const { agent, server } = await annas();
  agent.says({ edge: edgeHealth('port-taken', { owner: 'nginx' }) });
  await expect
    .poll(async () => (await annas()).condition)
    .toMatchObject({ mark: 'bad', code: 'unreached', parameters: { server: server.name } });
  expect((await farm.client.servers.get({ serverId: server.id })).condition).toMatchObject({
    mark: 'bad',
    code: 'edge',
    parameters: { problem: 'portTaken', owner: 'nginx', port: 443 },
  });
  const { alerts, state, servers } = await snapshotOf(farm);
  // What stands on it is not told again: the server is one alert.
  expect(alerts).toMatchObject([
    { code: 'server-edge', mark: 'bad', parameters: { server: server.name, problem: 'portTaken', instances: 1 } },
  ]);
  expect(state.totals).toMatchObject({ instances: 2, good: 1, bad: 1 });
  expect(servers.map(({ field }) => field).toSorted()).toEqual(['b', 'g']);

  agent.says({ edge: edgeHealth('serving', { redirect: { isListening: false, port: 80, owner: 'nginx', cause: 'EADDRINUSE' } }) });
  await expect.poll(async () => (await annas()).condition.code).toBe('running');
  await expect
    .poll(async () => (await snapshotOf(farm)).alerts, { timeout: 8000 })
    .toMatchObject([{ code: 'server-redirect', mark: 'warning', parameters: { owner: 'nginx', port: 80 } }]);
  agent.says({ edge: edgeHealth('serving') });
  // It ends after looks that are seconds apart.
  await expect.poll(async () => (await snapshotOf(farm)).alerts, { timeout: 8000 }).toEqual([]);
});

test('an agent that watches nothing of its server is followed all the same', async () => {
  const { agent, server } = await annas();
  const address = `${server.name.toLowerCase()}.test:7443`;
  agent.says({ edge: edgeHealth('port-taken') });
  await expect.poll(async () => (await annas()).condition.code).toBe('unreached');
  agent.failNext('servers.watch', new FarmError('COMMAND_MISSING', { server: server.name, command: 'servers.watch' }));
  farm.links.cut(address, true);
  await expect.poll(async () => (await annas()).condition.code).toBe('not-seen');
  farm.links.cut(address, false);
  await expect.poll(async () => (await annas()).condition.code).toBe('running');
  expect((await farm.client.servers.get({ serverId: server.id })).condition.code).toBe('ready');
  const { id } = await farm.client.instances.find({ name: 'anna' });
  agent.change(id, { answerMs: 1700 });
  await expect.poll(async () => (await annas()).condition.code).toBe('slow');
  agent.change(id, { answerMs: 4 });
  // what it says when it is followed again
  agent.says({ edge: edgeHealth('serving') });
});

test('a silent agent: what is said of its customers is what was seen from outside at that moment', async () => {
  const { server } = await annas();
  const address = `${server.name.toLowerCase()}.test:7443`;
  // A server that has just joined is not called silent yet.
  aheadMs = 20_000;
  farm.links.cut(address, true);
  const view = () => farm.client.servers.get({ serverId: server.id });
  await expect.poll(async () => (await view()).condition.parameters['edge']).toBe('reached');
  farm.links.cut(address, false);
  await expect.poll(async () => (await view()).condition.code).toBe('ready');
});

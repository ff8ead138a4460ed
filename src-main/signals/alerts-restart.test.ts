import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { createInstances, snapshotOf } from '../testing/known-farm.ts';

let home: string;
let farm: TestCore;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'farm-alerts-'));
  farm = await createTestCore({ home, servers: 1 });
});
afterEach(async () => {
  await farm.close();
  await rm(home, { recursive: true, force: true });
});
const alerts = async () => (await snapshotOf(farm)).alerts;
const soon = { timeout: 10_000, interval: 50 };
const agentOf = () => {
  const [agent] = farm.agents;
  if (agent === undefined) throw new Error('no agent');
  return agent;
};

test('a core that is started again tells an alert with the age that it had, however often it was restarted', async () => {
  await createInstances(farm, 'anna');
  const agent = agentOf();
  const { id } = await farm.client.instances.find({ name: 'anna' });
  agent.change(id, { health: 'unhealthy', healthAnswer: '502' });
  await expect.poll(alerts, soon).toMatchObject([{ code: 'instance-unhealthy' }]);
  const [first] = await alerts();
  for (let restart = 0; restart < 2; restart += 1) {
    await farm.close();
    farm = await createTestCore({ home });
    // Nothing is told of what this core has not seen yet, and nothing is forgotten.
    expect((await alerts()).filter(({ code }) => code === 'instance-unhealthy')).toEqual([]);
    farm.links.add('oak.test:7443', agent);
    await expect.poll(async () => (await alerts()).find(({ code }) => code === 'instance-unhealthy')?.sinceMs, soon).toBe(first?.sinceMs);
  }
  const written = await farm.drivers.store.alerts.find({ code: 'instance-unhealthy' });
  expect(written).toMatchObject([{ subjectId: id, openedAtMs: first?.sinceMs, closedAtMs: null }]);
});

test('an alert is written down with no window open, and its end as well', async () => {
  await createInstances(farm, 'anna');
  const agent = agentOf();
  const { id } = await farm.client.instances.find({ name: 'anna' });
  const rows = () => farm.drivers.store.alerts.find({ code: 'instance-unhealthy' });
  agent.change(id, { health: 'unhealthy', healthAnswer: '502' });
  await expect.poll(rows, soon).toMatchObject([{ subjectId: id, closedAtMs: null }]);
  agent.change(id, { health: 'healthy', healthAnswer: '200' });
  await expect.poll(rows, soon).toMatchObject([{ closedAtMs: expect.any(Number) }]);
});

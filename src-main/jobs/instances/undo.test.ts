import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { packageId } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import type { FakeAgent } from '../../testing/fake-agent.ts';

const staticSite = packageId.parse('static-site');
let farm: TestCore;
let agent: FakeAgent;

let atDns: (() => Promise<void>) | undefined;

beforeEach(async () => {
  atDns = undefined;
  farm = await createTestCore({ servers: 1, failPoint: (name) => (name === 'create.dns.before' ? atDns?.() : undefined) });
  const [only] = farm.agents;
  if (only === undefined) throw new Error('no agent');
  agent = only;
});
afterEach(() => farm.close());

const create = async (name: string): Promise<JobView> =>
  farm.settled(await farm.client.instances.create({ name, packageId: staticSite, requestKey: farm.key() }));
const undo = async (job: JobView): Promise<JobView> => farm.settled(await farm.client.jobs.undo({ jobId: job.id, requestKey: farm.key() }));
const paused = async ({ id: jobId }: JobView): Promise<void> =>
  expect.poll(async () => (await farm.client.jobs.get({ jobId })).state, { timeout: 10_000 }).toBe('paused');
const portTaken = new FarmError('PORT_TAKEN', { port: 443, owner: 'nginx' });

test('a package that one create brought and another used goes with the last of them', async () => {
  agent.failNext('edge.putRoute', portTaken, 2);
  const first = await create('anna');
  const second = await create('boris');
  expect([first.state, second.state]).toEqual(['stopped', 'stopped']);
  expect(agent.installed.size).toBe(1);
  expect((await undo(first)).state).toBe('undone');
  expect(agent.installed.size).toBe(1);
  expect((await undo(second)).state).toBe('undone');
  expect(agent.installed.size).toBe(0);
});

test('a package of an instance that is created stays when another create with it is undone', async () => {
  agent.failNext('edge.putRoute', portTaken);
  const first = await create('anna');
  expect((await create('boris')).state).toBe('done');
  expect((await undo(first)).state).toBe('undone');
  expect(agent.installed.size).toBe(1);
});

test('a package that a create only reserved goes with it, when the instance that brought it has gone meanwhile', async () => {
  expect((await create('boris')).state).toBe('done');
  const reached = Promise.withResolvers<void>();
  const letGo = Promise.withResolvers<void>();
  atDns = () => {
    reached.resolve();
    return letGo.promise;
  };
  const anna = await farm.client.instances.create({ name: 'anna', packageId: staticSite, requestKey: farm.key() });
  await reached.promise;
  await farm.client.jobs.pause({ jobId: anna.id, requestKey: farm.key() });
  letGo.resolve();
  await paused(anna);
  const { id: instanceId } = await farm.client.instances.find({ name: 'boris' });
  expect((await farm.settled(await farm.client.instances.remove({ instanceId, requestKey: farm.key() }))).state).toBe('done');
  expect(agent.installed.size).toBe(1);
  expect((await undo(anna)).state).toBe('undone');
  expect(agent.installed.size).toBe(0);
});

test('the undo of a removal lets a broken application be as broken as it was, and does not wait for its health', async () => {
  expect((await create('anna')).state).toBe('done');
  const { id: instanceId } = await farm.client.instances.find({ name: 'anna' });
  agent.breaks(instanceId);
  const letGo = agent.hold('instances.stop');
  const begun = await farm.client.instances.remove({ instanceId, requestKey: farm.key() });
  for await (const { steps } of await farm.client.jobs.watch({ jobId: begun.id }))
    if (steps.some(({ name, state }) => name === 'stop' && state === 'doing')) break;
  await farm.client.jobs.pause({ jobId: begun.id, requestKey: farm.key() });
  letGo();
  await paused(begun);
  expect(await undo(begun)).toMatchObject({ state: 'undone' });
  expect(agent.instances.get(instanceId)?.instance).toMatchObject({ wanted: 'running', health: 'unhealthy' });
  expect([...agent.routes.values()]).toMatchObject([{ instanceId, state: 'running' }]);
});

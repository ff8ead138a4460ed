import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FarmError } from '#contract/errors.ts';
import { type InstanceId, packageId } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';

let farm: TestCore;
let instanceId: InstanceId;
beforeEach(async () => {
  farm = await createTestCore({ servers: 1 });
  const job = await farm.client.instances.create({ name: 'anna', packageId: packageId.parse('static-site'), requestKey: farm.key() });
  expect((await farm.settled(job)).state).toBe('done');
  instanceId = (await farm.client.instances.find({ name: 'anna' })).id;
});
afterEach(() => farm.close());

type Act = 'start' | 'restart' | 'stop' | 'suspend' | 'resume';
const act = (kind: Act) => farm.client.instances[kind]({ instanceId, requestKey: farm.key() });
const agent = () => {
  const [first] = farm.agents;
  if (first === undefined) throw new Error('no agent');
  return first;
};
const wish = async () => (await farm.drivers.store.instances.get(instanceId))?.wish;
const route = () => agent().routes.get('anna.farm.test')?.state;
const process = () => agent().instances.get(instanceId)?.instance.process.state;
const code = async () => (await farm.client.instances.find({ name: 'anna' })).condition.code;
const cut = (isCut: boolean): void => farm.links.cut('oak.test:7443', isCut);
const died = new FarmError('APPLICATION_DIED', { name: 'anna', exitCode: '1', lastLine: 'no' });
/** As an agent that was told to start and did not see the application answer: it goes on trying. */
const startsLate = (): void => {
  agent().failNext('instances.start', new FarmError('APPLICATION_NOT_HEALTHY', { name: 'anna', path: '/', answered: '503', seconds: 60 }));
  agent().change(instanceId, { wanted: 'running', process: { state: 'starting', processId: 7, startedAtMs: 1 } });
};

describe('a start that failed', () => {
  test('and goes on at its agent is what is wanted: it is not told as stopped by a person', async () => {
    await act('stop');
    startsLate();
    await expect(act('start')).rejects.toMatchObject({ code: 'APPLICATION_NOT_HEALTHY' });
    expect(await wish()).toBe('running');
    agent().change(instanceId, { process: { state: 'running', processId: 7, startedAtMs: 1 }, health: 'healthy' });
    await expect.poll(code).toBe('running');
  });

  test('and was never begun leaves it stopped', async () => {
    await act('stop');
    agent().failNext('instances.start', died);
    await expect(act('start')).rejects.toMatchObject({ code: 'APPLICATION_DIED' });
    expect([await wish(), await code()]).toEqual(['stopped', 'stopped']);
    cut(true);
    await expect(act('start')).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' });
    expect(await wish()).toBe('stopped');
  });
});

describe('a resume that failed', () => {
  test('leaves the page that says so, and nothing that comes on the air by itself', async () => {
    await act('suspend');
    startsLate();
    await expect(act('resume')).rejects.toMatchObject({ code: 'APPLICATION_NOT_HEALTHY' });
    expect([await wish(), route(), process(), await code()]).toEqual(['suspended', 'suspended', 'none', 'suspended']);
    expect((await act('resume')).condition.code).toBe('running');
    expect([await wish(), route()]).toEqual(['running', 'running']);
  });

  test('never shows visitors anything else while it is tried', async () => {
    await act('suspend');
    const release = agent().hold('instances.start');
    const resuming = act('resume');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(route()).toBe('suspended');
    release();
    await resuming;
    expect(route()).toBe('running');
  });

  test('because its server was cut off is taken back when the server is back', async () => {
    await act('suspend');
    const release = agent().hold('instances.start');
    const failing = expect(act('resume')).rejects.toMatchObject({ code: 'APPLICATION_DIED' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    cut(true);
    agent().failNext('instances.start', died);
    agent().change(instanceId, { wanted: 'running', process: { state: 'running', processId: 7, startedAtMs: 1 } });
    release();
    await failing;
    expect([await wish(), process()]).toEqual(['suspended', 'running']);
    cut(false);
    await expect.poll(process).toBe('none');
    expect([await wish(), route()]).toEqual(['suspended', 'suspended']);
  });
});

describe.each([
  ['suspend', 'suspended', 'suspended'],
  ['stop', 'stopped', 'broken'],
] as const)('a %s that is cut off', (kind, wanted, page) => {
  test.each(['instances.describe', 'edge.putRoute', 'instances.stop'])('at %s is settled when the server is back', async (command) => {
    const release = agent().hold(command);
    const acting = act(kind).catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 50));
    // from here on as after kill -9: what is saved is all that is left of it
    expect(await wish()).toBe(wanted);
    cut(true);
    agent().failNext(command, new FarmError('SERVER_UNREACHABLE', { server: 'Oak', address: 'x', cause: 'closed' }));
    release();
    await acting;
    cut(false);
    // what was suspended is not served; a stop that never came there, and was told as failed, has not happened
    const [word, now, state] = kind === 'suspend' ? [wanted, page, 'none'] : ['running', 'running', 'running'];
    await expect.poll(async () => [route(), process(), await wish(), await code()]).toEqual([now, state, word, word]);
  });

  test('by an agent that refuses it is taken back', async () => {
    agent().failNext('instances.stop', new FarmError('NOT_PERMITTED_BY_OS', { what: 'kill' }));
    await expect(act(kind)).rejects.toMatchObject({ code: 'NOT_PERMITTED_BY_OS' });
    expect([await wish(), route(), await code()]).toEqual(['running', 'running', 'running']);
  });

  test('of an instance that is not at its agent changes nothing', async () => {
    agent().instances.delete(instanceId);
    await expect(act(kind)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await wish()).toBe('running');
  });

  test('with a server that is away changes nothing', async () => {
    cut(true);
    await expect(act(kind)).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' });
    expect(await wish()).toBe('running');
  });
});

test('a stop whose agent was told, and that was cut off before it was saved as done, stays one', async () => {
  const release = agent().hold('instances.stop');
  const stopping = act('stop').catch((error: unknown) => error);
  await new Promise((resolve) => setTimeout(resolve, 50));
  cut(true);
  agent().change(instanceId, { wanted: 'stopped', process: { state: 'none' } });
  agent().failNext('instances.stop', new FarmError('SERVER_UNREACHABLE', { server: 'Oak', address: 'x', cause: 'closed' }));
  release();
  await stopping;
  cut(false);
  await expect.poll(route).toBe('broken');
  expect([await wish(), await code()]).toEqual(['stopped', 'stopped']);
});

test('an instance that runs and is told as stopped, as an earlier start left it, is told as running after a connection', async () => {
  await act('stop');
  agent().change(instanceId, { wanted: 'running', process: { state: 'running', processId: 7, startedAtMs: 1 }, health: 'healthy' });
  expect(await code()).toBe('stopped');
  cut(true);
  cut(false);
  await expect.poll(async () => [await code(), process(), route()]).toEqual(['running', 'running', 'running']);
});

test('an act that is under way is not taken back by a connection', async () => {
  await act('suspend');
  const release = agent().hold('instances.start');
  const resuming = act('resume');
  cut(true);
  cut(false);
  await new Promise((resolve) => setTimeout(resolve, 50));
  release();
  await resuming;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([await wish(), route(), process()]).toEqual(['running', 'running', 'running']);
});

test('one instance that is not at its agent is in nobody else’s way', async () => {
  const job = await farm.client.instances.create({ name: 'berta', packageId: packageId.parse('static-site'), requestKey: farm.key() });
  await farm.settled(job);
  cut(true);
  agent().instances.delete(instanceId);
  for (const host of ['anna.farm.test', 'berta.farm.test']) agent().routes.delete(host);
  cut(false);
  await expect.poll(() => agent().routes.get('berta.farm.test')?.state).toBe('running');
  await expect.poll(code).toBe('missing');
  expect((await farm.client.instances.find({ name: 'berta' })).condition.code).toBe('running');
});

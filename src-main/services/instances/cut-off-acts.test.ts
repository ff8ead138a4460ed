import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
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
const begin = (kind: Act) => farm.client.instances[kind]({ instanceId, requestKey: farm.key() });
const act = async (kind: Act): Promise<JobView> => farm.settled(await begin(kind));
const done = async (kind: Act) => expect(await act(kind)).toMatchObject({ state: 'done', type: kind });
const failed = (code: string) => ({ state: 'failed', failure: { code } });
const agent = () => {
  const [first] = farm.agents;
  if (first === undefined) throw new Error('no agent');
  return first;
};
const desired = async () => (await farm.drivers.store.instances.get(instanceId))?.desired;
const route = () => agent().routes.get('anna.farm.test')?.state;
const process = () => agent().instances.get(instanceId)?.instance.process.state;
const code = async () => (await farm.client.instances.find({ name: 'anna' })).condition.code;
const cut = (isCut: boolean): void => farm.links.cut('oak.test:7443', isCut);
const soon = () => new Promise((resolve) => setTimeout(resolve, 50));
const died = new FarmError('APPLICATION_DIED', { name: 'anna', exitCode: '1', lastLine: 'no' });
const closed = new FarmError('SERVER_UNREACHABLE', { server: 'Oak', address: 'x', cause: 'closed' });
/** Whatever an act came to, nobody is locked out. */
const isFree = async () => expect(await farm.drivers.store.locks.find()).toEqual([]);
/** As an agent that was told to start and did not see the application answer: it goes on trying. */
const startsLate = (): void => {
  agent().failNext('instances.start', new FarmError('APPLICATION_NOT_HEALTHY', { name: 'anna', path: '/', answered: '503', seconds: 60 }));
  agent().change(instanceId, { wanted: 'running', process: { state: 'starting', processId: 7, startedAtMs: 1 } });
};

describe('an act', () => {
  test('is a job that is followed to its end, and the same request is the same job', async () => {
    const requestKey = farm.key();
    const first = await farm.client.instances.restart({ instanceId, requestKey });
    expect(first).toMatchObject({ type: 'restart', subject: { kind: 'instance', id: instanceId, name: 'anna' }, canUndo: true });
    const ended = await farm.settled(first);
    expect(ended.steps.map(({ name, state }) => `${name} ${state}`)).toEqual(
      ['save', 'restart', 'route', 'outside'].map((name) => `${name} done`),
    );
    expect((await farm.client.instances.restart({ instanceId, requestKey })).id).toBe(first.id);
    await isFree();
  });

  test('restarts into another process', async () => {
    const before = agent().instances.get(instanceId)?.instance.process;
    await done('restart');
    const after = agent().instances.get(instanceId)?.instance.process;
    expect([before?.state, after?.state]).toEqual(['running', 'running']);
    expect(after).not.toEqual(before);
  });

  test('shows in the state of the instance while it is under way, and refuses the others naming its job', async () => {
    const release = agent().hold('instances.stop');
    const job = await begin('suspend');
    await expect.poll(code).toBe('suspending');
    expect(await desired()).toBe('suspended');
    const view = await farm.client.instances.find({ name: 'anna' });
    expect([view.jobId, view.condition.mark]).toEqual([job.id, 'working']);
    for (const other of ['start', 'stop', 'restart', 'suspend', 'resume', 'remove'] as const)
      await expect(farm.client.instances[other]({ instanceId, requestKey: farm.key() })).rejects.toMatchObject({
        code: 'OBJECT_BUSY',
        data: { jobId: job.id },
      });
    release();
    expect((await farm.settled(job)).state).toBe('done');
    const after = await farm.client.instances.find({ name: 'anna' });
    expect([after.jobId, after.condition.code]).toEqual([undefined, 'suspended']);
  });

  test('that makes no sense now makes no job', async () => {
    await done('suspend');
    const before = (await farm.client.jobs.list({})).jobs.length;
    for (const kind of ['start', 'stop', 'restart'] as const) await expect(begin(kind)).rejects.toMatchObject({ code: 'INSTANCE_STATE' });
    expect((await farm.client.jobs.list({})).jobs).toHaveLength(before);
  });

  test('is one line in the story of the instance', async () => {
    await done('restart');
    agent().failNext('instances.start', died);
    await done('stop');
    expect(await act('start')).toMatchObject(failed('APPLICATION_DIED'));
    const { lines } = await farm.client.instances.log({ instanceId });
    const told = lines.filter(({ stream }) => stream === 'farm').map(({ code: said, parameters }) => `${said} ${parameters?.['type']}`);
    expect(told.slice(-3)).toEqual(['job.done restart', 'job.done stop', 'job.failed start']);
  });

  test('green means seen from outside: a page that is not the wanted one is no success', async () => {
    const release = agent().hold('instances.stop');
    const job = await begin('suspend');
    await expect.poll(route).toBe('suspended');
    release();
    // somebody's hand at the edge, while the act looks
    const timer = setInterval(() => {
      const found = agent().routes.get('anna.farm.test');
      if (found !== undefined && process() === 'none') agent().routes.set('anna.farm.test', { ...found, state: 'broken' });
    }, 1);
    const ended = await farm.settled(job);
    clearInterval(timer);
    expect(ended).toMatchObject({ ...failed('OUTSIDE_PAGE'), steps: [{}, {}, {}, { name: 'outside', state: 'failed' }] });
    expect(await desired()).toBe('suspended');
    await isFree();
  }, 30_000);
});

describe('a start that failed', () => {
  test('and goes on at its agent is what is wanted: it is not told as stopped by a person', async () => {
    await done('stop');
    startsLate();
    expect(await act('start')).toMatchObject(failed('APPLICATION_NOT_HEALTHY'));
    expect(await desired()).toBe('running');
    agent().change(instanceId, { process: { state: 'running', processId: 7, startedAtMs: 1 }, health: 'healthy' });
    await expect.poll(code).toBe('running');
    await isFree();
  });

  test('and was never begun leaves it stopped', async () => {
    await done('stop');
    agent().failNext('instances.start', died);
    expect(await act('start')).toMatchObject(failed('APPLICATION_DIED'));
    expect([await desired(), await code()]).toEqual(['stopped', 'stopped']);
    cut(true);
    expect(await act('start')).toMatchObject(failed('SERVER_UNREACHABLE'));
    expect(await desired()).toBe('stopped');
    await isFree();
  });
});

describe('a resume that failed', () => {
  test('leaves the page that says so, and nothing that comes on the air by itself', async () => {
    await done('suspend');
    startsLate();
    expect(await act('resume')).toMatchObject(failed('APPLICATION_NOT_HEALTHY'));
    expect([await desired(), route(), process(), await code()]).toEqual(['suspended', 'suspended', 'none', 'suspended']);
    await done('resume');
    expect([await desired(), route(), await code()]).toEqual(['running', 'running', 'running']);
  });

  test('never shows visitors anything else while it is tried', async () => {
    await done('suspend');
    const release = agent().hold('instances.start');
    const job = await begin('resume');
    await soon();
    expect([route(), await code()]).toEqual(['suspended', 'resuming']);
    release();
    await farm.settled(job);
    expect(route()).toBe('running');
  });

  test('because its server was cut off is taken back when the server is back', async () => {
    await done('suspend');
    const release = agent().hold('instances.start');
    const job = await begin('resume');
    await soon();
    cut(true);
    agent().failNext('instances.start', died);
    agent().change(instanceId, { wanted: 'running', process: { state: 'running', processId: 7, startedAtMs: 1 } });
    release();
    expect(await farm.settled(job)).toMatchObject(failed('APPLICATION_DIED'));
    expect([await desired(), process()]).toEqual(['suspended', 'running']);
    cut(false);
    await expect.poll(process).toBe('none');
    expect([await desired(), route()]).toEqual(['suspended', 'suspended']);
  });
});

describe.each([
  ['suspend', 'suspended', 'suspended'],
  ['stop', 'stopped', 'broken'],
] as const)('a %s', (kind, wanted, page) => {
  const isSo = async () =>
    expect.poll(async () => [route(), process(), await desired(), await code()]).toEqual([page, 'none', wanted, wanted]);

  test.each(['edge.routes', 'instances.describe', 'instances.stop'])(
    'whose link breaks at %s stays what is wanted, and is done when it is back',
    async (command) => {
      const release = agent().hold(command);
      const job = await begin(kind);
      await soon();
      expect(await desired()).toBe(wanted);
      cut(true);
      agent().failNext(command, closed);
      release();
      expect(await farm.settled(job)).toMatchObject(failed('SERVER_UNREACHABLE'));
      expect(await desired()).toBe(wanted);
      await isFree();
      cut(false);
      await isSo();
    },
  );

  test('whose server is away fails at once, stays what is wanted, and is done when the server is back', async () => {
    cut(true);
    expect(await act(kind)).toMatchObject(failed('SERVER_UNREACHABLE'));
    expect([await desired(), process(), await code()]).toEqual([wanted, 'running', kind === 'stop' ? 'stopping' : 'suspending']);
    await isFree();
    cut(false);
    await isSo();
  });

  test('by an agent that refuses it is taken back', async () => {
    agent().failNext('instances.stop', new FarmError('NOT_PERMITTED_BY_OS', { what: 'kill' }));
    expect(await act(kind)).toMatchObject(failed('NOT_PERMITTED_BY_OS'));
    expect([await desired(), route(), await code()]).toEqual(['running', 'running', 'running']);
    await isFree();
  });

  test('of an instance that is not at its agent changes nothing', async () => {
    agent().instances.delete(instanceId);
    agent().routes.delete('anna.farm.test');
    expect(await act(kind)).toMatchObject(failed('NOT_FOUND'));
    expect(await desired()).toBe('running');
    await isFree();
  });

  test('that is undone by a person gives back what was there', async () => {
    const release = agent().hold('instances.stop');
    const job = await begin(kind);
    await soon();
    await farm.client.jobs.pause({ jobId: job.id, requestKey: farm.key() });
    release();
    await expect.poll(async () => (await farm.client.jobs.get({ jobId: job.id })).state).toBe('paused');
    expect(await desired()).toBe(wanted);
    const undone = await farm.settled(await farm.client.jobs.undo({ jobId: job.id, requestKey: farm.key() }));
    expect(undone).toMatchObject({ state: 'undone' });
    expect([route(), process(), await desired(), await code()]).toEqual(['running', 'running', 'running', 'running']);
    await isFree();
  });
});

test('an act that is under way is not taken back by a connection', async () => {
  await done('suspend');
  const release = agent().hold('instances.start');
  const job = await begin('resume');
  cut(true);
  cut(false);
  await soon();
  release();
  await farm.settled(job);
  await soon();
  expect([await desired(), route(), process()]).toEqual(['running', 'running', 'running']);
});

test('an instance that is wanted to run, and was ended at its agent while nobody was connected, runs again after a connection', async () => {
  cut(true);
  agent().change(instanceId, { wanted: 'stopped', process: { state: 'none' }, health: 'unknown' });
  cut(false);
  await expect.poll(async () => [process(), route(), await desired(), await code()]).toEqual(['running', 'running', 'running', 'running']);
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

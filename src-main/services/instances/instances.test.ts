import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { packageId } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';

const tiddlywiki = packageId.parse('tiddlywiki');
const staticSite = packageId.parse('static-site');
let farm: TestCore;

beforeAll(async () => {
  farm = await createTestCore({ servers: 3 });
});
afterAll(() => farm.close());

const ended = (job: JobView): Promise<JobView> => farm.settled(job);
const create = (name: string, more: Partial<Parameters<TestCore['client']['instances']['create']>[0]> = {}) =>
  farm.client.instances.create({ name, packageId: tiddlywiki, requestKey: farm.key(), ...more });
const made = async (name: string, more = {}) => {
  const job = await ended(await create(name, more));
  expect(job.failure).toBeUndefined();
  expect(job.state).toBe('done');
  return { job, instance: await farm.client.instances.find({ name }) };
};
const removed = async (name: string) => {
  const { id } = await farm.client.instances.find({ name });
  return ended(await farm.client.instances.remove({ instanceId: id, requestKey: farm.key() }));
};

describe('an instance', () => {
  test('is created, seen from outside, handed over once, and removed with a proof', async () => {
    const { job, instance } = await made('anna', { customer: { name: 'Анна', language: 'ru' } });
    expect(job.steps.map(({ name, state }) => `${name} ${state}`)).toEqual(
      ['check', 'place', 'dns', 'package', 'setup', 'start', 'route', 'outside', 'handover'].map((name) => `${name} done`),
    );
    expect(job.placement).toHaveLength(3);
    expect(instance).toMatchObject({ host: 'anna.farm.test', url: 'https://anna.farm.test', condition: { mark: 'good', code: 'running' } });
    expect(instance.jobId).toBeUndefined();
    const { road } = await farm.client.instances.get({ instanceId: instance.id });
    expect(road.map(({ stone, mark, code }) => `${stone} ${mark} ${code}`)).toEqual([
      'name good answers',
      'certificate good valid',
      'edge good reached',
      'application good answers',
      'selfCheck unknown none',
    ]);

    const [first, second] = await Promise.all(
      [1, 2].map(() => farm.client.instances.handOver({ instanceId: instance.id, requestKey: farm.key() })),
    );
    const passwords = [first?.password, second?.password].filter((password) => password !== undefined);
    expect(passwords).toHaveLength(1);
    expect(passwords[0]).toMatch(/^[a-z0-9]{4}(-[a-z0-9]{4}){3}$/);
    const letter = [first, second].find((one) => one?.password !== undefined)?.letter ?? '';
    expect(letter).toContain('Анна');
    expect(letter).toContain(passwords[0]);
    expect(farm.logLines.join('\n')).not.toContain(passwords[0]);
    expect(JSON.stringify(await farm.drivers.store.instances.find())).not.toContain(passwords[0]);

    const gone = await removed('anna');
    expect(gone).toMatchObject({ state: 'done', canUndo: false });
    expect(gone.traces.map(({ code, isPresent }) => `${code} ${isPresent}`)).toEqual(
      ['process', 'port', 'folder', 'user', 'log', 'route', 'record', 'package', 'row'].map((code) => `${code} false`),
    );
    expect(gone.traces.find(({ code }) => code === 'record')?.witness).toContain('127.0.0.1');
    for (const agent of farm.agents) expect([agent.instances.size, agent.routes.size, agent.installed.size]).toEqual([0, 0, 0]);
    expect(await farm.drivers.store.ownedRecords.find()).toEqual([]);
    await expect(farm.client.instances.find({ name: 'anna' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('has a name that is valid, free and proposed from any script', async () => {
    const { instance } = await made('berta', { packageId: staticSite });
    const check = (name: string) => farm.client.instances.checkName({ name });
    expect(await check('clara')).toEqual({ verdict: 'free', label: 'clara', url: 'https://clara.farm.test' });
    expect(await check('Анна')).toMatchObject({ verdict: 'refused', code: 'NAME_INVALID', proposal: 'anna' });
    expect(await check('berta')).toMatchObject({ verdict: 'refused', code: 'NAME_TAKEN', proposal: 'berta-2' });
    expect(await check('www')).toMatchObject({ verdict: 'refused', code: 'NAME_RESERVED' });
    await expect(create('berta')).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    await expect(create('Вера')).rejects.toMatchObject({ code: 'NAME_INVALID', data: { reason: 'script', proposal: 'vera' } });
    await expect(create('-x')).rejects.toMatchObject({ code: 'NAME_INVALID', data: { reason: 'hyphen' } });
    await expect(create('dora', { parameters: { color: 'red' } })).rejects.toMatchObject({ code: 'PARAMETER_INVALID' });
    await expect(create('dora', { parameters: { password: 'short' } })).rejects.toMatchObject({
      code: 'PARAMETER_INVALID',
      data: { parameter: 'password', problem: 'minLength' },
    });
    const askWith = (parameters: Record<string, string>) => farm.client.instances.checkParameters({ packageId: tiddlywiki, parameters });
    await expect(askWith({ password: 'short' })).rejects.toMatchObject({ code: 'PARAMETER_INVALID', data: { problem: 'minLength' } });
    expect(await askWith({ password: 'long-enough-for-anybody' })).toEqual({});
    await expect(create('dora', { planId: instance.plan.id })).rejects.toMatchObject({ code: 'PLAN_NOT_OF_PACKAGE' });
    expect(await farm.drivers.store.instances.find({ name: 'dora' })).toEqual([]);
    await removed('berta');
  });

  test('is stopped, started, suspended and resumed, and its route says so', async () => {
    const { instance } = await made('emil', { packageId: staticSite });
    const act = { instanceId: instance.id };
    type Kind = 'start' | 'stop' | 'suspend' | 'resume';
    const done = async (kind: Kind) => {
      const job = await farm.settled(await farm.client.instances[kind]({ ...act, requestKey: farm.key() }));
      expect([kind, job.state, job.failure]).toEqual([kind, 'done', undefined]);
      return (await farm.client.instances.get(act)).instance.condition;
    };
    const agent = farm.agents.find(({ name }) => name === instance.server?.name);
    const route = () => agent?.routes.get('emil.farm.test')?.state;
    expect((await done('stop')).code).toBe('stopped');
    expect(route()).toBe('broken');
    expect((await done('start')).code).toBe('running');
    expect(route()).toBe('running');
    expect(await done('suspend')).toMatchObject({ mark: 'paused', code: 'suspended' });
    expect(route()).toBe('suspended');
    expect((await farm.client.instances.get(act)).road[3]).toMatchObject({ stone: 'application', mark: 'paused', code: 'not-running' });
    await expect(farm.client.instances.start({ ...act, requestKey: farm.key() })).rejects.toMatchObject({
      code: 'INSTANCE_STATE',
      data: { state: 'suspended', wanted: 'start' },
    });
    agent?.failNext('instances.start', new FarmError('APPLICATION_DIED', { name: 'emil', exitCode: '1', lastLine: 'no' }));
    const failed = await farm.settled(await farm.client.instances.resume({ ...act, requestKey: farm.key() }));
    expect(failed).toMatchObject({ state: 'failed', failure: { code: 'APPLICATION_DIED' } });
    expect(route()).toBe('suspended');
    expect((await done('resume')).code).toBe('running');
    const { road } = await farm.client.instances.check({ ...act, requestKey: farm.key() });
    expect(road[3]).toMatchObject({ stone: 'application', mark: 'good', code: 'answers' });
    agent?.routes.delete('emil.farm.test');
    const broken = await farm.client.instances.check({ ...act, requestKey: farm.key() });
    expect(broken.road[3]).toMatchObject({ stone: 'application', mark: 'bad', code: 'status', parameters: { status: '421' } });
    const { lines } = await farm.client.instances.log({ instanceId: instance.id });
    expect(lines.findLast(({ stream }) => stream === 'out')?.text).toContain('listens on port');
    expect((await removed('emil')).state).toBe('done');
  });

  test('whose application dies is stopped with its cause, and undone without a trace', async () => {
    for (const agent of farm.agents)
      agent.failNext('instances.start', new FarmError('APPLICATION_DIED', { name: 'frida', exitCode: '3', lastLine: 'no port' }));
    const stopped = await ended(await create('frida', { customer: { name: 'Frida' } }));
    expect(stopped).toMatchObject({
      state: 'stopped',
      canUndo: true,
      failure: { code: 'APPLICATION_DIED', parameters: { exitCode: '3' } },
    });
    const view = await farm.client.instances.find({ name: 'frida' });
    expect(view.condition).toMatchObject({ mark: 'warning', code: 'half-made' });
    await expect(farm.client.instances.start({ instanceId: view.id, requestKey: farm.key() })).rejects.toMatchObject({
      code: 'OBJECT_BUSY',
      data: { jobId: stopped.id },
    });
    // nobody asks for a removal of what was never made: what was made of it goes away by the job that made it
    const taken = await farm.client.instances.remove({ instanceId: view.id, requestKey: farm.key() });
    expect(taken).toMatchObject({ id: stopped.id, type: 'create', state: 'undoing' });
    const undone = await ended(taken);
    expect(undone.state).toBe('undone');
    expect(undone.traces.length).toBeGreaterThan(6);
    expect(undone.traces.every(({ isPresent }) => !isPresent)).toBe(true);
    expect(await farm.drivers.store.customers.find({ name: 'Frida' })).toEqual([]);
    for (const agent of farm.agents) {
      agent.failNext('instances.start', new FarmError('APPLICATION_DIED', { name: '', exitCode: '', lastLine: '' }), 0);
      expect([agent.instances.size, agent.routes.size, agent.installed.size]).toEqual([0, 0, 0]);
    }
  });

  test('never takes a name in DNS that is somebody else’s', async () => {
    const domain = (await farm.drivers.store.domains.find())[0];
    if (domain === undefined) throw new Error('no domain');
    const probed = await ended(await create('gustav'));
    expect(probed.state).toBe('done');
    // the same address as ours, but not put there by us
    const records = await farm.drivers.store.ownedRecords.find();
    for (const record of records) await farm.drivers.store.ownedRecords.remove(record.id);
    const job = await removed('gustav');
    expect(job).toMatchObject({ state: 'done' });
    const [record] = records;
    const refusal = { code: 'DNS_UNSAFE', data: { name: 'gustav.farm.test', found: `A ${record?.value}` } };
    await expect(create('gustav')).rejects.toMatchObject(refusal);
    expect(await farm.drivers.store.instances.find({ name: 'gustav' })).toEqual([]);
    expect(await farm.client.instances.checkName({ name: 'gustav' })).toEqual({
      verdict: 'refused',
      code: 'DNS_UNSAFE',
      parameters: refusal.data,
      proposal: 'gustav-2',
    });
  });

  test('ten at once are spread, and each server says why', async () => {
    const jobs = await Promise.all(Array.from({ length: 10 }, (_, at) => create(`hans-${at}`, { packageId: staticSite })));
    const all = await Promise.all(jobs.map(ended));
    expect(all.map(({ state }) => state)).toEqual(Array(10).fill('done'));
    const counts = farm.agents.map((agent) => agent.instances.size);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    const page = await farm.client.instances.query({ sort: 'name', limit: 4, filter: { text: 'hans' } });
    expect(page.total).toBe(10);
    expect(page.rows.map(({ name }) => name)).toEqual(['hans-0', 'hans-1', 'hans-2', 'hans-3']);
    expect(page.counts.good).toBe(10);
    await Promise.all(all.map(({ subject }) => removed(subject.name)));
    expect(farm.agents.map((agent) => agent.installed.size)).toEqual([0, 0, 0]);
  });

  test('goes where a person says, unless a hard rule forbids it', async () => {
    const servers = (await farm.client.servers.list()).servers;
    const last = servers.at(-1);
    if (last === undefined) throw new Error('no server');
    const { instance } = await made('ida', { serverId: last.id, packageId: staticSite });
    expect(instance.server?.id).toBe(last.id);
    await removed('ida');
    await farm.client.servers.update({ serverId: last.id, isDraining: true, requestKey: farm.key() });
    const refused = await ended(await create('ida', { serverId: last.id, packageId: staticSite }));
    expect(refused).toMatchObject({ state: 'stopped', failure: { code: 'SERVER_DOES_NOT_FIT', parameters: { reason: 'draining' } } });
    expect(refused.placement).toHaveLength(3);
    await ended(await farm.client.jobs.undo({ jobId: refused.id, requestKey: farm.key() }));
    await farm.client.servers.update({ serverId: last.id, isDraining: false, requestKey: farm.key() });
  });
});

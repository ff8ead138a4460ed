import { afterEach, describe, expect, test } from 'vitest';
import { FarmError } from '#contract/errors.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { systemClock } from '../../drivers/system/clock.ts';

let core: TestCore;
afterEach(() => core.close());

const page = (reference: string, instanceId?: string) => ({
  ...{ reference, atMs: Date.now(), kind: 'broken', status: 503, host: 'anna.farm.test', cause: 'refused' },
  ...(instanceId === undefined ? {} : { instanceId }),
});

describe('a reference', () => {
  test('of a page leads to instance, server, minute, cause and line; that of a removed instance to its id', async () => {
    core = await createTestCore({ servers: 2 });
    const packageId = 'tiddlywiki';
    const { plans } = await core.client.plans.list({ packageId });
    const job = await core.client.instances.create({
      name: 'anna',
      packageId,
      planId: plans[0]?.id ?? expect.fail('no plan'),
      customer: { name: 'Anna' },
      requestKey: core.key(),
    });
    const { subject, state } = await core.settled(job);
    expect(state).toBe('done');
    const line = JSON.stringify({ event: 'page', reference: '4F7K-2MQX' });
    core.agents[1]?.references.set('4F7K-2MQX', { page: page('4F7K-2MQX', subject.id), logged: { log: 'edge.log', atMs: 1, line } });
    core.agents[0]?.references.set('4F7K-2MQY', { page: page('4F7K-2MQY', 'gone') });
    const answer = await core.client.monitoring.find({ reference: ' 4f7k 2mqx' });
    expect(answer).toMatchObject({
      reference: '4F7K-2MQX',
      found: [
        {
          source: 'page',
          server: { name: 'Pine' },
          page: { kind: 'broken', status: 503, host: 'anna.farm.test' },
          instance: { id: subject.id, name: 'anna', url: expect.stringContaining('anna.farm.test') },
          cause: 'refused',
          log: { name: 'edge.log', line },
        },
      ],
      unasked: [],
    });
    expect(Math.abs((answer.found[0]?.atMs ?? 0) - Date.now())).toBeLessThan(60_000);
    expect((await core.client.monitoring.find({ reference: '4F7K2MQY' })).found).toMatchObject([{ instance: { id: 'gone' } }]);
    expect(await core.client.monitoring.find({ reference: '4F7K2MQZ' })).toEqual({ reference: '4F7K-2MQZ', found: [], unasked: [] });
  });

  test('of a fault of an agent, and of a job that met one, leads to its line', async () => {
    core = await createTestCore({
      servers: 1,
      around: (_address, command, call) => (command === 'instances.start' ? Promise.reject(new Error('planted')) : call()),
    });
    const line = JSON.stringify({ event: 'bug', reference: '1f0c2a9b7e', message: 'lost' });
    core.agents[0]?.references.set('1f0c2a9b7e', { logged: { log: 'agent.log', atMs: 5000, line } });
    expect((await core.client.monitoring.find({ reference: '1F0C2A9B7E' })).found).toMatchObject([
      { source: 'server', server: { name: 'Oak' }, cause: 'lost', log: { name: 'agent.log', line } },
    ]);
    const { plans } = await core.client.plans.list({ packageId: 'tiddlywiki' });
    const begun = { name: 'anna', packageId: 'tiddlywiki', planId: plans[0]?.id ?? expect.fail('no plan'), customer: { name: 'Anna' } };
    const stopped = await core.settled(await core.client.instances.create({ ...begun, requestKey: core.key() }));
    const reference = stopped.failure?.reference ?? expect.fail('no reference');
    const { found } = await core.client.monitoring.find({ reference: reference.toLowerCase() });
    expect(found).toMatchObject([{ source: 'core', jobId: stopped.id, cause: expect.stringContaining('planted') }]);
    expect(found[0]?.log?.line).not.toContain('stack');
  });

  test('one server that says nothing, one that is away and one that is too old are told, and hide nothing of the others', async () => {
    const silent = new Promise<never>(() => undefined);
    core = await createTestCore({
      servers: 4,
      clock: { ...systemClock, after: (ms, act) => systemClock.after(ms === 4000 ? 200 : ms, act) },
      around: (address, command, call) => (command === 'servers.findReference' && address.startsWith('pine') ? silent : call()),
    });
    core.agents[0]?.references.set('4F7K-2MQX', { page: page('4F7K-2MQX') });
    core.links.cut('larch.test:7443', true);
    core.agents[3]?.failNext(
      'servers.findReference',
      new FarmError('COMMAND_MISSING', { server: 'Rowan', command: 'servers.findReference' }),
    );
    const { found, unasked } = await core.client.monitoring.find({ reference: '4F7K-2MQX' });
    expect(found).toMatchObject([{ server: { name: 'Oak' } }]);
    expect(unasked).toMatchObject([
      { server: { name: 'Pine' }, failure: { code: 'SERVER_UNREACHABLE', parameters: { cause: 'silent' } } },
      { server: { name: 'Larch' }, failure: { code: 'SERVER_UNREACHABLE' } },
      { server: { name: 'Rowan' }, failure: { code: 'COMMAND_MISSING' } },
    ]);
  });

  test('is looked for without a farm, and our own log that cannot be read hides no server', async () => {
    core = await createTestCore();
    expect(await core.client.monitoring.find({ reference: 'F-2C9Q41' })).toEqual({ reference: 'F-2C9Q41', found: [], unasked: [] });
    await core.close();
    core = await createTestCore({ servers: 1, drivers: { findLogged: () => Promise.reject(new Error('EIO')) } });
    core.agents[0]?.references.set('4F7K-2MQX', { page: page('4F7K-2MQX') });
    const { found, unasked } = await core.client.monitoring.find({ reference: '4F7K-2MQX' });
    expect(found).toMatchObject([{ server: { name: 'Oak' } }]);
    expect(unasked).toEqual([{ failure: { code: 'INTERNAL', parameters: {}, reference: expect.stringMatching(/^F-/) } }]);
  });

  test('that is none is refused, and nobody is asked; who may only look is told nothing', async () => {
    const asked: string[] = [];
    core = await createTestCore({
      servers: 1,
      around: (_address, command, call) => {
        asked.push(command);
        return call();
      },
    });
    for (const none of ['', '../../etc/passwd', '.*', 'A'.repeat(200), '4F7K-2MQU'])
      await expect(core.client.monitoring.find({ reference: none })).rejects.toMatchObject({ code: 'REFERENCE_INVALID' });
    for (const hidden of ['4F7K-2MQX\u0000', '4F7K\n2MQX', '\u202e4F7K-2MQX'])
      await expect(core.client.monitoring.find({ reference: hidden })).rejects.toMatchObject({ code: 'TEXT_INVALID' });
    const look = core.as('look').monitoring.find({ reference: '4F7K-2MQX' });
    await expect(look).rejects.toMatchObject({ code: 'PERMISSION_MISSING', data: { needed: 'operate' } });
    expect(asked).not.toContain('servers.findReference');
    await core.as('operate').monitoring.find({ reference: '4F7K-2MQX' });
    expect(asked).toContain('servers.findReference');
  });
});

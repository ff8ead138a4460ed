import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageId, type ServerId } from '#contract/ids.ts';
import { createFakeAgent } from '../../testing/fake-agent.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';

let farm: TestCore;
beforeEach(async () => {
  farm = await createTestCore({ servers: 2 });
});
afterEach(() => farm.close());

const names = async (): Promise<string[]> => (await farm.client.servers.list()).servers.map(({ name }) => name).sort();
const oak = async () => {
  const found = (await farm.client.servers.list()).servers.find(({ name }) => name === 'Oak');
  if (found === undefined) throw new Error('no Oak');
  return found.id;
};

const remove = async (serverId: ServerId, isGivenUp = false) =>
  farm.settled(await farm.client.servers.remove({ serverId, requestKey: farm.key(), isGivenUp }));
const agentOf = (name: string) => farm.agents.find((agent) => agent.name === name);
const row = (serverId: ServerId) => farm.drivers.store.servers.get(serverId);

test('an empty server leaves, and its agent with it, with a proof', async () => {
  const left = await remove(await oak());
  expect(left).toMatchObject({ type: 'remove-server', state: 'done', subject: { kind: 'server', name: 'Oak' } });
  expect(left.traces).toMatchObject([
    { code: 'membership', isPresent: false, witness: 'Oak' },
    { code: 'row', isPresent: false },
  ]);
  expect(await names()).toEqual(['Pine']);
  expect(agentOf('Oak')?.farm()).toBeUndefined();
  expect(await farm.drivers.store.locks.find()).toEqual([]);
});

test('one whose agent cannot be told waits, is offered to nobody, and stays when that is undone', async () => {
  const serverId = await oak();
  farm.links.cut('oak.test:7443', true);
  const stopped = await remove(serverId);
  expect(stopped).toMatchObject({ state: 'stopped', failure: { code: 'SERVER_UNREACHABLE' }, canUndo: true });
  expect(await names()).toEqual(['Oak', 'Pine']);
  expect((await farm.client.servers.get({ serverId })).condition.code).toBe('leaving');
  farm.links.cut('oak.test:7443', false);
  expect((await farm.settled(await farm.client.jobs.undo({ jobId: stopped.id, requestKey: farm.key() }))).state).toBe('undone');
  expect(await row(serverId)).toMatchObject({ membership: 'in' });
  expect((await farm.client.servers.get({ serverId })).condition.code).toBe('ready');
});

test('one whose removal waits for its agent is given up by the same act, which says that nobody was told', async () => {
  const serverId = await oak();
  farm.links.cut('oak.test:7443', true);
  const stopped = await remove(serverId);
  expect(stopped.state).toBe('stopped');
  const left = await remove(serverId, true);
  expect(left).toMatchObject({ id: stopped.id, state: 'done' });
  expect(left.traces).toMatchObject([
    { code: 'membership-unasked', parameters: { told: 'no' } },
    { code: 'row', isPresent: false },
  ]);
  expect(await names()).toEqual(['Pine']);
  expect(await farm.drivers.store.locks.find()).toEqual([]);
});

test('one whose removal waits goes on by the same act once its agent is back', async () => {
  const serverId = await oak();
  farm.links.cut('oak.test:7443', true);
  const stopped = await remove(serverId);
  farm.links.cut('oak.test:7443', false);
  expect(await remove(serverId)).toMatchObject({ id: stopped.id, state: 'done' });
  expect(agentOf('Oak')?.farm()).toBeUndefined();
});

test('one that was given up from the beginning is not waited for', async () => {
  const serverId = await oak();
  farm.links.cut('oak.test:7443', true);
  expect(await remove(serverId, true)).toMatchObject({ state: 'done' });
  expect(await names()).toEqual(['Pine']);
});

test('one that answers is told also when it is given up', async () => {
  const left = await remove(await oak(), true);
  expect(left.traces).toMatchObject([{ code: 'membership', isPresent: false }, { code: 'row' }]);
  expect(agentOf('Oak')?.farm()).toBeUndefined();
});

test('one whose agent has left already is not waited for', async () => {
  const agent = agentOf('Oak');
  await agent?.client.link.leave({ farmId: (await farm.drivers.store.farms.find())[0]?.id ?? '' });
  expect(await remove(await oak())).toMatchObject({ state: 'done', traces: [{ code: 'membership', isPresent: false }, { code: 'row' }] });
});

test('one at whose address another key answers has told nobody', async () => {
  const serverId = await oak();
  const other = createFakeAgent({ name: 'Other', clock: farm.clock, publicAddress: '198.51.100.8' });
  farm.links.add('oak.test:7443', other);
  expect(await remove(serverId)).toMatchObject({ state: 'stopped', failure: { code: 'SERVER_UNREACHABLE' } });
});

test('whoever may not take a server out may not lead that on or back either', async () => {
  const serverId = await oak();
  farm.links.cut('oak.test:7443', true);
  const { id: jobId } = await remove(serverId);
  const helper = farm.as('operate', 'helper');
  for (const act of ['continue', 'undo', 'cancel', 'pause'] as const)
    await expect(helper.jobs[act]({ jobId, requestKey: farm.key() })).rejects.toMatchObject({
      code: 'PERMISSION_MISSING',
      data: { needed: 'own' },
    });
  expect(await farm.client.jobs.get({ jobId })).toMatchObject({ state: 'stopped' });
});

test('the same request key is the same removal', async () => {
  const serverId = await oak();
  const requestKey = farm.key();
  const [one, other] = await Promise.all([
    farm.client.servers.remove({ serverId, requestKey }),
    farm.client.servers.remove({ serverId, requestKey }),
  ]);
  expect(other.id).toBe(one.id);
  await farm.settled(one);
  expect((await farm.client.servers.remove({ serverId, requestKey })).id).toBe(one.id);
});

test('one with instances is not given up', async () => {
  const serverId = await oak();
  const job = await farm.client.instances.create({
    name: 'anna',
    packageId: packageId.parse('static-site'),
    serverId,
    requestKey: farm.key(),
  });
  for await (const _ of await farm.client.jobs.watch({ jobId: job.id }));
  farm.links.cut('oak.test:7443', true);
  await expect(farm.client.servers.remove({ serverId, isGivenUp: true, requestKey: farm.key() })).rejects.toMatchObject({
    code: 'SERVER_NOT_EMPTY',
  });
});

test('one to which the farm’s own wildcard leads is named with it, until the wildcard is out', async () => {
  const serverId = await oak();
  const [domain] = (await farm.client.domains.list()).domains;
  if (domain === undefined) throw new Error('no domain');
  await farm.settled(await farm.client.domains.keepWildcard({ domainId: domain.id, serverId, requestKey: farm.key() }));
  await expect(farm.client.servers.remove({ serverId, requestKey: farm.key() })).rejects.toMatchObject({
    code: 'SERVER_HAS_WILDCARD',
    data: { server: 'Oak', domain: domain.name },
  });
  await farm.settled(await farm.client.domains.dropWildcard({ domainId: domain.id, requestKey: farm.key() }));
  expect(await remove(serverId)).toMatchObject({ state: 'done' });
});

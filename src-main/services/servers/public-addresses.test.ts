import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JobId, packageId, serverId } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { createFakeAgent } from '../../testing/fake-agent.ts';

let farm: TestCore;
beforeAll(async () => {
  farm = await createTestCore({ servers: 1 });
});
afterAll(() => farm.close());

async function oak() {
  const { servers } = await farm.client.servers.list();
  const [found] = servers;
  if (found === undefined) throw new Error('no server');
  return found;
}
async function ended(jobId: JobId) {
  for await (const view of await farm.client.jobs.watch({ jobId })) if (view.state === 'stopped' || view.state === 'done') return view;
  throw new Error('the stream ended before the job');
}
const confirm = async (...publicAddresses: string[]) => {
  const job = await farm.settled(
    await farm.client.servers.address({ serverId: (await oak()).id, publicAddresses, requestKey: farm.key() }),
  );
  expect(job).toMatchObject({ type: 'address-server', state: 'done' });
  return oak();
};

test('are kept in one form, as confirmed', async () => {
  const server = await confirm('203.0.113.9', '2001:DB8:0::1', '127.0.0.1');
  expect(server.publicAddresses).toEqual([
    { address: '203.0.113.9', state: 'confirmed' },
    { address: '2001:db8::1', state: 'confirmed' },
    { address: '127.0.0.1', state: 'confirmed' },
  ]);
});

test.each([
  [['oak.example'], { address: 'oak.example', reason: 'name' }],
  [['203.0.113.9', '203.0.113.9:443'], { address: '203.0.113.9:443', reason: 'port' }],
  [['0.0.0.0'], { address: '0.0.0.0', reason: 'unspecified' }],
  [['2001:db8::1', '2001:DB8::1'], { address: '2001:DB8::1', reason: 'twice' }],
  [[], { address: '', reason: 'none' }],
])('%j changes nothing', async (texts, data) => {
  const before = (await oak()).publicAddresses;
  await expect(confirm(...texts)).rejects.toMatchObject({ code: 'PUBLIC_ADDRESS_INVALID', status: 422, data });
  expect((await oak()).publicAddresses).toEqual(before);
});

describe('a server that was added by a name and has no address of its own', () => {
  test('proposes none, and says what is missing when an instance comes', async () => {
    const agent = createFakeAgent({ name: 'Pine', clock: farm.clock, publicAddress: '127.0.0.1' });
    farm.agents.push(agent);
    farm.links.add('pine.test:7443', agent);
    const joined = await farm.client.servers.add({ address: 'pine.test', code: agent.code, name: 'Pine', requestKey: farm.key() });
    expect((await farm.settled(joined)).state).toBe('done');
    const pine = await farm.client.servers.get({ serverId: serverId.parse(joined.subject.id) });
    expect(pine.publicAddresses).toEqual([]);

    const request = { name: 'anna', packageId: packageId.parse('static-site'), serverId: pine.id };
    const { id: jobId } = await farm.client.instances.create({ ...request, requestKey: farm.key() });
    expect((await ended(jobId)).failure).toEqual({ code: 'SERVER_WITHOUT_ADDRESS', parameters: { server: 'Pine' } });

    await farm.settled(await farm.client.servers.address({ serverId: pine.id, publicAddresses: ['127.0.0.1'], requestKey: farm.key() }));
    await farm.client.jobs.continue({ jobId, requestKey: farm.key() });
    expect(await ended(jobId)).toMatchObject({ state: 'done' });
  });
});

describe('a server whose edge listens elsewhere than its network cards say', () => {
  const join = async (name: string, edgeAddress: string, publicAddress = '198.51.100.20') => {
    const agent = createFakeAgent({ name, clock: farm.clock, publicAddress, edgeAddress });
    const address = `${name.toLowerCase()}.test:7443`;
    farm.agents.push(agent);
    farm.links.add(address, agent);
    const joined = await farm.settled(await farm.client.servers.add({ address, code: agent.code, name, requestKey: farm.key() }));
    const server = await farm.client.servers.get({ serverId: serverId.parse(joined.subject.id) });
    const listenAt = (next: string): void => {
      Object.assign(agent.facts, { edgeAddress: next });
      farm.links.cut(address, true);
      farm.links.cut(address, false);
    };
    return { agent, server, listenAt, view: () => farm.client.servers.get({ serverId: server.id }) };
  };
  const proposed = (address: string) => ({ publicAddresses: [{ address, state: 'proposed' }], isEdgeLocal: false });

  test('has none while its edge is on loopback: said at joining, and a create says it at once; told to listen elsewhere, it proposes its own', async () => {
    const { server, listenAt, view } = await join('Larch', '127.0.0.1');
    expect(server).toMatchObject({ publicAddresses: [], isEdgeLocal: true });
    const request = { name: 'berta', packageId: packageId.parse('static-site'), serverId: server.id };
    const startedMs = performance.now();
    const { id: jobId } = await farm.client.instances.create({ ...request, requestKey: farm.key() });
    expect((await ended(jobId)).failure).toMatchObject({ code: 'SERVER_WITHOUT_ADDRESS' });
    expect(performance.now() - startedMs).toBeLessThan(10_000);

    listenAt('0.0.0.0');
    await expect.poll(view).toMatchObject(proposed('198.51.100.20'));
    await farm.client.jobs.continue({ jobId, requestKey: farm.key() });
    expect(await ended(jobId)).toMatchObject({ state: 'done' });
  });

  test('gets the one address at which it listens', async () => {
    const { server } = await join('Rowan', '198.51.100.21', '198.51.100.21');
    expect(server).toMatchObject(proposed('198.51.100.21'));
  });

  test('asked by hand, it tells where its edge is now', async () => {
    const { agent, server } = await join('Alder', '198.51.100.22', '198.51.100.22');
    Object.assign(agent.facts, { edgeAddress: '127.0.0.1' });
    const checked = await farm.client.servers.check({ serverId: server.id, requestKey: farm.key() });
    expect(checked.server).toMatchObject({ publicAddresses: [], isEdgeLocal: true });
  });

  test('keeps what a person confirmed', async () => {
    const { server, listenAt, view } = await join('Birch', '0.0.0.0');
    const asked = { serverId: server.id, publicAddresses: ['203.0.113.50'], requestKey: farm.key() };
    expect((await farm.settled(await farm.client.servers.address(asked))).state).toBe('done');
    listenAt('127.0.0.1');
    await expect.poll(view).toMatchObject({ publicAddresses: [{ address: '203.0.113.50', state: 'confirmed' }], isEdgeLocal: true });
  });
});

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

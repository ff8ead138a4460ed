import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';

/** As much of a PowerDNS API as finding a zone needs, with a key that its owner may change. */
let key: string;
let server: Server;
let url: string;
let core: TestCore;

beforeEach(async () => {
  key = 'first-key';
  server = createServer((request, response) => {
    if (request.headers['x-api-key'] !== key) return void response.writeHead(401).end();
    const zone = new URL(request.url ?? '', 'http://x').searchParams.get('zone');
    const zones = zone === 'shop.example.' ? [{ id: zone, name: zone, kind: 'Native' }] : [];
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(zones));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
  core = await createTestCore({ servers: 0 });
});
afterEach(async () => {
  await core.close();
  server.closeAllConnections();
  server.close();
});

const nameServers = [{ address: '127.0.0.1', port: 5399 }];
const add = (to = core) => to.addDomain('shop.example', { kind: 'powerdns', url, apiKey: key, nameServers });

test('a new key takes the place of the old one, and what was not given stays', async () => {
  const { id } = await add();
  key = 'second-key';
  const job = await core.settled(await core.client.domains.update({ domainId: id, dns: { apiKey: 'second-key' }, requestKey: core.key() }));
  expect(job).toMatchObject({ state: 'done', type: 'change-domain', subject: { kind: 'domain', id } });
  expect(JSON.stringify(await core.drivers.store.jobs.find())).not.toContain('second-key');
  const row = await core.drivers.store.domains.get(id);
  expect(row?.dnsSettings).toEqual({ url, nameServers });
  expect(JSON.stringify(row)).not.toContain('second-key');
  expect(JSON.parse(await core.drivers.secrets.open(`domain:${id}`, row?.sealedCredentials ?? ''))).toEqual({ apiKey: 'second-key' });
});

test('an address alone never takes the kept key to another server', async () => {
  const { id } = await add();
  const before = await core.drivers.store.domains.get(id);
  const heard: unknown[] = [];
  const other = createServer((request, response) => {
    heard.push(request.headers['x-api-key']);
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('[]');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const address = other.address();
  const otherUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const change = (dns: Record<string, string>) => core.client.domains.update({ domainId: id, dns, requestKey: core.key() });
  for (const elsewhere of [otherUrl, `${otherUrl}/api`, url.replace('127.0.0.1', 'localhost'), url.replace('http:', 'https:')])
    await expect(change({ url: elsewhere })).rejects.toMatchObject({
      code: 'CREDENTIAL_INVALID',
      data: { provider: 'powerdns', field: 'apiKey', problem: 'again' },
    });
  expect(heard).toEqual([]);
  expect(await core.drivers.store.domains.get(id)).toEqual(before);
  // the same place, said otherwise, keeps it; and another place is taken with a key of its own
  expect(await core.settled(await change({ url: `${url}/` }))).toMatchObject({ state: 'done' });
  await expect(change({ url: otherUrl, apiKey: 'for-the-other' })).rejects.toMatchObject({ code: 'DNS_ZONE_MISSING' });
  expect(new Set(heard)).toEqual(new Set(['for-the-other']));
  other.closeAllConnections();
  other.close();
});

test.each(['user:password@', 'user@', ':@', '@'])(
  'a name or password in the address (%s) is not kept openly, but refused',
  async (userinfo) => {
    const withIt = url.replace('://', `://${userinfo}`);
    await expect(core.addDomain('shop.example', { kind: 'powerdns', url: withIt, apiKey: key, nameServers })).rejects.toThrow();
    const { id } = await add();
    await expect(
      core.client.domains.update({ domainId: id, dns: { url: withIt, apiKey: key }, requestKey: core.key() }),
    ).rejects.toMatchObject({
      code: 'CREDENTIAL_INVALID',
      data: { field: 'url', problem: 'userinfo' },
    });
    expect(JSON.stringify(await core.drivers.store.domains.find())).not.toContain('user');
  },
);

test('a key that the name server does not accept changes nothing', async () => {
  const { id } = await add();
  const before = await core.drivers.store.domains.get(id);
  await expect(core.client.domains.update({ domainId: id, dns: { apiKey: 'wrong' }, requestKey: core.key() })).rejects.toMatchObject({
    code: 'DNS_CREDENTIALS',
  });
  expect(await core.drivers.store.domains.get(id)).toEqual(before);
});

test('whether the name server answers is asked in the background, and told with its age', async () => {
  const home = await mkdtemp(join(tmpdir(), 'farm-reach-'));
  const dnsOf = async (of: TestCore) => (await of.client.domains.list()).domains.find(({ name }) => name === 'shop.example')?.dns;
  const first = await createTestCore({ home, servers: 0 });
  await add(first);
  expect(await dnsOf(first)).toMatchObject({ isReachable: true, checkedAtMs: expect.any(Number) });
  await first.close();
  key = 'changed-meanwhile';
  const later = await createTestCore({ home });
  try {
    expect((await dnsOf(later))?.isReachable).toBeUndefined();
    await expect.poll(async () => (await dnsOf(later))?.isReachable).toBe(false);
  } finally {
    await later.close();
    await rm(home, { recursive: true, force: true });
  }
});

test('the built-in name server has no key, and an unknown domain is not there', async () => {
  const [builtin] = (await core.client.domains.list()).domains;
  if (builtin === undefined) throw new Error('no domain');
  const change = { dns: { apiKey: 'x' }, requestKey: core.key() };
  await expect(core.client.domains.update({ domainId: builtin.id, ...change })).rejects.toMatchObject({ code: 'PARAMETER_INVALID' });
  const nobody = '01900000-0000-7000-8000-000000000000' as typeof builtin.id;
  await expect(core.client.domains.update({ domainId: nobody, dns: {}, requestKey: core.key() })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

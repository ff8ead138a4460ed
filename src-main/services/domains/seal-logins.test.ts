import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { domainId } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { sealLogins } from './seal-logins.ts';

/** A proxy in front of as much of a PowerDNS API as finding a zone needs; what it was sent. */
const heard: (string | undefined)[] = [];
const proxy = createServer((request, response) => {
  heard.push(request.headers.authorization);
  const isKnown = request.headers.authorization === `Basic ${btoa('anna:planted-word')}` && request.headers['x-api-key'] === 'key';
  if (!isKnown) return void response.writeHead(401).end();
  const zone = new URL(request.url ?? '', 'http://x').searchParams.get('zone');
  const zones = [zone === 'shop.example.' ? { id: zone, name: zone, kind: 'Native' } : undefined].filter((one) => one !== undefined);
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(zones));
});
const nameServers = [{ address: '127.0.0.1', port: 5399 }];
let home: string;
let url: string;
const cores: TestCore[] = [];
const open = async (more = {}): Promise<TestCore> => {
  const core = await createTestCore({ home, ...more });
  cores.push(core);
  return core;
};
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'farm-logins-'));
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
});
afterEach(async () => {
  await Promise.all(cores.splice(0).map((core) => core.close()));
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
  await rm(home, { recursive: true, force: true });
});

/** A home as a release up to 0.1 left it: the password stands in the address. */
async function leaveOldHome(): Promise<TestCore> {
  const before = await open({ servers: 0 });
  const login = 'anna:planted-word';
  const { id } = await before.addDomain('shop.example', { kind: 'powerdns', url, apiKey: 'key', login, nameServers });
  const sealedCredentials = await before.drivers.secrets.seal(`domain:${id}`, JSON.stringify({ apiKey: 'key' }));
  const dnsSettings = { url: url.replace('//', '//anna:planted-word@'), nameServers, wildcard: undefined };
  await before.drivers.store.domains.patch(id, { dnsSettings, sealedCredentials });
  return before;
}
const rowOf = async (core: TestCore) => (await core.drivers.store.domains.find({})).find(({ name }) => name === 'shop.example');

test('a password that an older release kept in the address is sealed at the next start, and the name server is reached with it', async () => {
  const before = await leaveOldHome();
  await before.core.close();
  const core = await open();
  await expect.poll(async () => (await rowOf(core))?.dnsSettings).toEqual({ url, nameServers });
  const row = await rowOf(core);
  expect(JSON.parse(await core.drivers.secrets.open(`domain:${row?.id}`, row?.sealedCredentials ?? ''))).toEqual({
    apiKey: 'key',
    login: 'anna:planted-word',
  });
  const { domains } = await core.client.domains.list();
  await expect
    .poll(async () => (await core.client.domains.list()).domains.find(({ name }) => name === 'shop.example')?.dns.isReachable)
    .toBe(true);
  expect(JSON.stringify(domains)).not.toContain('planted');
  expect(core.logLines.join()).not.toContain('planted');
  // once more: nothing is left to do
  await core.core.close();
  const again = await open();
  expect(await rowOf(again)).toEqual(row);
});

test('before that is done, and where it cannot be, it is reached with what stands there', async () => {
  const core = await leaveOldHome();
  const row = await rowOf(core);
  if (row === undefined) throw new Error('no domain');
  heard.length = 0;
  await core.client.domains.inspect({ domainId: row.id }).catch(() => undefined);
  expect(new Set(heard)).toEqual(new Set([`Basic ${btoa('anna:planted-word')}`]));
});

test('a change that somebody makes meanwhile is not overwritten, and another domain is sealed all the same', async () => {
  const core = await leaveOldHome();
  const { store, secrets } = core.drivers;
  const row = await rowOf(core);
  if (row === undefined) throw new Error('no domain');
  const other = { ...row, id: domainId.parse('01900000-0000-7000-8000-000000000001'), name: 'other.example', isDefault: false };
  await store.domains.put({ ...other, sealedCredentials: await secrets.seal(`domain:${other.id}`, '{"apiKey":"key"}') });
  const slow = {
    ...secrets,
    seal: async (context: string, text: string) => {
      const sealed = await secrets.seal(context, text);
      if (context === `domain:${row.id}`) await store.domains.patch(row.id, { sealedCredentials: 'given-meanwhile' });
      return sealed;
    },
  };
  await sealLogins({ store, secrets: slow, farm: () => ({ id: row.farmId }) });
  expect((await store.domains.get(row.id))?.sealedCredentials).toBe('given-meanwhile');
  expect((await store.domains.get(other.id))?.dnsSettings).toEqual({ url, nameServers });
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { createTestZone, type TestZone } from '../../testing/test-zone.ts';

let zone: TestZone;
let farm: TestCore;
beforeEach(async () => {
  zone = await createTestZone();
  await zone.nameServer.createZone('shop.test', []);
  farm = await createTestCore({ servers: 1, drivers: { createDns: zone.createDns } });
});
afterEach(async () => {
  await farm.close();
  await zone.nameServer.close();
});

const add = () => farm.addDomain('shop.test', { kind: 'powerdns', url: 'http://127.0.0.1:9', apiKey: 'old' });
/** The next look for a zone waits until the test lets it go on: a new key that is being tried. */
const holdFindZone = (): (() => void) => {
  const held = Promise.withResolvers<void>();
  zone.as.findZone = async (...asked) => {
    delete zone.as.findZone;
    await held.promise;
    return zone.nameServer.findZone(...asked);
  };
  return held.resolve;
};

test('a wildcard that comes while a new key is tried stays known, and so does the new key', async () => {
  const { id: domainId } = await add();
  const [server] = (await farm.client.servers.list()).servers;
  if (server === undefined) throw new Error('no server');
  const release = holdFindZone();
  const updating = farm.client.domains.update({ domainId, dns: { apiKey: 'new' }, requestKey: farm.key() });
  await expect.poll(() => zone.as.findZone).toBeUndefined();
  await farm.settled(await farm.client.domains.keepWildcard({ domainId, serverId: server.id, requestKey: farm.key() }));
  release();
  expect(await farm.settled(await updating)).toMatchObject({ state: 'done' });
  const row = await farm.drivers.store.domains.get(domainId);
  expect(row?.dnsSettings).toMatchObject({ url: 'http://127.0.0.1:9', wildcard: { serverId: server.id, isRelied: true } });
  expect(JSON.parse(await farm.drivers.secrets.open(`domain:${domainId}`, row?.sealedCredentials ?? ''))).toEqual({ apiKey: 'new' });
});

test('a domain that was removed while a new key is tried stays removed', async () => {
  const { id: domainId } = await add();
  const release = holdFindZone();
  const updating = farm.client.domains.update({ domainId, dns: { apiKey: 'new' }, requestKey: farm.key() });
  const asked = expect(updating).rejects.toMatchObject({ code: 'NOT_FOUND', data: { kind: 'domain' } });
  await expect.poll(() => zone.as.findZone).toBeUndefined();
  expect(await farm.settled(await farm.client.domains.remove({ domainId, requestKey: farm.key() }))).toMatchObject({ state: 'done' });
  release();
  await asked;
  expect(await farm.drivers.store.domains.get(domainId)).toBeUndefined();
});

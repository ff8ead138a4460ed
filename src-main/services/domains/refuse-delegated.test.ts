import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NameEvidence, OutsideProbe } from '../../ports/probe.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { createTestZone, type TestZone } from '../../testing/test-zone.ts';

let zone: TestZone;
let farm: TestCore;
let outcome: string;
const probe: OutsideProbe = {
  lookup: async (_name, servers) => servers.map((): NameEvidence => ({ server: 'ns1', addresses: [], outcome, durationMs: 1 })),
  request: () => Promise.reject(new Error('nobody asks')),
};

beforeEach(async () => {
  outcome = 'NODATA';
  zone = await createTestZone();
  await zone.nameServer.createZone('shop.test', []);
  farm = await createTestCore({ servers: 0, drivers: { createDns: zone.createDns, probe } });
});
afterEach(async () => {
  await farm.close();
  await zone.nameServer.close();
});

const add = (name: string) => farm.addDomain(name, { kind: 'powerdns', url: 'http://127.0.0.1:9', apiKey: 'unused' });
const names = async (): Promise<string[]> => (await farm.client.domains.list()).domains.map(({ name }) => name);
/** The zone hands a name on to others. */
const delegate = (name: string): void => {
  const { list } = zone.nameServer;
  zone.as.list = async (at, filter, call) =>
    filter?.name === name && filter.type === 'NS'
      ? [{ name, type: 'NS', ttlSeconds: 60, values: ['ns1.elsewhere.example', 'ns2.elsewhere.example'] }]
      : list(at, filter, call);
};

test.each([
  ['itself', 'apps.shop.test'],
  ['by a name above it', 'eu.apps.shop.test'],
])('a domain that its zone hands on, %s, is not taken', async (_how, name) => {
  delegate('apps.shop.test');
  await expect(add(name)).rejects.toMatchObject({
    code: 'DNS_DELEGATED',
    data: { domain: name, zone: 'shop.test', name: 'apps.shop.test', servers: 'ns1.elsewhere.example, ns2.elsewhere.example' },
  });
  expect(await names()).toEqual(['farm.test']);
  expect(await add('shop.test')).toMatchObject({ name: 'shop.test' });
});

test.each(['lame', 'SERVFAIL', 'REFUSED'])('a domain whose name server has no say about it (%s) is not taken', async (said) => {
  outcome = said;
  await expect(add('apps.shop.test')).rejects.toMatchObject({ code: 'DNS_REFUSED', data: { name: 'apps.shop.test', reason: said } });
  expect(await names()).toEqual(['farm.test']);
});

test.each(['slow', 'ECONNREFUSED', 'NXDOMAIN'])('one whose name server says %s just now is', async (said) => {
  outcome = said;
  await add('apps.shop.test');
  expect(await names()).toContain('apps.shop.test');
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DomainInspection } from '#contract/api/domains.ts';
import { FarmError } from '#contract/errors.ts';
import { type DomainId, packageId } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { createTestZone, type TestZone } from '../../testing/test-zone.ts';

let zone: TestZone;
let farm: TestCore;
let domainId: DomainId;

beforeEach(async () => {
  zone = await createTestZone();
  farm = await createTestCore({ servers: 2, drivers: { createDns: zone.createDns } });
  const [domain] = (await farm.client.domains.list()).domains;
  if (domain === undefined) throw new Error('no domain');
  domainId = domain.id;
  const row = await farm.drivers.store.domains.get(domainId);
  if (row === undefined) throw new Error('no row');
  // a server that others write to, too
  await farm.drivers.store.domains.put({ ...row, dnsKind: 'powerdns', dnsSettings: { url: 'http://ns.test:8081' } });
});
afterEach(async () => {
  await farm.close();
  await zone.nameServer.close();
});

const inspect = (): Promise<DomainInspection> => farm.as('look').domains.inspect({ domainId });
async function made(name: string, server: 'Oak' | 'Pine'): Promise<void> {
  const { servers } = await farm.client.servers.list();
  const job = await farm.client.instances.create({
    name,
    packageId: packageId.parse('static-site'),
    serverId: servers.find((one) => one.name === server)?.id,
    requestKey: farm.key(),
  });
  for await (const view of await farm.client.jobs.watch({ jobId: job.id }))
    if (view.state === 'stopped') throw new Error(view.failure?.code);
}

test('an empty zone: nothing to tell but the advice, and that the name server is ours', async () => {
  const { askedAtMs, ...rest } = await inspect();
  expect(askedAtMs).toBeGreaterThan(0);
  expect(rest).toEqual({
    hiding: [],
    hidingCount: 0,
    differences: [],
    differenceCount: 0,
    advice: { code: 'none-yet', parameters: { servers: 2 } },
    reach: { kind: 'own', otherZones: 0 },
    faults: [],
  });
});

test('the wildcard, whose it is, and what hides it', async () => {
  await made('anna', 'Oak');
  await zone.put('*.farm.test', 'A', '198.51.100.2', '203.0.113.9');
  await zone.put('mail.farm.test', 'A', '203.0.113.9');
  await zone.put('_acme-challenge.berta.farm.test', 'TXT', 'proof');
  const { wildcard, hiding, hidingCount, advice } = await inspect();
  expect(wildcard).toEqual({
    name: '*.farm.test',
    leads: [
      { type: 'A', value: '198.51.100.2', serverName: 'Pine' },
      { type: 'A', value: '203.0.113.9' },
    ],
  });
  expect(hiding.map(({ name, hides }) => [name, hides])).toEqual([
    ['_acme-challenge.berta.farm.test', 'berta.farm.test'],
    ['mail.farm.test', 'mail.farm.test'],
  ]);
  expect(hidingCount).toBe(2);
  expect(advice).toEqual({ code: 'placement-open', parameters: { server: 'Oak', others: 1 } });
});

test('instances whose record is missing, another’s, or of yesterday’s address; one that a job works on is left out', async () => {
  for (const [name, server] of [
    ['anna', 'Oak'],
    ['berta', 'Oak'],
    ['clara', 'Pine'],
    ['dora', 'Oak'],
  ] as const)
    await made(name, server);
  expect((await inspect()).differences).toEqual([]);
  await zone.drop('anna.farm.test', 'A', '198.51.100.1');
  await zone.put('berta.farm.test', 'A', '203.0.113.9');
  await zone.drop('dora.farm.test', 'A', '198.51.100.1');
  const dora = await farm.client.instances.find({ name: 'dora' });
  const [row] = await farm.drivers.store.jobs.find({ type: 'create' });
  if (row === undefined) throw new Error('no job');
  await farm.drivers.store.locks.put({ id: `instance:${dora.id}`, farmId: row.farmId, jobId: row.id, takenAtMs: 1 });
  const pine = (await farm.client.servers.list()).servers.find(({ name }) => name === 'Pine');
  if (pine === undefined) throw new Error('no server');
  // as a home has it whose server was given other addresses when names did not follow yet
  await farm.drivers.store.servers.patch(pine.id, { publicAddresses: [{ address: '198.51.100.77', state: 'confirmed' }] });
  const { differences, differenceCount, advice } = await inspect();
  expect(differences.map(({ code, host, found, expected }) => [code, host, found, expected])).toEqual([
    ['missing', 'anna.farm.test', '', '198.51.100.1'],
    ['different', 'berta.farm.test', 'A 203.0.113.9', '198.51.100.1'],
    ['outdated', 'clara.farm.test', 'A 198.51.100.2', '198.51.100.77'],
  ]);
  expect(differenceCount).toBe(3);
  expect(advice).toEqual({ code: 'many-servers', parameters: { servers: 2 } });
});

test('the built-in name server is the farm’s alone', async () => {
  const row = await farm.drivers.store.domains.get(domainId);
  if (row !== undefined) await farm.drivers.store.domains.put({ ...row, dnsKind: 'builtin' });
  expect((await inspect()).advice).toEqual({ code: 'own-server', parameters: {} });
});

test('what the key may do elsewhere; that nobody can say it hides nothing else', async () => {
  zone.as.reach = async () => ({ kind: 'whole-server', otherZones: 12 });
  expect((await inspect()).reach).toEqual({ kind: 'whole-server', otherZones: 12 });
  zone.as.reach = async () => {
    throw new FarmError('DNS_REFUSED', { domain: 'farm.test', name: 'farm.test', server: 'x', reason: 'HTTP 500' });
  };
  expect((await inspect()).reach).toEqual({ kind: 'unknown', otherZones: 0 });
});

test('a name server that refuses is told in its own words, and an unknown domain is not there', async () => {
  zone.as.list = async () => {
    throw new FarmError('DNS_CREDENTIALS', { domain: 'farm.test', server: 'x' });
  };
  await expect(inspect()).rejects.toMatchObject({ code: 'DNS_CREDENTIALS' });
  const nobody = '01900000-0000-7000-8000-000000000000' as DomainId;
  await expect(farm.client.domains.inspect({ domainId: nobody })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('nobody waits longer than a few seconds for a silent one', async () => {
  zone.as.list = (_zone, _filter, call) =>
    new Promise((_resolve, reject) => call?.signal?.addEventListener('abort', () => reject(call.signal?.reason)));
  await expect(inspect()).rejects.toMatchObject({ code: 'DNS_SLOW', data: { domain: 'farm.test', server: 'ns.test:8081', seconds: 5 } });
}, 10_000);

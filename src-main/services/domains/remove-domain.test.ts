import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { type DomainId, packageId } from '#contract/ids.ts';
import { leavingKey } from '../../model/domains/farm-domain.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { createTestZone, type TestZone } from '../../testing/test-zone.ts';

let home: string;
let zone: TestZone;
let farm: TestCore;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'farm-remove-domain-'));
  zone = await createTestZone();
  farm = await createTestCore({ home, servers: 2, drivers: { createDns: zone.createDns } });
});
afterEach(async () => {
  await farm.close();
  await zone.nameServer.close();
  await rm(home, { recursive: true, force: true });
});

const staticSite = packageId.parse('static-site');
const domains = async () => (await farm.client.domains.list()).domains;
const idOf = async (name: string): Promise<DomainId> => {
  const found = (await domains()).find((domain) => domain.name === name);
  if (found === undefined) throw new Error(`no domain ${name}`);
  return found.id;
};
const addShop = () => farm.addDomain('shop.test');
const ended = (job: JobView): Promise<JobView> => farm.settled(job);
const remove = async (name: string) => ended(await farm.client.domains.remove({ domainId: await idOf(name), requestKey: farm.key() }));
const goOn = async (job: JobView) => ended(await farm.client.jobs.continue({ jobId: job.id, requestKey: farm.key() }));
async function create(name: string, domainName: string): Promise<JobView> {
  const domainId = await idOf(domainName);
  return ended(await farm.client.instances.create({ name, packageId: staticSite, domainId, requestKey: farm.key() }));
}
const heldNames = (): string[][] => farm.agents.map(({ certificates }) => [...certificates.values()].flatMap(({ names }) => names).sort());
/** Everything of a domain, wherever it is. */
async function everything(name: string) {
  const { store } = farm.drivers;
  return {
    zones: zone.zones().filter((one) => one === name),
    rows: (await store.domains.find()).filter((row) => row.name === name).length,
    marks: (await store.settings.find()).filter(({ id }) => id.startsWith('leaving-domain:')).length,
    certificates: (await store.certificates.find()).filter(({ kind, names }) => kind === 'test-wildcard' && names.includes(`*.${name}`))
      .length,
    onServers: heldNames()
      .flat()
      .filter((held) => held === `*.${name}`).length,
  };
}
const nothing = { zones: [], rows: 0, marks: 0, certificates: 0, onServers: 0 };

describe('a domain that nobody uses', () => {
  test('goes with its zone, its certificates here and on every server, and nothing else', async () => {
    await addShop();
    expect(await create('anna', 'farm.test')).toMatchObject({ state: 'done' });
    expect(await create('berta', 'shop.test')).toMatchObject({ state: 'done' });
    const { id: instanceId } = await farm.client.instances.find({ name: 'berta' });
    expect(await ended(await farm.client.instances.remove({ instanceId, requestKey: farm.key() }))).toMatchObject({ state: 'done' });
    expect(heldNames().flat()).toContain('*.shop.test');
    const { certificates: before } = await farm.client.certificates.list();
    const authority = await farm.client.certificates.siteAuthority();
    const job = await remove('shop.test');
    expect(job).toMatchObject({ state: 'done', subject: { kind: 'domain', name: 'shop.test' } });
    expect(job.traces.map(({ code, isPresent }) => [code, isPresent])).toEqual([
      ['certificate', false],
      ['certificate', false],
      ['zone', false],
      ['wildcard-certificate', false],
      ['row', false],
    ]);
    expect(await everything('shop.test')).toEqual(nothing);
    expect((await domains()).map(({ name, isDefault }) => [name, isDefault])).toEqual([['farm.test', true]]);
    const { certificates } = await farm.client.certificates.list();
    expect(certificates.map(({ id }) => id)).toEqual(before.filter(({ names }) => !names.includes('*.shop.test')).map(({ id }) => id));
    // what people trust by hand stays the same
    expect(await farm.client.certificates.siteAuthority()).toEqual(authority);
    expect((await farm.client.instances.find({ name: 'anna' })).condition.code).toBe('running');
    expect((await farm.client.jobs.list({})).jobs.length).toBeGreaterThan(2);
  });

  test('hands new instances to the oldest of the others, and the last may go too', async () => {
    await addShop();
    expect(await remove('farm.test')).toMatchObject({ state: 'done' });
    expect((await farm.client.settings.get({})).farm?.defaultDomain).toBe('shop.test');
    expect((await farm.client.instances.checkName({ name: 'anna' })).verdict).toBe('free');
    expect(await remove('shop.test')).toMatchObject({ state: 'done' });
    expect(await domains()).toEqual([]);
    await expect(farm.client.instances.create({ name: 'anna', packageId: staticSite, requestKey: farm.key() })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await farm.addDomain('farm.test');
    expect(await create('anna', 'farm.test')).toMatchObject({ state: 'done' });
  });

  test('of another’s name server leaves the zone there as it is, even when nobody answers there', async () => {
    const dns = { kind: 'powerdns', url: 'http://127.0.0.1:9', apiKey: 'unused' } as const;
    await zone.nameServer.createZone('owner.test', []);
    await zone.put('www.owner.test', 'A', '203.0.113.9');
    await farm.addDomain('owner.test', dns);
    zone.as.findZone = async () => {
      throw new FarmError('DNS_REFUSED', { domain: 'owner.test', name: 'owner.test', server: 'x', reason: 'ECONNREFUSED' });
    };
    expect(await remove('owner.test')).toMatchObject({ state: 'done' });
    delete zone.as.findZone;
    expect(await everything('owner.test')).toEqual({ ...nothing, zones: ['owner.test'] });
    expect(await zone.recordsAt('www.owner.test')).toMatchObject([{ values: ['203.0.113.9'] }]);
  });

  test('asked for twice under one key is one act, and another time is not there', async () => {
    const { id: domainId } = await addShop();
    const request = { domainId, requestKey: farm.key() };
    const first = await farm.client.domains.remove(request);
    expect((await farm.client.domains.remove(request)).id).toBe(first.id);
    expect(await ended(first)).toMatchObject({ state: 'done' });
    expect((await farm.client.domains.remove(request)).id).toBe(first.id);
    await expect(farm.client.domains.remove({ domainId, requestKey: farm.key() })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(farm.as('operate').domains.remove({ domainId, requestKey: farm.key() })).rejects.toMatchObject({
      code: 'PERMISSION_MISSING',
    });
  });
});

describe('is refused', () => {
  test('while instances stand below it, and while a job that stopped may need it', async () => {
    await create('anna', 'farm.test');
    await expect(remove('farm.test')).rejects.toMatchObject({
      code: 'DOMAIN_IN_USE',
      data: { domain: 'farm.test', instances: 1, jobs: 0 },
    });
    const { id: instanceId } = await farm.client.instances.find({ name: 'anna' });
    zone.as.list = async () => {
      throw new FarmError('DNS_REFUSED', { domain: 'farm.test', name: 'x', server: 'x', reason: 'HTTP 500' });
    };
    const stopped = await ended(await farm.client.instances.remove({ instanceId, requestKey: farm.key() }));
    expect(stopped.state).toBe('stopped');
    await expect(remove('farm.test')).rejects.toMatchObject({ code: 'DOMAIN_IN_USE', data: { instances: 1, jobs: 1 } });
    expect(await everything('farm.test')).toMatchObject({ zones: ['farm.test'], rows: 1, marks: 0 });
  });

  test('for the demo farm’s own, but not for another beside it', async () => {
    await addShop();
    const [row] = await farm.drivers.store.farms.find();
    if (row === undefined) throw new Error('no farm');
    const domain = await farm.drivers.store.domains.get(await idOf('farm.test'));
    if (domain === undefined) throw new Error('no domain');
    await farm.drivers.store.domains.put({ ...domain, name: 'farm.localhost' });
    await farm.drivers.store.farms.put({ ...row, isDemo: true });
    const demo = await reopened();
    const ids = (await demo.client.domains.list()).domains.map(({ id, name }) => [name, id] as const);
    const removing = async (name: string) =>
      demo.settled(await demo.client.domains.remove({ domainId: new Map(ids).get(name) as DomainId, requestKey: demo.key() }));
    await expect(removing('farm.localhost')).rejects.toMatchObject({ code: 'DOMAIN_OF_DEMO', data: { domain: 'farm.localhost' } });
    expect(await removing('shop.test')).toMatchObject({ state: 'done' });
  });
});

/** The same home in a new core, with the same agents and name server: as after a kill. */
async function reopened(): Promise<TestCore> {
  const { links, probe } = farm.drivers;
  const { agents } = farm;
  await farm.core.close();
  const key = `again-${Math.random()}`;
  const next = await createTestCore({ home, drivers: { createDns: zone.createDns, links, probe } });
  farm = { ...next, agents, key: () => `${key}-${next.key()}` };
  return farm;
}

describe('cut off in the middle', () => {
  beforeEach(addShop);

  test('before the zone goes, nobody begins below it, and its job goes on to the end', async () => {
    zone.as.removeZone = () => Promise.reject(new FarmError('STORE_FULL', { path: 'zones.json' }));
    const stopped = await remove('shop.test');
    expect(stopped).toMatchObject({ state: 'stopped', canUndo: true, failure: { code: 'STORE_FULL' } });
    delete zone.as.removeZone;
    expect(await everything('shop.test')).toMatchObject({ zones: ['shop.test'], rows: 1, marks: 1, certificates: 1, onServers: 0 });
    expect((await domains()).find(({ name }) => name === 'shop.test')).toMatchObject({ isLeaving: true, jobId: stopped.id });
    await expect(create('berta', 'shop.test')).rejects.toMatchObject({ code: 'NOT_FOUND', data: { kind: 'domain', name: 'shop.test' } });
    await expect(remove('shop.test')).rejects.toMatchObject({ code: 'OBJECT_BUSY', data: { name: 'shop.test', jobId: stopped.id } });
    expect(await goOn(stopped)).toMatchObject({ state: 'done' });
    expect(await everything('shop.test')).toEqual(nothing);
  });

  test('and it is undone: the domain is as it was, and takes instances', async () => {
    const before = await everything('shop.test');
    zone.as.removeZone = () => Promise.reject(new FarmError('STORE_FULL', { path: 'zones.json' }));
    const stopped = await remove('shop.test');
    delete zone.as.removeZone;
    const undone = await ended(await farm.client.jobs.undo({ jobId: stopped.id, requestKey: farm.key() }));
    expect(undone).toMatchObject({ state: 'undone' });
    expect(await everything('shop.test')).toEqual(before);
    expect((await domains()).find(({ name }) => name === 'shop.test')).not.toHaveProperty('jobId');
    expect(await create('berta', 'shop.test')).toMatchObject({ state: 'done' });
  });

  test('by a release that knew only a mark: the next start begins a job that finishes it', async () => {
    const id = await idOf('shop.test');
    const { store } = farm.drivers;
    const [row] = await store.farms.find();
    if (row === undefined) throw new Error('no farm');
    await store.settings.put({ id: leavingKey(id), farmId: row.id, value: { name: 'shop.test' } });
    await zone.nameServer.removeZone?.('shop.test');
    await reopened();
    await expect.poll(() => everything('shop.test')).toEqual(nothing);
    await expect
      .poll(async () => (await farm.client.jobs.list({})).jobs.filter(({ type }) => type === 'remove-domain'))
      .toMatchObject([{ state: 'done', actor: { kind: 'system' }, subject: { id } }]);
  });

  test('and one that is in use after all keeps none of the others from it', async () => {
    expect(await create('anna', 'farm.test')).toMatchObject({ state: 'done' });
    const { store } = farm.drivers;
    for (const { id, farmId } of await store.domains.find()) await store.settings.put({ id: leavingKey(id), farmId, value: {} });
    await reopened();
    await expect.poll(async () => (await domains()).map(({ name }) => name)).toEqual(['farm.test']);
    expect((await farm.client.instances.find({ name: 'anna' })).condition.code).toBe('running');
  });

  test('a server that is away loses the certificate when it is back', async () => {
    expect(await create('anna', 'shop.test')).toMatchObject({ state: 'done' });
    const { id: instanceId, server } = await farm.client.instances.find({ name: 'anna' });
    expect(await ended(await farm.client.instances.remove({ instanceId, requestKey: farm.key() }))).toMatchObject({ state: 'done' });
    const address = (await farm.client.servers.list()).servers.find(({ id }) => id === server?.id)?.address ?? '';
    farm.links.cut(address, true);
    await expect
      .poll(async () => (await farm.client.servers.list()).servers.filter(({ condition }) => condition.mark === 'good').length)
      .toBe(1);
    await remove('shop.test');
    expect(await everything('shop.test')).toEqual({ ...nothing, onServers: 1 });
    farm.links.cut(address, false);
    await expect.poll(() => everything('shop.test'), { timeout: 5000 }).toEqual(nothing);
    expect(heldNames().flat()).toContain('*.farm.test');
  });

  test('a server that comes back before the end of the removal is put in order after it, and fails nothing', async () => {
    await expect.poll(() => heldNames().map((names) => names.includes('*.shop.test'))).toEqual([true, true]);
    const [server] = (await farm.client.servers.list()).servers;
    if (server === undefined) throw new Error('no server');
    const marks = async () => (await farm.client.servers.list()).servers.map(({ condition }) => condition.mark).toSorted();
    farm.links.cut(server.address, true);
    await expect.poll(async () => (await marks()).filter((mark) => mark === 'good').length).toBe(1);
    zone.as.removeZone = async (...asked) => {
      delete zone.as.removeZone;
      farm.links.cut(server.address, false);
      await expect.poll(marks).toEqual(['good', 'good']);
      return zone.nameServer.removeZone?.(...asked);
    };
    const job = await remove('shop.test');
    expect(job).toMatchObject({ state: 'done' });
    const { traces } = await farm.client.jobs.get({ jobId: job.id });
    expect(traces).toContainEqual(expect.objectContaining({ code: 'certificate-later', isPresent: false }));
    await expect.poll(() => everything('shop.test'), { timeout: 10_000 }).toEqual(nothing);
  });
});

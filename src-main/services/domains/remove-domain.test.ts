import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { type DomainId, packageId } from '#contract/ids.ts';
import { openSqliteStore } from '../../drivers/store/sqlite/index.ts';
import { systemClock } from '../../drivers/system/clock.ts';
import { leavingKey } from '../../model/domains/farm-domain.ts';
import type { Store } from '../../ports/store.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { createTestZone, type TestZone } from '../../testing/test-zone.ts';

let home: string;
let zone: TestZone;
let farm: TestCore;
let failingStore: { transactions: number | undefined };

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'farm-remove-domain-'));
  zone = await createTestZone();
  failingStore = { transactions: undefined };
  const store = await openSqliteStore({ file: join(home, 'farm.sqlite'), clock: systemClock });
  farm = await createTestCore({ home, servers: 2, drivers: { createDns: zone.createDns, store: failingLater(store) } });
});
afterEach(async () => {
  await farm.close();
  await zone.nameServer.close();
  await rm(home, { recursive: true, force: true });
});

/** A disk that is full from the n-th transaction on. */
function failingLater(store: Store): Store {
  return {
    ...store,
    transaction: (work) => {
      if (failingStore.transactions === 0) throw new FarmError('STORE_FULL', { path: 'farm.sqlite' });
      if (failingStore.transactions !== undefined) failingStore.transactions -= 1;
      return store.transaction(work);
    },
  };
}

const staticSite = packageId.parse('static-site');
const domains = async () => (await farm.client.domains.list()).domains;
const idOf = async (name: string): Promise<DomainId> => {
  const found = (await domains()).find((domain) => domain.name === name);
  if (found === undefined) throw new Error(`no domain ${name}`);
  return found.id;
};
const addShop = () => farm.client.domains.add({ name: 'shop.test', dns: { kind: 'builtin' }, requestKey: farm.key() });
const remove = async (name: string) => farm.client.domains.remove({ domainId: await idOf(name), requestKey: farm.key() });
const ended = (job: JobView): Promise<JobView> => farm.settled(job);
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
    expect(await remove('shop.test')).toMatchObject({ name: 'shop.test' });
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
    expect(await remove('farm.test')).toMatchObject({ name: 'farm.test', newDefault: 'shop.test' });
    expect((await farm.client.settings.get({})).farm?.defaultDomain).toBe('shop.test');
    expect((await farm.client.instances.checkName({ name: 'anna' })).verdict).toBe('free');
    expect(await remove('shop.test')).not.toHaveProperty('newDefault');
    expect(await domains()).toEqual([]);
    await expect(farm.client.instances.create({ name: 'anna', packageId: staticSite, requestKey: farm.key() })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await farm.client.domains.add({ name: 'farm.test', dns: { kind: 'builtin' }, requestKey: farm.key() });
    expect(await create('anna', 'farm.test')).toMatchObject({ state: 'done' });
  });

  test('of another’s name server leaves the zone there as it is, even when nobody answers there', async () => {
    const dns = { kind: 'powerdns', url: 'http://127.0.0.1:9', apiKey: 'unused' } as const;
    await zone.nameServer.createZone('owner.test', []);
    await zone.put('www.owner.test', 'A', '203.0.113.9');
    await farm.client.domains.add({ name: 'owner.test', dns, requestKey: farm.key() });
    zone.as.findZone = async () => {
      throw new FarmError('DNS_REFUSED', { domain: 'owner.test', name: 'owner.test', server: 'x', reason: 'ECONNREFUSED' });
    };
    await remove('owner.test');
    delete zone.as.findZone;
    expect(await everything('owner.test')).toEqual({ ...nothing, zones: ['owner.test'] });
    expect(await zone.recordsAt('www.owner.test')).toMatchObject([{ values: ['203.0.113.9'] }]);
  });

  test('asked for twice under one key is one act, and another time is not there', async () => {
    const { id: domainId } = await addShop();
    const request = { domainId, requestKey: farm.key() };
    const first = await farm.client.domains.remove(request);
    expect(await farm.client.domains.remove(request)).toEqual(first);
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
    const removing = (name: string) => demo.client.domains.remove({ domainId: new Map(ids).get(name) as DomainId, requestKey: demo.key() });
    await expect(removing('farm.localhost')).rejects.toMatchObject({ code: 'DOMAIN_OF_DEMO', data: { domain: 'farm.localhost' } });
    await removing('shop.test');
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

  const full = (): Promise<never> => Promise.reject(new FarmError('STORE_FULL', { path: 'zones.json' }));
  const failAfter = (transactions: number) => Object.assign(failingStore, { transactions });
  test.each<[string, () => void, object]>([
    ['before the mark', () => failAfter(0), { zones: ['shop.test'], rows: 1, marks: 0, certificates: 1 }],
    [
      'before the zone goes',
      () => Object.assign(zone.as, { removeZone: full }),
      { zones: ['shop.test'], rows: 1, marks: 1, certificates: 1 },
    ],
    ['before the rows go', () => failAfter(1), { zones: [], rows: 1, marks: 1, certificates: 1 }],
  ])('%s, a repeat finishes it', async (_where, breakIt, left) => {
    breakIt();
    await expect(remove('shop.test')).rejects.toMatchObject({ code: 'STORE_FULL' });
    failingStore.transactions = undefined;
    delete zone.as.removeZone;
    const found = await everything('shop.test');
    expect(found).toMatchObject(left);
    expect((await domains()).find(({ name }) => name === 'shop.test')?.isLeaving === true).toBe(found.marks > 0);
    if (found.marks > 0) {
      await expect(create('berta', 'shop.test')).rejects.toMatchObject({ code: 'NOT_FOUND', data: { kind: 'domain', name: 'shop.test' } });
    }
    await remove('shop.test');
    expect(await everything('shop.test')).toEqual(nothing);
  });

  test('and the core died: the next start finishes it', async () => {
    failingStore.transactions = 1;
    await expect(remove('shop.test')).rejects.toMatchObject({ code: 'STORE_FULL' });
    const id = await idOf('shop.test');
    expect(await farm.drivers.store.settings.get(leavingKey(id))).toBeDefined();
    await reopened();
    await expect.poll(() => everything('shop.test')).toEqual(nothing);
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
});

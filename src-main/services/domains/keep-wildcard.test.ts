import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DomainView } from '#contract/api/domains.ts';
import type { JobView } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { type DomainId, packageId, type ServerId } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { createTestZone, type TestZone } from '../../testing/test-zone.ts';

let zone: TestZone;
let farm: TestCore;
let domainId: DomainId;

beforeEach(async () => {
  zone = await createTestZone();
  farm = await createTestCore({ servers: 2, drivers: { createDns: zone.createDns } });
  domainId = (await domain()).id;
});
afterEach(async () => {
  await farm.close();
  await zone.nameServer.close();
});

const [oak, pine] = ['198.51.100.1', '198.51.100.2'];
async function domain(): Promise<DomainView> {
  const [found] = (await farm.client.domains.list()).domains;
  if (found === undefined) throw new Error('no domain');
  return found;
}
async function serverId(name: string): Promise<ServerId> {
  const found = (await farm.client.servers.list()).servers.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no server ${name}`);
  return found.id;
}
const ended = (job: JobView): Promise<JobView> => farm.settled(job);
const keep = async (server: string) =>
  ended(await farm.client.domains.keepWildcard({ domainId, serverId: await serverId(server), requestKey: farm.key() }));
const drop = async () => ended(await farm.client.domains.dropWildcard({ domainId, requestKey: farm.key() }));
const goOn = async (job: JobView) => ended(await farm.client.jobs.continue({ jobId: job.id, requestKey: farm.key() }));
async function made(name: string, server: string): Promise<void> {
  const request = { name, packageId: packageId.parse('static-site'), serverId: await serverId(server), requestKey: farm.key() };
  expect(await ended(await farm.client.instances.create(request))).toMatchObject({ state: 'done' });
}
async function removed(name: string): Promise<JobView> {
  const { id: instanceId } = await farm.client.instances.find({ name });
  const job = await ended(await farm.client.instances.remove({ instanceId, requestKey: farm.key() }));
  expect(job).toMatchObject({ state: 'done' });
  return job;
}
const valuesAt = async (name: string) => (await zone.recordsAt(name)).flatMap(({ values }) => values);

describe('a wildcard that the farm keeps', () => {
  test('leads the instances of its server, and those elsewhere have a record of their own', async () => {
    expect(await keep('Oak')).toMatchObject({ state: 'done' });
    expect((await domain()).wildcard).toMatchObject({ name: '*.farm.test', values: [oak], serverName: 'Oak', isRelied: true });
    expect(await valuesAt('*.farm.test')).toEqual([oak]);
    await made('anna', 'Oak');
    await made('berta', 'Pine');
    expect(await valuesAt('anna.farm.test')).toEqual([]);
    expect(await valuesAt('berta.farm.test')).toEqual([pine]);
    expect((await domain()).records.map(({ name }) => name)).toEqual(['berta.farm.test']);
    const { id: instanceId } = await farm.client.instances.find({ name: 'anna' });
    const { road } = await farm.client.instances.check({ instanceId, requestKey: farm.key() });
    expect(road.slice(0, 4).map(({ mark }) => mark)).toEqual(['good', 'good', 'good', 'good']);
    expect(await farm.client.domains.inspect({ domainId })).toMatchObject({
      differenceCount: 0,
      advice: { code: 'wildcard-kept', parameters: { server: 'Oak', wildcard: '*.farm.test' } },
    });
    const gone = await removed('anna');
    expect(gone.traces).toContainEqual(
      expect.objectContaining({
        code: 'only-wildcard',
        parameters: { name: 'anna.farm.test', wildcard: '*.farm.test', leads: `${oak} (Oak)` },
      }),
    );
    await removed('berta');
  });

  test('is not relied on where something hides it, or it no longer stands', async () => {
    await keep('Oak');
    await zone.put('_acme-challenge.clara.farm.test', 'TXT', 'proof');
    await made('clara', 'Oak');
    expect(await valuesAt('clara.farm.test')).toEqual([oak]);
    await made('anna', 'Oak');
    await zone.drop('*.farm.test', 'A', oak);
    await made('dora', 'Oak');
    expect(await valuesAt('dora.farm.test')).toEqual([oak]);
    expect((await farm.client.domains.inspect({ domainId })).differences).toMatchObject([
      { code: 'missing', host: 'anna.farm.test', expected: oak },
    ]);
  });

  test('goes when everybody that relied on it has a record of its own', async () => {
    await keep('Oak');
    await made('anna', 'Oak');
    const dropped = await drop();
    expect(dropped).toMatchObject({ state: 'done' });
    expect(dropped.traces).toMatchObject([{ code: 'record', isPresent: false, parameters: { name: '*.farm.test', value: oak } }]);
    expect((await domain()).wildcard).toBeUndefined();
    expect(await valuesAt('*.farm.test')).toEqual([]);
    expect(await valuesAt('anna.farm.test')).toEqual([oak]);
    expect((await domain()).records.map(({ name }) => name)).toEqual(['anna.farm.test']);
    expect((await farm.client.domains.inspect({ domainId })).differenceCount).toBe(0);
    await expect(drop()).rejects.toMatchObject({ code: 'NOT_FOUND', data: { kind: 'record', name: '*.farm.test' } });
    await removed('anna');
    expect(await valuesAt('anna.farm.test')).toEqual([]);
  });

  test('follows its server’s addresses when it is asked to again, and leads to no other server meanwhile', async () => {
    await keep('Oak');
    await expect(keep('Pine')).rejects.toMatchObject({ code: 'EXISTS', data: { name: '*.farm.test' } });
    const publicAddresses = ['198.51.100.77', '2001:db8::7'];
    await farm.settled(await farm.client.servers.address({ serverId: await serverId('Oak'), publicAddresses, requestKey: farm.key() }));
    await keep('Oak');
    expect(await valuesAt('*.farm.test')).toEqual(['198.51.100.77', '2001:db8::7']);
    await drop();
    expect(await valuesAt('*.farm.test')).toEqual([]);
  });

  test('leads nobody astray when its server moves: who relied on it gets a record of its own', async () => {
    await keep('Oak');
    await made('anna', 'Oak');
    const to = '198.51.100.77';
    const moved = await farm.settled(
      await farm.client.servers.address({ serverId: await serverId('Oak'), publicAddresses: [to], requestKey: farm.key() }),
    );
    expect(moved.state).toBe('done');
    expect(await valuesAt('anna.farm.test')).toEqual([to]);
    await farm.settled(
      await farm.client.servers.address({ serverId: await serverId('Oak'), publicAddresses: [oak], requestKey: farm.key() }),
    );
    expect(await valuesAt('anna.farm.test')).toEqual([oak]);
    await removed('anna');
    await drop();
  });

  test('never takes the place of somebody else’s', async () => {
    await zone.put('*.farm.test', 'A', oak);
    await expect(keep('Oak')).rejects.toMatchObject({ code: 'DNS_UNSAFE', data: { name: '*.farm.test', found: `A ${oak}` } });
    expect((await domain()).wildcard).toBeUndefined();
  });

  test('goes with its domain, out of another’s zone too', async () => {
    await keep('Oak');
    const row = await farm.drivers.store.domains.get(domainId);
    if (row !== undefined)
      await farm.drivers.store.domains.put({ ...row, dnsKind: 'powerdns', dnsSettings: { url: 'http://ns.test', ...row.dnsSettings } });
    expect(await ended(await farm.client.domains.remove({ domainId, requestKey: farm.key() }))).toMatchObject({ state: 'done' });
    expect(zone.zones()).toEqual(['farm.test']);
    expect(await valuesAt('*.farm.test')).toEqual([]);
  });
});

describe('cut off in the middle', () => {
  const refuse = (): Promise<never> =>
    Promise.reject(new FarmError('DNS_REFUSED', { domain: 'farm.test', name: 'x', server: 'x', reason: 'HTTP 500' }));

  test('while it is made, nobody relies on it, and its job goes on to make it', async () => {
    zone.as.apply = refuse;
    const stopped = await keep('Oak');
    expect(stopped).toMatchObject({ state: 'stopped', failure: { code: 'DNS_REFUSED' } });
    delete zone.as.apply;
    expect((await domain()).wildcard).toMatchObject({ values: [oak], isRelied: false });
    await zone.put('*.farm.test', 'A', oak);
    await made('anna', 'Oak');
    expect(await valuesAt('anna.farm.test')).toEqual([oak]);
    expect(await goOn(stopped)).toMatchObject({ state: 'done' });
    expect((await domain()).wildcard).toMatchObject({ isRelied: true });
  });

  test('while it is taken out, everybody is found, and its job goes on to the end', async () => {
    await keep('Oak');
    await made('anna', 'Oak');
    await made('berta', 'Oak');
    let writes = 0;
    zone.as.apply = (...asked) => {
      writes += 1;
      return writes > 1 ? refuse() : zone.nameServer.apply(...asked);
    };
    const stopped = await drop();
    expect(stopped).toMatchObject({ state: 'stopped', failure: { code: 'DNS_REFUSED' } });
    delete zone.as.apply;
    expect((await domain()).wildcard).toMatchObject({ isRelied: false });
    expect(await valuesAt('*.farm.test')).toEqual([oak]);
    expect(await goOn(stopped)).toMatchObject({ state: 'done' });
    expect((await domain()).wildcard).toBeUndefined();
    expect(await Promise.all(['*', 'anna', 'berta'].map((label) => valuesAt(`${label}.farm.test`)))).toEqual([[], [oak], [oak]]);
  });

  test('while it is taken out, an instance that leaves gets no record that would be left over', async () => {
    await keep('Oak');
    await made('anna', 'Oak');
    const writing = Promise.withResolvers<void>();
    const going = Promise.withResolvers<void>();
    zone.as.apply = async (...asked) => {
      if (asked[1].name !== 'anna.farm.test' || asked[1].action === 'delete') return zone.nameServer.apply(...asked);
      writing.resolve();
      await going.promise;
      return zone.nameServer.apply(...asked);
    };
    const dropping = drop();
    await writing.promise;
    const { id: instanceId } = await farm.client.instances.find({ name: 'anna' });
    const leaving = await farm.client.instances.remove({ instanceId, requestKey: farm.key() });
    await expect.poll(async () => (await farm.client.instances.query({})).total).toBe(0);
    going.resolve();
    expect(await dropping).toMatchObject({ state: 'done' });
    // its proof may have seen the record in between, and says so
    const left = await ended(leaving);
    expect(left.state === 'done' ? left : await goOn(left)).toMatchObject({ state: 'done' });
    expect(await valuesAt('anna.farm.test')).toEqual([]);
    expect(await farm.drivers.store.ownedRecords.find()).toEqual([]);
  });

  test('a job that works on an instance is waited for', async () => {
    await keep('Oak');
    await made('anna', 'Oak');
    const { id } = await farm.client.instances.find({ name: 'anna' });
    const [job] = await farm.drivers.store.jobs.find();
    if (job === undefined) throw new Error('no job');
    await farm.drivers.store.locks.put({ id: `instance:${id}`, farmId: job.farmId, jobId: job.id, takenAtMs: 1 });
    await expect(drop()).rejects.toMatchObject({ code: 'OBJECT_BUSY', data: { name: 'anna' } });
    await farm.drivers.store.locks.remove(`instance:${id}`);
    expect(await drop()).toMatchObject({ state: 'done' });
    expect((await domain()).wildcard).toBeUndefined();
  });
});

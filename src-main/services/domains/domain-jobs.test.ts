import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { type DomainId, packageId } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { createTestZone, type TestZone } from '../../testing/test-zone.ts';

let zone: TestZone;
let farm: TestCore;
/** Points of steps at which jobs wait until the test lets them go on. */
const held = new Map<string, { readonly reached: () => void; readonly until: Promise<void> }>();

beforeEach(async () => {
  zone = await createTestZone();
  const failPoint = async (name: string): Promise<void> => {
    const gate = held.get(name);
    held.delete(name);
    gate?.reached();
    await gate?.until;
  };
  farm = await createTestCore({ servers: 2, failPoint, drivers: { createDns: zone.createDns } });
});
afterEach(async () => {
  await farm.close();
  await zone.nameServer.close();
});

/** The next job that comes there waits. */
function hold(point: string) {
  const [reached, going] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  held.set(point, { reached: reached.resolve, until: going.promise });
  return { reached: reached.promise, release: going.resolve };
}
const key = () => farm.key();
const add = (name: string) => farm.client.domains.add({ name, dns: { kind: 'builtin' }, requestKey: key() });
const remove = (domainId: DomainId) => farm.client.domains.remove({ domainId, requestKey: key() });
const create = (name: string, domainId: DomainId) =>
  farm.client.instances.create({ name, packageId: packageId.parse('static-site'), domainId, requestKey: key() });
const undo = async (job: JobView) => farm.settled(await farm.client.jobs.undo({ jobId: job.id, requestKey: key() }));
const domains = async () => (await farm.client.domains.list()).domains;
const idOf = async (name: string): Promise<DomainId> => {
  const found = (await domains()).find((one) => one.name === name);
  if (found === undefined) throw new Error(`no domain ${name}`);
  return found.id;
};
const jobsOf = async (type: string) => (await farm.drivers.store.jobs.find()).filter((job) => job.type === type);
const siteAuthorities = () => farm.drivers.store.certificates.find({ kind: 'site-authority' });
const busy = (name: string, job: JobView) => ({ code: 'OBJECT_BUSY', data: { kind: 'domain', name, jobId: job.id } });

describe('a domain is added', () => {
  test('and what can be refused is refused before there is a job or a row', async () => {
    const before = (await jobsOf('add-domain')).length;
    await expect(add('not a name')).rejects.toMatchObject({ code: 'NAME_INVALID' });
    await expect(add('FARM.test.')).rejects.toMatchObject({ code: 'EXISTS', data: { kind: 'domain', name: 'farm.test' } });
    const dns = { kind: 'powerdns', url: 'http://127.0.0.1:9', apiKey: 'the-key' } as const;
    const refused = farm.client.domains.add({ name: 'nobody.test', dns, requestKey: key() });
    await expect(refused).rejects.toMatchObject({ code: 'DNS_ZONE_MISSING' });
    expect(await jobsOf('add-domain')).toHaveLength(before);
    expect((await domains()).map(({ name }) => name)).toEqual(['farm.test']);
  });

  test('whose key stands sealed in its row, and nowhere in its job', async () => {
    await zone.nameServer.createZone('owner.test', []);
    await farm.addDomain('owner.test', { kind: 'powerdns', url: 'http://127.0.0.1:9', apiKey: 'the-secret-key' });
    const { store } = farm.drivers;
    const all = [await store.jobs.find(), await store.jobSteps.find(), await store.acts.find(), await store.domains.find(), farm.logLines];
    expect(JSON.stringify(all)).not.toContain('the-secret-key');
  });

  test('twice at once: one job, the other is told that it exists', async () => {
    const answers = await Promise.allSettled([add('shop.test'), add('shop.test')]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'EXISTS' } });
    for (const answer of answers)
      if (answer.status === 'fulfilled') expect(await farm.settled(answer.value)).toMatchObject({ state: 'done' });
  });

  test('and asked for again under its key it is the same job', async () => {
    const request = { name: 'shop.test', dns: { kind: 'builtin' } as const, requestKey: key() };
    const first = await farm.client.domains.add(request);
    expect((await farm.client.domains.add(request)).id).toBe(first.id);
    await farm.settled(first);
  });

  test('no instance begins below it, and nothing else is done to it, before its certificate is there', async () => {
    const gate = hold('add-domain.certificate.before');
    const job = await add('shop.test');
    await gate.reached;
    const id = await idOf('shop.test');
    expect((await domains()).find((one) => one.id === id)).toMatchObject({ isComing: true, jobId: job.id });
    await expect(create('anna', id)).rejects.toMatchObject(busy('shop.test', job));
    await expect(remove(id)).rejects.toMatchObject(busy('shop.test', job));
    gate.release();
    expect(await farm.settled(job)).toMatchObject({ state: 'done' });
    expect(await farm.settled(await create('anna', id))).toMatchObject({ state: 'done' });
  });

  test('with others at the same time: there is one site authority, and every wildcard is below it', async () => {
    // also where none of them finds an authority yet
    expect(await farm.settled(await remove(await idOf('farm.test')))).toMatchObject({ state: 'done' });
    for (const { id } of await siteAuthorities()) await farm.drivers.store.certificates.remove(id);
    const names = ['a.test', 'b.test', 'c.test'];
    const jobs = await Promise.all(names.map(add));
    for (const job of jobs) expect(await farm.settled(job)).toMatchObject({ state: 'done' });
    const authority = new X509Certificate((await farm.client.certificates.siteAuthority()).text);
    for (const row of await farm.drivers.store.certificates.find({ kind: 'test-wildcard' }))
      expect(new X509Certificate(row.chainPem).verify(authority.publicKey)).toBe(true);
    const keys = (await siteAuthorities()).map(({ chainPem }) =>
      new X509Certificate(chainPem).publicKey.export({ type: 'spki', format: 'pem' }),
    );
    expect(new Set(keys).size).toBe(1);
  });
});

describe('adding is undone', () => {
  const stoppedAtServers = async (name: string): Promise<JobView> => {
    const away = new FarmError('PORT_TAKEN', { port: 443, owner: 'nginx' });
    for (const agent of farm.agents) agent.failNext('certificates.install', away);
    const job = await farm.settled(await add(name));
    expect(job).toMatchObject({ state: 'stopped', failure: { code: 'PORT_TAKEN' } });
    for (const agent of farm.agents) agent.failNext('certificates.install', away, 0);
    return job;
  };

  test('a zone that was there before stays, with what stands in it', async () => {
    await zone.nameServer.createZone('shop.test', []);
    await zone.put('www.shop.test', 'A', '203.0.113.9');
    expect(await undo(await stoppedAtServers('shop.test'))).toMatchObject({ state: 'undone' });
    expect(zone.zones()).toEqual(['farm.test', 'shop.test']);
    expect(await zone.recordsAt('www.shop.test')).toMatchObject([{ values: ['203.0.113.9'] }]);
    expect((await domains()).map(({ name }) => name)).toEqual(['farm.test']);
  });

  test('the site authority that another domain has come to need meanwhile stays', async () => {
    const stopped = await stoppedAtServers('shop.test');
    await farm.addDomain('other.test');
    expect(await undo(stopped)).toMatchObject({ state: 'undone' });
    expect((await siteAuthorities()).some(({ names }) => names.includes('other.test'))).toBe(true);
    const request = await create('anna', await idOf('other.test'));
    expect(await farm.settled(request)).toMatchObject({ state: 'done' });
  });

  test('of the first domain, nothing is left, and it can be added again', async () => {
    expect(await farm.settled(await remove(await idOf('farm.test')))).toMatchObject({ state: 'done' });
    for (const { id } of await siteAuthorities()) await farm.drivers.store.certificates.remove(id);
    expect(await undo(await stoppedAtServers('shop.test'))).toMatchObject({ state: 'undone' });
    expect(await siteAuthorities()).toEqual([]);
    expect((await farm.drivers.store.settings.find()).filter(({ id }) => id.includes('-domain:'))).toEqual([]);
    expect(await farm.addDomain('shop.test')).toMatchObject({ name: 'shop.test', isDefault: true });
  });
});

describe('two jobs on one domain exclude each other', () => {
  type Act = (domainId: DomainId) => Promise<JobView>;
  const acts: Readonly<Record<string, Act>> = {
    'remove-domain': (id) => remove(id),
    'keep-wildcard': async (domainId) => {
      const [server] = (await farm.client.servers.list()).servers;
      if (server === undefined) throw new Error('no server');
      return farm.client.domains.keepWildcard({ domainId, serverId: server.id, requestKey: key() });
    },
    'drop-wildcard': (domainId) => farm.client.domains.dropWildcard({ domainId, requestKey: key() }),
    'change-domain': (domainId) => farm.client.domains.update({ domainId, dns: { apiKey: 'new' }, requestKey: key() }),
    'renew-certificate': async () => {
      const row = (await farm.drivers.store.certificates.find({ kind: 'test-wildcard' })).find(({ names }) => names.includes('shop.test'));
      if (row === undefined) throw new Error('no certificate');
      return farm.client.certificates.renew({ certificateId: row.id, requestKey: key() });
    },
  };
  const firstStep: Readonly<Record<string, string>> = {
    'remove-domain': 'check',
    'keep-wildcard': 'save',
    'drop-wildcard': 'save',
    'change-domain': 'save',
    'renew-certificate': 'authority',
  };

  test.each(Object.keys(acts))('while %s works, every other is refused with its name, and nothing is begun', async (type) => {
    await zone.nameServer.createZone('shop.test', []);
    const { id } = await farm.addDomain('shop.test', { kind: 'powerdns', url: 'http://127.0.0.1:9', apiKey: 'old' });
    const keep = acts['keep-wildcard'];
    if (keep === undefined) throw new Error('no act');
    expect(await farm.settled(await keep(id))).toMatchObject({ state: 'done' });
    const gate = hold(`${type}.${firstStep[type] ?? ''}.before`);
    const job = await acts[type]?.(id);
    if (job === undefined) throw new Error('no job');
    await gate.reached;
    const count = (await farm.drivers.store.jobs.find()).length;
    for (const other of Object.values(acts)) await expect(other(id)).rejects.toMatchObject(busy('shop.test', job));
    expect(await farm.drivers.store.jobs.find()).toHaveLength(count);
    gate.release();
    expect(await farm.settled(job)).toMatchObject({ state: 'done' });
    expect(await farm.drivers.store.locks.find()).toEqual([]);
  });

  test('a create that begins while its domain is on the way out is refused, and one that was first keeps the domain', async () => {
    const { id } = await farm.addDomain('shop.test');
    const gate = hold('remove-domain.check.before');
    const job = await remove(id);
    await gate.reached;
    await expect(create('anna', id)).rejects.toMatchObject({ code: 'NOT_FOUND', data: { kind: 'domain', name: 'shop.test' } });
    gate.release();
    expect(await farm.settled(job)).toMatchObject({ state: 'done' });
    const other = (await farm.addDomain('late.test')).id;
    const early = hold('create.check.before');
    const creating = await create('berta', other);
    await early.reached;
    await expect(remove(other)).rejects.toMatchObject({ code: 'DOMAIN_IN_USE', data: { instances: 1, jobs: 1 } });
    early.release();
    expect(await farm.settled(creating)).toMatchObject({ state: 'done' });
  });

  test('a key that is changed while somebody holds the job is the old one again once it is undone', async () => {
    await zone.nameServer.createZone('shop.test', []);
    const { id } = await farm.addDomain('shop.test', { kind: 'powerdns', url: 'http://127.0.0.1:9', apiKey: 'old' });
    const before = await farm.drivers.store.domains.get(id);
    const gate = hold('change-domain.save.before');
    const dns = { url: 'http://127.0.0.1:10', apiKey: 'new' };
    const job = await farm.client.domains.update({ domainId: id, dns, requestKey: key() });
    await gate.reached;
    expect((await farm.drivers.store.domains.get(id))?.dnsSettings.url).toBe('http://127.0.0.1:10');
    await farm.client.jobs.pause({ jobId: job.id, requestKey: key() });
    gate.release();
    await expect.poll(async () => (await farm.client.jobs.get({ jobId: job.id })).state).toBe('paused');
    expect(await undo(job)).toMatchObject({ state: 'undone' });
    expect(await farm.drivers.store.domains.get(id)).toEqual(before);
  });

  test('two keys for one domain at once: the second is tried on top of the first', async () => {
    await zone.nameServer.createZone('shop.test', []);
    const { id } = await farm.addDomain('shop.test', { kind: 'powerdns', url: 'http://127.0.0.1:9', apiKey: 'old' });
    const asked = Promise.withResolvers<void>();
    const going = Promise.withResolvers<void>();
    zone.as.findZone = async (...given) => {
      delete zone.as.findZone;
      asked.resolve();
      await going.promise;
      return zone.nameServer.findZone(...given);
    };
    const slow = farm.client.domains.update({ domainId: id, dns: { apiKey: 'slow' }, requestKey: key() });
    await asked.promise;
    const quick = await farm.client.domains.update({ domainId: id, dns: { url: 'http://127.0.0.1:9/other' }, requestKey: key() });
    expect(await farm.settled(quick)).toMatchObject({ state: 'done' });
    going.resolve();
    expect(await farm.settled(await slow)).toMatchObject({ state: 'done' });
    const row = await farm.drivers.store.domains.get(id);
    expect(row?.dnsSettings.url).toBe('http://127.0.0.1:9/other');
    expect(JSON.parse(await farm.drivers.secrets.open(`domain:${id}`, row?.sealedCredentials ?? ''))).toEqual({ apiKey: 'slow' });
  });
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JobView, RehearsalRequest } from '#contract/api/jobs.ts';
import type { JobType, RunAct } from '#contract/catalogue/jobs.ts';
import { packageId } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { createFakeAgent, type FakeAgent } from '../../testing/fake-agent.ts';

const staticSite = packageId.parse('static-site');
let farm: TestCore;
let agent: FakeAgent;
let other: FakeAgent | undefined;

beforeEach(async () => {
  farm = await createTestCore({ servers: 1 });
  const [only] = farm.agents;
  if (only === undefined) throw new Error('no agent');
  agent = only;
  // what a server that joined gets comes by itself, a moment later
  while (agent.certificates.size === 0) await new Promise((resolve) => setTimeout(resolve, 10));
});
afterEach(() => {
  other = undefined;
  return farm.close();
});

const rehearsed = async (act: RehearsalRequest) => (await farm.client.jobs.rehearse({ act })).changes;
const codesOf = async (act: RehearsalRequest): Promise<string[]> => (await rehearsed(act)).map(({ code }) => code).sort();

async function domainsAndServers(): Promise<Record<string, string>> {
  const { store } = farm.drivers;
  const things: Record<string, string> = {};
  for (const { name, publicAddresses } of await store.servers.find())
    things[`server-addresses ${name}`] = publicAddresses.map(({ address }) => address).join();
  for (const { name, dnsSettings, sealedCredentials } of await store.domains.find()) {
    const { wildcard, ...access } = dnsSettings;
    things[`domain-row ${name}`] = 'there';
    things[`domain-access ${name}`] = JSON.stringify([access, sealedCredentials]);
    if (wildcard !== undefined) things[`kept-wildcard ${name}`] = JSON.stringify(wildcard);
  }
  for (const { id, kind } of await store.certificates.find()) if (kind === 'site-authority') things[`authority ${id}`] = 'there';
  for (const { name, records } of JSON.parse(await readFile(join(farm.home, 'zones.json'), 'utf8')).zones) {
    things[`zone ${name}`] = 'there';
    for (const record of records) if (record.name.startsWith('*.')) things[`wildcard-record ${record.name}`] = record.values.join();
  }
  for (const { id, kind, names } of await store.certificates.find())
    if (kind === 'test-wildcard') things[`wildcard-certificate ${names.join()} ${id}`] = 'there';
  return things;
}

/** The world as it is, by code that knows nothing of effects: one line for each thing. */
async function world(): Promise<Record<string, string>> {
  const { store } = farm.drivers;
  const things: Record<string, string> = {};
  for (const row of await store.instances.find()) {
    things[`row ${row.name}`] = row.wish;
    things[`room ${row.name}`] = String(row.serverId);
  }
  for (const { name } of await store.customers.find()) things[`customer-row ${name}`] = 'there';
  for (const { id } of await store.ownedRecords.find()) things[`record ${id}`] = 'there';
  for (const key of agent.installed.keys()) things[`package ${key}`] = 'there';
  for (const one of agent.certificates.values()) things[`certificate ${one.names.join()} ${one.fingerprintSha256}`] = 'there';
  for (const { name, membership } of await store.servers.find()) things[`server-row ${name}`] = membership;
  things['membership of the agent'] = String(agent.farm());
  if (other !== undefined) things['membership of the other'] = String(other.farm());
  Object.assign(things, await domainsAndServers());
  for (const { host, state } of agent.routes.values()) things[`route ${host}`] = state;
  for (const { spec, instance } of agent.instances.values()) {
    things[`files ${spec.name}`] = 'there';
    const { process } = instance;
    things[`process ${spec.name}`] = 'processId' in process ? `${process.state} ${process.processId}` : process.state;
  }
  return things;
}
const changedKinds = (before: Record<string, string>, after: Record<string, string>): string[] => {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => before[key] !== after[key]);
  const kinds = [...new Set(keys.map((key) => key.split(' ')[0] ?? ''))].sort();
  // columns of a row come and go with it
  const isRowsOwn = (kind: string): boolean =>
    (kind === 'domain-access' && kinds.includes('domain-row')) || (kind === 'server-addresses' && kinds.includes('server-row'));
  return kinds.filter((kind) => !isRowsOwn(kind));
};
const kindOf: Record<string, string> = {
  'instance-row': 'row',
  'domain-certificates': 'certificate',
  'old-certificates': 'wildcard-certificate',
  'own-record': 'record',
};
const kindsOf = (changes: readonly { readonly kind: string; readonly isCertain: boolean }[], isCertain: boolean): string[] =>
  [...new Set(changes.filter((change) => change.isCertain || !isCertain).map(({ kind }) => kindOf[kind] ?? kind))].sort();

const create = { name: 'anna', packageId: staticSite, customer: { name: 'Anna Lind' } } as const;
async function made(): Promise<string> {
  const job = await farm.settled(await farm.client.instances.create({ ...create, requestKey: farm.key() }));
  expect(job.state).toBe('done');
  return job.subject.id;
}

describe('a rehearsal', () => {
  test('of a create says what the two sweeps of the world before and after it differ by, and changes nothing itself', async () => {
    const before = await world();
    const said = await rehearsed({ type: 'create', ...create });
    expect(await world()).toEqual(before);
    await made();
    const changed = changedKinds(before, await world());
    for (const kind of changed) expect(kindsOf(said, false)).toContain(kind);
    for (const kind of kindsOf(said, true)) expect(changed).toContain(kind);
  });

  test('of a removal likewise', async () => {
    await made();
    const { id: instanceId } = await farm.client.instances.find({ name: 'anna' });
    const before = await world();
    const said = await rehearsed({ type: 'remove', instanceId });
    expect(await world()).toEqual(before);
    expect((await farm.settled(await farm.client.instances.remove({ instanceId, requestKey: farm.key() }))).state).toBe('done');
    // the room goes with the row that reserves it
    const changed = changedKinds(before, await world()).filter((kind) => kind !== 'room');
    expect(kindsOf(said, true)).toEqual(changed);
  });

  test('of a suspension likewise', async () => {
    await made();
    const { id: instanceId } = await farm.client.instances.find({ name: 'anna' });
    const before = await world();
    const said = await rehearsed({ type: 'suspend', instanceId });
    expect(await world()).toEqual(before);
    expect((await farm.settled(await farm.client.instances.suspend({ instanceId, requestKey: farm.key() }))).state).toBe('done');
    expect(kindsOf(said, true)).toEqual(changedKinds(before, await world()));
  });

  test('of a server that leaves likewise', async () => {
    const [server] = (await farm.client.servers.list()).servers;
    if (server === undefined) throw new Error('no server');
    const before = await world();
    const said = await rehearsed({ type: 'remove-server', serverId: server.id });
    expect(await world()).toEqual(before);
    expect((await farm.settled(await farm.client.servers.remove({ serverId: server.id, requestKey: farm.key() }))).state).toBe('done');
    // an agent that leaves takes what it served with it
    const changed = changedKinds(before, await world()).filter((kind) => kind !== 'certificate');
    expect(kindsOf(said, false)).toEqual(changed);
  });

  test('of a domain that leaves likewise', async () => {
    await farm.addDomain('shop.test');
    const domain = (await farm.client.domains.list()).domains.find(({ name }) => name === 'shop.test');
    if (domain === undefined) throw new Error('no domain');
    const before = await world();
    const said = await rehearsed({ type: 'remove-domain', domainId: domain.id });
    expect(await world()).toEqual(before);
    expect((await farm.settled(await farm.client.domains.remove({ domainId: domain.id, requestKey: farm.key() }))).state).toBe('done');
    expect(kindsOf(said, false)).toEqual(changedKinds(before, await world()));
    for (const { title, says } of said) expect(`${title} ${says}`).not.toMatch(/[{}]|undefined/);
  });

  const theDomain = async (name = 'farm.test') => {
    const found = (await farm.client.domains.list()).domains.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no domain ${name}`);
    return found;
  };
  const theServer = async () => {
    const [found] = (await farm.client.servers.list()).servers;
    if (found === undefined) throw new Error('no server');
    return found;
  };
  const key = () => farm.key();
  const done = async (job: Promise<JobView>): Promise<void> => {
    const { state, failure } = await farm.settled(await job);
    expect([state, failure]).toEqual(['done', undefined]);
  };
  const keep = async () =>
    farm.client.domains.keepWildcard({ domainId: (await theDomain()).id, serverId: (await theServer()).id, requestKey: key() });
  type Scene = {
    readonly prepare?: () => Promise<unknown>;
    readonly act: () => Promise<RehearsalRequest>;
    readonly run: () => Promise<JobView>;
  };
  const onAnna = (type: RunAct, prepare: RunAct | undefined): Scene => ({
    prepare: async () => {
      await made();
      const { id: instanceId } = await farm.client.instances.find({ name: 'anna' });
      if (prepare !== undefined) await done(farm.client.instances[prepare]({ instanceId, requestKey: key() }));
    },
    act: async () => ({ type, instanceId: (await farm.client.instances.find({ name: 'anna' })).id }),
    run: async () =>
      farm.client.instances[type]({ instanceId: (await farm.client.instances.find({ name: 'anna' })).id, requestKey: key() }),
  });
  const pine = createFakeAgent({ name: 'Pine', clock: { nowMs: Date.now }, publicAddress: '198.51.100.9' });
  type TestedAlone = 'create' | 'remove' | 'suspend' | 'remove-server' | 'remove-domain' | 'change-domain';
  /** Those that have no test of their own; a type of job without a scene, or without a rehearsal, does not compile. */
  const scenes: Readonly<Record<Exclude<JobType, TestedAlone>, Scene>> = {
    start: onAnna('start', 'stop'),
    restart: onAnna('restart', undefined),
    stop: onAnna('stop', undefined),
    resume: onAnna('resume', 'suspend'),
    'add-domain': {
      act: async () => ({ type: 'add-domain', name: 'shop.test', kind: 'builtin' }),
      run: () => farm.client.domains.add({ name: 'shop.test', dns: { kind: 'builtin' }, requestKey: key() }),
    },
    'keep-wildcard': {
      act: async () => ({ type: 'keep-wildcard', domainId: (await theDomain()).id, serverId: (await theServer()).id }),
      run: keep,
    },
    'drop-wildcard': {
      prepare: async () => {
        await done(keep());
        await made();
      },
      act: async () => ({ type: 'drop-wildcard', domainId: (await theDomain()).id }),
      run: async () => farm.client.domains.dropWildcard({ domainId: (await theDomain()).id, requestKey: key() }),
    },
    'renew-certificate': {
      act: async () => ({ type: 'renew-certificate', domainId: (await theDomain()).id }),
      run: async () => {
        const old = (await farm.client.certificates.list()).certificates.find(({ kind }) => kind === 'test-wildcard');
        if (old === undefined) throw new Error('no certificate');
        return farm.client.certificates.renew({ certificateId: old.id, requestKey: key() });
      },
    },
    'join-server': {
      prepare: async () => {
        other = pine;
        farm.links.add('pine.test:7443', pine);
      },
      act: async () => ({ type: 'join-server', address: 'pine.test', name: 'Pine' }),
      run: () => farm.client.servers.add({ address: 'pine.test', code: pine.code, name: 'Pine', requestKey: key() }),
    },
    'address-server': {
      prepare: made,
      act: async () => ({ type: 'address-server', serverId: (await theServer()).id, publicAddresses: ['198.51.100.99'] }),
      run: async () =>
        farm.client.servers.address({ serverId: (await theServer()).id, publicAddresses: ['198.51.100.99'], requestKey: key() }),
    },
  };
  test.each(Object.entries<Scene>(scenes))(
    'of %s says what the two sweeps differ by, and nothing that does not change',
    async (_type, scene) => {
      await scene.prepare?.();
      const before = await world();
      const said = await rehearsed(await scene.act());
      expect(await world()).toEqual(before);
      await done(scene.run());
      const changed = changedKinds(before, await world());
      const kinds = kindsOf(said, false);
      for (const kind of changed) expect(kinds).toContain(kind);
      for (const kind of kindsOf(said, true)) expect(changed).toContain(kind);
      for (const { title, says } of said) expect(`${title} ${says}`).not.toMatch(/[{}]|undefined|if it is not there yet/);
    },
  );

  test('of another access to a domain says that, and asks for no secret', async () => {
    const { id: domainId } = await theDomain();
    await farm.drivers.store.domains.patch(domainId, { dnsKind: 'powerdns', dnsSettings: { url: 'http://127.0.0.1:9' } });
    expect(await codesOf({ type: 'change-domain', domainId })).toEqual(['domain-access']);
  });

  test('says it in the reader’s language, with the names that people know', async () => {
    const [server] = (await farm.client.servers.list()).servers;
    const record = (await rehearsed({ type: 'create', ...create })).find(({ kind }) => kind === 'record');
    expect(record).toMatchObject({
      title: 'A DNS record',
      says: `anna.farm.test leads to ${server?.name} (${agent.publicAddress}).`,
      isCertain: true,
    });
    const { changes } = await farm.client.jobs.rehearse({ act: { type: 'create', ...create }, language: 'ru' });
    expect(changes.find(({ kind }) => kind === 'files')).toMatchObject({ title: `На ${server?.name}` });
    for (const { title, says } of changes) expect(`${title} ${says}`).not.toMatch(/[{}]|undefined/);
  });

  test('promises no DNS record where the farm’s own wildcard leads the name', async () => {
    const [server] = (await farm.client.servers.list()).servers;
    const [domain] = (await farm.client.domains.list()).domains;
    if (server === undefined || domain === undefined) throw new Error('no farm');
    const kept = await farm.client.domains.keepWildcard({ domainId: domain.id, serverId: server.id, requestKey: farm.key() });
    expect((await farm.settled(kept)).state).toBe('done');
    expect(await codesOf({ type: 'create', ...create })).not.toContain('record-in');
    await made();
    expect(await farm.drivers.store.ownedRecords.find()).toEqual([]);
    const { id: instanceId } = await farm.client.instances.find({ name: 'anna' });
    expect(await codesOf({ type: 'remove', instanceId })).not.toContain('record-out');
  });

  test('may be asked by whoever may look, and refuses what is not there', async () => {
    await made();
    const { id: instanceId } = await farm.client.instances.find({ name: 'anna' });
    expect((await farm.as('look').jobs.rehearse({ act: { type: 'remove', instanceId } })).changes.length).toBeGreaterThan(5);
    const gone = instanceId.replace(/.$/, (last) => (last === '0' ? '1' : '0')) as typeof instanceId;
    await expect(rehearsed({ type: 'remove', instanceId: gone })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

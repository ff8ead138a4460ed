import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { jobCatalogue, type JobType } from '#contract/catalogue/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { type DomainId, packageId, type ServerId } from '#contract/ids.ts';
import type { TestCore } from '../../testing/create-test-core.ts';
import { createKillableCore, type KillableCore } from '../../testing/killable-core.ts';

/** Kills the core at every point of every step of the jobs that change domains and certificates, and opens the same home again. */
const key = randomUUID;
const oak = '198.51.100.1';
let world: KillableCore;
let first: TestCore;
let oakId: ServerId;
let count = 0;

beforeAll(async () => {
  world = await createKillableCore(2);
  first = world.first;
  const found = (await first.client.servers.list()).servers.find(({ name }) => name === 'Oak');
  if (found === undefined) throw new Error('no server');
  oakId = found.id;
});
afterAll(() => world.close());

/** Everything that a domain could leave behind, wherever it is; ids and instants of what is made anew left out. */
async function everything(core: TestCore) {
  const { store } = core.drivers;
  const domains = await store.domains.find();
  const certificates = await store.certificates.find();
  const kinds = ['test-wildcard', 'site-authority'];
  const zones = world.zone.kept.zones.map(({ name, records }) => ({
    name,
    records: records.map((set) => `${set.name} ${set.type} ${set.values.join()}`).toSorted(),
  }));
  return {
    agents: first.agents.map((agent) => [...agent.certificates.values()].map(({ names }) => names[0]).toSorted()),
    domains: domains.map(({ name, isDefault, dnsSettings, sealedCredentials }) => ({ name, isDefault, dnsSettings, sealedCredentials })),
    marks: (await store.settings.find()).map(({ id }) => id).filter((id) => id.includes('-domain:')),
    certificates: certificates
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ kind, names }) => `${kind} ${names.join()}`)
      .toSorted(),
    owned: (await store.ownedRecords.find()).map(({ name, value }) => `${name} ${value}`),
    instances: (await store.instances.find()).map(({ name }) => name),
    locks: await store.locks.find(),
    zones: zones.toSorted((one, other) => (one.name < other.name ? -1 : 1)),
  };
}
/** Reconcile puts in order what a restart found half done; the world is compared once it has. */
const settles = async (core: TestCore, expected: Awaited<ReturnType<typeof everything>>): Promise<void> => {
  await expect.poll(() => everything(core), { timeout: 4000 }).toEqual(expected);
};

type Begun = { readonly job: JobView; readonly before: Awaited<ReturnType<typeof everything>> };
type Scene = {
  /** Steps from which on it can only be continued. */
  readonly pastReturn?: string;
  /** What is there before the job begins. */
  readonly prepare: (core: TestCore, name: string) => Promise<DomainId | undefined>;
  readonly begin: (core: TestCore, name: string, domainId: DomainId) => Promise<JobView>;
  /** What must be true once it is done. */
  readonly isDone: (core: TestCore, name: string) => Promise<void>;
};

const settled = async (core: TestCore, job: JobView, state: JobView['state'] = 'done'): Promise<void> => {
  const ended = await core.settled(job);
  expect([ended.failure, ended.state]).toEqual([undefined, state]);
};
const powerdns = { kind: 'powerdns', url: 'http://127.0.0.1:9', apiKey: 'old-key' } as const;
const added = async (core: TestCore, name: string): Promise<DomainId> => (await core.addDomain(name)).id;
const domainNamed = async (core: TestCore, name: string) => (await core.client.domains.list()).domains.find((one) => one.name === name);
const valuesAt = async (name: string) => (await world.zone.recordsAt(name)).flatMap(({ values }) => values);
const keep = (core: TestCore, domainId: DomainId) => core.client.domains.keepWildcard({ domainId, serverId: oakId, requestKey: key() });
const instance = async (core: TestCore, name: string, domainId: DomainId): Promise<void> => {
  const request = { name, packageId: packageId.parse('static-site'), domainId, serverId: oakId, requestKey: key() };
  await settled(core, await core.client.instances.create(request));
};

const scenes: Partial<Record<JobType, Scene>> = {
  'add-domain': {
    prepare: async () => undefined,
    begin: (core, name) => core.client.domains.add({ name, dns: { kind: 'builtin' }, requestKey: key() }),
    isDone: async (core, name) => {
      expect(await domainNamed(core, name)).toMatchObject({ name });
      expect(await domainNamed(core, name)).not.toHaveProperty('isComing');
      const now = await everything(core);
      expect(now.agents.every((held) => held.includes(`*.${name}`))).toBe(true);
      expect(now.zones.map((zone) => zone.name)).toContain(name);
    },
  },
  'remove-domain': {
    pastReturn: 'row',
    prepare: async (core, name) => {
      const domainId = await added(core, name);
      await settled(core, await keep(core, domainId));
      return domainId;
    },
    begin: (core, _name, domainId) => core.client.domains.remove({ domainId, requestKey: key() }),
    isDone: async (core, name) => expect(JSON.stringify(await everything(core))).not.toContain(`*.${name}`),
  },
  'keep-wildcard': {
    pastReturn: 'rely',
    prepare: added,
    begin: (core, _name, domainId) => keep(core, domainId),
    isDone: async (core, name) => {
      expect(await valuesAt(`*.${name}`)).toEqual([oak]);
      expect((await domainNamed(core, name))?.wildcard).toMatchObject({ isRelied: true, values: [oak] });
    },
  },
  'drop-wildcard': {
    prepare: async (core, name) => {
      const domainId = await added(core, name);
      await settled(core, await keep(core, domainId));
      await instance(core, `anna-${count}`, domainId);
      expect(await valuesAt(`anna-${count}.${name}`)).toEqual([]);
      return domainId;
    },
    begin: (core, _name, domainId) => core.client.domains.dropWildcard({ domainId, requestKey: key() }),
    isDone: async (core, name) => {
      expect(await valuesAt(`*.${name}`)).toEqual([]);
      expect(await valuesAt(`anna-${count}.${name}`)).toEqual([oak]);
      expect(await domainNamed(core, name)).not.toHaveProperty('wildcard');
    },
  },
};

/** Back to what was there before the scene. */
async function clear(core: TestCore, name: string): Promise<void> {
  const domain = await domainNamed(core, name);
  if (domain === undefined) return;
  const mine = await core.drivers.store.instances.find({ domainId: domain.id });
  for (const { id } of mine) await settled(core, await core.client.instances.remove({ instanceId: id, requestKey: key() }));
  await settled(core, await core.client.domains.remove({ domainId: domain.id, requestKey: key() }));
}

async function prepared(scene: Scene, name: string): Promise<{ domainId: DomainId; before: Begun['before'] }> {
  const domainId = (await scene.prepare(first, name)) ?? ('' as DomainId);
  return { domainId, before: await everything(first) };
}

const forward = (Object.entries(scenes) as [JobType, Scene][]).flatMap(([type, scene]) => {
  const names: readonly string[] = jobCatalogue[type].steps;
  const last = scene.pastReturn === undefined ? names.length : names.indexOf(scene.pastReturn);
  return names.flatMap((step, at) =>
    ['before', 'after'].flatMap((when) => {
      const point = `${type}.${step}.${when}`;
      return [{ type, point, choice: 'continue' as const }, ...(at < last ? [{ type, point, choice: 'undo' as const }] : [])];
    }),
  );
});

describe('a job about a domain whose core dies', () => {
  test.each(forward)('at $point, then $choice', async ({ type, point, choice }) => {
    const scene = scenes[type];
    if (scene === undefined) throw new Error(type);
    count += 1;
    const name = `shop-${count}.test`;
    const { domainId, before } = await prepared(scene, name);
    const dead = world.killAt(point);
    const job = await scene.begin(first, name, domainId);
    await dead;
    const next = await world.reopen();
    try {
      const stopped = await next.client.jobs.get({ jobId: job.id });
      expect(stopped).toMatchObject({ state: 'stopped', failure: { code: 'JOB_INTERRUPTED', parameters: { step: point.split('.')[1] } } });
      await settled(next, await next.client.jobs[choice]({ jobId: job.id, requestKey: key() }), choice === 'undo' ? 'undone' : 'done');
      if (choice === 'continue') await scene.isDone(next, name);
      else await settles(next, before);
      await clear(next, name);
    } finally {
      await next.core.close();
    }
  });

  const refusal = new FarmError('DNS_REFUSED', { domain: 'x', name: 'x', server: 'x', reason: 'HTTP 500' });
  const install = 'certificates.install';
  const busy = new FarmError('PORT_TAKEN', { port: 443, owner: 'nginx' });
  type Broken = { readonly type: JobType; readonly at: string; readonly breakIt: () => void; readonly mend: () => void };
  const broken: readonly Broken[] = [
    {
      type: 'add-domain',
      at: 'servers',
      breakIt: () => first.agents.map((agent) => agent.failNext(install, busy)),
      mend: () => first.agents.map((agent) => agent.failNext(install, busy, 0)),
    },
    {
      type: 'remove-domain',
      at: 'zone',
      breakIt: () => Object.assign(world.zone.as, { removeZone: () => Promise.reject(refusal) }),
      mend: () => delete world.zone.as.removeZone,
    },
    {
      type: 'keep-wildcard',
      at: 'record',
      breakIt: () => Object.assign(world.zone.as, { apply: () => Promise.reject(refusal) }),
      mend: () => delete world.zone.as.apply,
    },
    {
      type: 'drop-wildcard',
      at: 'wildcard',
      breakIt: () =>
        Object.assign(world.zone.as, {
          apply: (...asked: Parameters<typeof world.zone.nameServer.apply>) =>
            asked[1].name.startsWith('*') ? Promise.reject(refusal) : world.zone.nameServer.apply(...asked),
        }),
      mend: () => delete world.zone.as.apply,
    },
  ];
  const back = broken.flatMap((one) => {
    const names: readonly string[] = jobCatalogue[one.type].steps;
    const begun = names.slice(0, names.indexOf(one.at) + 1);
    return begun.flatMap((step) => ['before', 'after'].map((when) => ({ ...one, point: `${one.type}.${step}.${when}.undo` })));
  });
  test.each(back)('while it is undone, at $point, is undone again to what was before', async ({ type, at, breakIt, mend, point }) => {
    const scene = scenes[type];
    if (scene === undefined) throw new Error(type);
    count += 1;
    const name = `shop-${count}.test`;
    const { domainId, before } = await prepared(scene, name);
    breakIt();
    const stopped = await first.settled(await scene.begin(first, name, domainId));
    mend();
    expect(stopped.steps.find(({ state }) => state === 'failed')?.name).toBe(at);
    const dead = world.killAt(point);
    await first.client.jobs.undo({ jobId: stopped.id, requestKey: key() });
    await dead;
    const next = await world.reopen();
    try {
      await settled(next, await next.client.jobs.undo({ jobId: stopped.id, requestKey: key() }), 'undone');
      await settles(next, before);
      await clear(next, name);
    } finally {
      await next.core.close();
    }
  });
});

describe('a job that ends by its failure goes on by itself after a death', () => {
  const points = (type: JobType) =>
    jobCatalogue[type].steps.flatMap((step) => ['before', 'after'].map((when) => `${type}.${step}.${when}`));

  test.each(points('renew-certificate'))('at %s: one new certificate, on every server', async (point) => {
    const held = () => first.agents.map((agent) => [...agent.certificates.values()].filter(({ names }) => names.includes('*.farm.test')));
    const rows = (core: TestCore) => core.drivers.store.certificates.find({ kind: 'test-wildcard' });
    const [old] = (await first.client.certificates.list()).certificates.filter(({ names }) => names.includes('*.farm.test'));
    if (old === undefined) throw new Error('no certificate');
    const dead = world.killAt(point);
    const job = await first.client.certificates.renew({ certificateId: old.id, requestKey: key() });
    await dead;
    const next = await world.reopen();
    try {
      await settled(next, job);
      const mine = (await rows(next)).filter(({ names }) => names.includes('*.farm.test'));
      expect(mine).toHaveLength(1);
      expect(mine[0]?.id).not.toBe(old.id);
      await expect
        .poll(() => held().map((one) => one.map(({ fingerprintSha256 }) => fingerprintSha256)))
        .toEqual([[mine[0]?.fingerprintSha256], [mine[0]?.fingerprintSha256]]);
    } finally {
      await next.core.close();
    }
  });

  test.each(points('change-domain'))('at %s: the new key is the one', async (point) => {
    count += 1;
    const name = `shop-${count}.test`;
    await world.zone.nameServer.createZone(name, []);
    const { id: domainId } = await first.addDomain(name, powerdns);
    const dead = world.killAt(point);
    const job = await first.client.domains.update({ domainId, dns: { apiKey: 'new-key' }, requestKey: key() });
    await dead;
    const next = await world.reopen();
    try {
      await settled(next, job);
      const row = await next.drivers.store.domains.get(domainId);
      expect(JSON.parse(await next.drivers.secrets.open(`domain:${domainId}`, row?.sealedCredentials ?? ''))).toEqual({
        apiKey: 'new-key',
      });
      expect(JSON.stringify(await next.drivers.store.jobs.find())).not.toContain('new-key');
      expect(await next.drivers.store.locks.find()).toEqual([]);
      await clear(next, name);
    } finally {
      await next.core.close();
    }
  });
});

import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { jobCatalogue, type JobType } from '#contract/catalogue/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { packageId } from '#contract/ids.ts';
import { createFileZoneStorage } from '../../drivers/dns/builtin/file-storage.ts';
import { createBuiltinDriver } from '../../drivers/dns/builtin/index.ts';
import { openSqliteStore } from '../../drivers/store/sqlite/index.ts';
import { systemClock } from '../../drivers/system/clock.ts';
import type { DnsDriver } from '../../ports/dns-writes.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';

/**
 * Kills the core at every point of every step and opens the same home again. The first core does nothing more from that point on, as if it were
 * gone; agents, name server and home live on. `kill.process.test.ts` of the shell does the same with real processes.
 */
const staticSite = packageId.parse('static-site');
let home = '';
let first: TestCore;
let nameServer: DnsDriver;
let dieAt: string | undefined;
let died: (() => void) | undefined;
let count = 0;
const key = randomUUID;
/** Ends what was killed, once nobody looks any more: the first core could not be closed otherwise. */
const burials: (() => void)[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'farm-kill-'));
  const zoneStorage = createFileZoneStorage(join(home, 'zones.json'));
  nameServer = await createBuiltinDriver({ address: '127.0.0.1', port: 0 }, { zoneStorage });
  first = await openCore();
});
afterAll(async () => {
  for (const bury of burials) bury();
  await first.core.close();
  await nameServer.close();
  await rm(home, { recursive: true, force: true });
});

/** The farm's name server is not the core: it lives on. */
const createDns = async (): Promise<DnsDriver> => ({ ...nameServer, close: () => Promise.resolve() });

function openCore(): Promise<TestCore> {
  return createTestCore({
    servers: 2,
    home,
    drivers: { createDns },
    failPoint: (name) => {
      if (name !== dieAt) return undefined;
      dieAt = undefined;
      died?.();
      return new Promise<void>((_resolve, reject) => burials.push(() => reject(new Error('dead'))));
    },
  });
}

/** A second core on the same home, with the same agents: as after a restart. */
async function reopen(): Promise<TestCore> {
  const { links, probe } = first.drivers;
  const store = await openSqliteStore({ file: join(home, 'farm.sqlite'), clock: systemClock });
  return createTestCore({ home, drivers: { links, probe, store, createDns } });
}

/** Everything that an instance could leave behind, wherever it is. */
async function everything(core: TestCore) {
  const { store } = core.drivers;
  const records = (await core.client.domains.list()).domains.flatMap((domain) => domain.records);
  return {
    agents: first.agents.map((agent) => ({
      instances: [...agent.instances.keys()],
      routes: [...agent.routes.keys()],
      installed: [...agent.installed.keys()],
    })),
    records,
    owned: await store.ownedRecords.find(),
    rows: (await store.instances.find()).map(({ name, wish, serverId }) => ({ name, wish, serverId })),
    customers: (await store.customers.find()).map(({ name }) => name),
    locks: await store.locks.find(),
    zone: await zoneOf(core),
  };
}
async function zoneOf(core: TestCore): Promise<readonly string[]> {
  const text = await readFile(join(core.home, 'zones.json'), 'utf8');
  return text.match(/victim-\d+/g) ?? [];
}

type Case = { readonly type: JobType; readonly point: string; readonly choice: 'continue' | 'undo'; readonly end: 'done' | 'undone' };
const pastReturn = jobCatalogue.remove.steps.indexOf('folder');
function casesOf(type: JobType): Case[] {
  return jobCatalogue[type].steps.flatMap((step, at) =>
    ['before', 'after'].flatMap((when): Case[] => {
      const point = `${type}.${step}.${when}`;
      const canUndo = type === 'create' || at < pastReturn;
      return [
        { type, point, choice: 'continue', end: 'done' },
        ...(canUndo ? [{ type, point, choice: 'undo' as const, end: 'undone' as const }] : []),
      ];
    }),
  );
}

async function begin(core: TestCore, type: JobType, name: string): Promise<JobView> {
  const create = await core.client.instances.create({
    name,
    packageId: staticSite,
    customer: { name: `customer of ${name}` },
    requestKey: key(),
  });
  if (type === 'create') return create;
  expect((await core.settled(create)).state).toBe('done');
  const { id } = await core.client.instances.find({ name });
  return core.client.instances.remove({ instanceId: id, requestKey: key() });
}

describe('a job whose core dies', () => {
  test.each([...casesOf('create'), ...casesOf('remove')])('at $point, then $choice, is $end', async ({ type, point, choice, end }) => {
    count += 1;
    const name = `victim-${count}`;
    const core = first;
    const before = await everything(core);
    const dead = new Promise<void>((resolve) => {
      died = resolve;
    });
    dieAt = point;
    const job = await begin(core, type, name);
    await dead;
    const next = await reopen();
    try {
      const stopped = await next.client.jobs.get({ jobId: job.id });
      expect(stopped).toMatchObject({ state: 'stopped', failure: { code: 'JOB_INTERRUPTED', parameters: { step: point.split('.')[1] } } });
      const ended = await next.settled(await next.client.jobs[choice]({ jobId: job.id, requestKey: key() }));
      expect(ended.failure).toBeUndefined();
      expect(ended.state).toBe(end);
      const isThere = (type === 'create') === (end === 'done');
      if (isThere) {
        const { id, condition } = await next.client.instances.find({ name });
        expect(condition.code).toBe('running');
        const { road } = await next.client.instances.check({ instanceId: id, requestKey: key() });
        expect(road.slice(0, 4).map(({ mark }) => mark)).toEqual(['good', 'good', 'good', 'good']);
        expect((await next.settled(await next.client.instances.remove({ instanceId: id, requestKey: key() }))).state).toBe('done');
      } else {
        await expect(next.client.instances.find({ name })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      }
      const after = await everything(next);
      // who the instance was for stays known once it was there
      expect({ ...after, customers: [] }).toEqual({ ...before, customers: [] });
      if (type === 'create' && end === 'undone') expect(after.customers).toEqual(before.customers);
    } finally {
      await next.core.close();
    }
  });

  const undone = jobCatalogue.create.steps.slice(0, jobCatalogue.create.steps.indexOf('route') + 1);
  test.each(undone.flatMap((step) => [`create.${step}.before.undo`, `create.${step}.after.undo`]))(
    'while it is undone, at %s, is undone again to nothing',
    async (point) => {
      count += 1;
      const before = await everything(first);
      for (const agent of first.agents) agent.failNext('edge.putRoute', new FarmError('PORT_TAKEN', { port: 443, owner: 'nginx' }));
      const stopped = await first.settled(await begin(first, 'create', `victim-${count}`));
      expect(stopped.failure?.code).toBe('PORT_TAKEN');
      for (const agent of first.agents) agent.failNext('edge.putRoute', new FarmError('PORT_TAKEN', { port: 443, owner: 'nginx' }), 0);
      const dead = new Promise<void>((resolve) => {
        died = resolve;
      });
      dieAt = point;
      await first.client.jobs.undo({ jobId: stopped.id, requestKey: key() });
      await dead;
      const next = await reopen();
      try {
        const again = await next.settled(await next.client.jobs.undo({ jobId: stopped.id, requestKey: key() }));
        expect(again).toMatchObject({ state: 'undone', direction: 'back' });
        expect(again.traces.filter(({ isPresent }) => isPresent)).toEqual([]);
        expect(await everything(next)).toEqual(before);
      } finally {
        await next.core.close();
      }
    },
  );

  test('under a wildcard of the domain gives back exactly its own record', async () => {
    count += 1;
    const zone = await nameServer.findZone('farm.test');
    const addresses = first.agents.map(({ publicAddress }) => publicAddress);
    const wildcard = { name: '*.farm.test', type: 'A', ttlSeconds: 60, values: addresses } as const;
    const plan = { zone: zone.name, name: wildcard.name, type: wildcard.type };
    await nameServer.apply(zone, { ...plan, action: 'create', before: undefined, after: wildcard });
    const before = await everything(first);
    expect((await first.settled(await begin(first, 'create', `victim-${count}`))).state).toBe('done');
    const { id } = await first.client.instances.find({ name: `victim-${count}` });
    const removed = await first.settled(await first.client.instances.remove({ instanceId: id, requestKey: key() }));
    expect(removed).toMatchObject({ state: 'done' });
    expect({ ...(await everything(first)), customers: [] }).toEqual({ ...before, customers: [] });
    expect(await nameServer.list(zone, { name: wildcard.name })).toEqual([wildcard]);
    await nameServer.apply(zone, { ...plan, action: 'delete', before: wildcard, after: undefined });
  });

  test('or whose server is lost in the middle of a step, is undone once the server is back', async () => {
    count += 1;
    const name = `victim-${count}`;
    const before = await everything(first);
    // twice, because a link that stands again is tried once more
    for (const agent of first.agents)
      agent.failNext('edge.putRoute', new FarmError('SERVER_UNREACHABLE', { server: agent.name, address: 'here', cause: 'closed' }), 2);
    const stopped = await first.settled(await begin(first, 'create', name));
    expect(stopped).toMatchObject({ state: 'stopped', failure: { code: 'SERVER_UNREACHABLE' } });
    const addresses = (await first.client.servers.list()).servers.map(({ address }) => address);
    for (const address of addresses) first.links.cut(address, true);
    const stuck = await first.settled(await first.client.jobs.undo({ jobId: stopped.id, requestKey: key() }));
    expect(stuck).toMatchObject({ state: 'stopped', direction: 'back', failure: { code: 'SERVER_UNREACHABLE' } });
    for (const address of addresses) first.links.cut(address, false);
    for (const agent of first.agents)
      agent.failNext('edge.putRoute', new FarmError('SERVER_UNREACHABLE', { server: '', address: '', cause: 'closed' }), 0);
    const undone = await first.settled(await first.client.jobs.undo({ jobId: stopped.id, requestKey: key() }));
    expect(undone.state).toBe('undone');
    expect(await everything(first)).toEqual(before);
  });
});

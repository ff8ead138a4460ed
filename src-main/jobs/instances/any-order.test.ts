import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import type { RunAct } from '#contract/catalogue/jobs.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import { packageId } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';

/**
 * Everything that can be done with two instances, in any order, while links break and agents refuse. What must be true of it is said here once more, in
 * terms of agents, zone and rows, by code that shares nothing with what does it.
 */
let farm: TestCore;
beforeAll(async () => {
  farm = await createTestCore({ servers: 2 });
});
afterAll(() => farm.close());

const staticSite = packageId.parse('static-site');
const names = ['anna', 'berta'] as const;
const acts = ['start', 'stop', 'restart', 'suspend', 'resume'] as const satisfies readonly RunAct[];
const failing = [
  'instances.start',
  'instances.stop',
  'instances.restart',
  'edge.putRoute',
  'instances.create',
  'instances.remove',
] as const;

type Move =
  | { readonly do: 'create' | 'remove' | 'undo' | 'continue' | RunAct; readonly name: (typeof names)[number] }
  | { readonly do: 'cut' | 'mend'; readonly server: number }
  | { readonly do: 'fail'; readonly command: (typeof failing)[number]; readonly server: number }
  | { readonly do: 'rest' };

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('create' as const, 'remove' as const, ...acts, ...acts),
      name: fc.constantFrom('anna' as const, ...names),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('undo' as const, 'continue' as const), name: fc.constantFrom(...names) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('cut' as const, 'mend' as const), server: fc.nat({ max: 1 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('fail' as const), command: fc.constantFrom(...failing), server: fc.nat({ max: 1 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('rest' as const) }) },
);

const addresses = ['oak.test:7443', 'pine.test:7443'] as const;
const refused = new FarmError('NOT_PERMITTED_BY_OS', { what: 'this' });
const expected = new Set(['OBJECT_BUSY', 'INSTANCE_STATE', 'NAME_TAKEN', 'NOT_FOUND', 'JOB_NOT_STOPPED', 'JOB_PAST_RETURN', 'DNS_UNSAFE']);
/** What was refused made nothing; anything that is not foreseen here is a fault. */
async function unlessRefused(call: Promise<JobView>): Promise<JobView | undefined> {
  try {
    return await call;
  } catch (error) {
    const code = isFarmError(error) ? error.code : (error as { readonly code?: string }).code;
    if (code === undefined || !expected.has(code)) throw error;
    return undefined;
  }
}
const rowOf = async (name: string) => (await farm.drivers.store.instances.find({ name }))[0];
const openJobs = async () => (await farm.client.jobs.list({})).jobs.filter(({ endedAtMs }) => endedAtMs === undefined);
const rest = async (): Promise<void> => {
  for (const job of await openJobs()) if (job.state === 'running' || job.state === 'undoing') await farm.settled(job);
};

async function make(one: Move): Promise<JobView | undefined> {
  switch (one.do) {
    case 'rest':
      await rest();
      return undefined;
    case 'cut':
    case 'mend':
      farm.links.cut(addresses[one.server] ?? addresses[0], one.do === 'cut');
      return undefined;
    case 'fail':
      farm.agents[one.server]?.failNext(one.command, refused);
      return undefined;
    case 'create':
      return unlessRefused(farm.client.instances.create({ name: one.name, packageId: staticSite, requestKey: farm.key() }));
    case 'undo':
    case 'continue': {
      const job = (await openJobs()).find(({ subject }) => subject.name === one.name);
      return job === undefined ? undefined : unlessRefused(farm.client.jobs[one.do]({ jobId: job.id, requestKey: farm.key() }));
    }
    default: {
      const row = await rowOf(one.name);
      if (row === undefined) return undefined;
      return unlessRefused(farm.client.instances[one.do]({ instanceId: row.id, requestKey: farm.key() }));
    }
  }
}

/** All is mended, and every job that waits for a person is brought to its end. */
async function calm(): Promise<void> {
  for (const agent of farm.agents) for (const command of failing) agent.failNext(command, refused, 0);
  for (const address of addresses) farm.links.cut(address, false);
  for (let round = 0; round < 5 && (await openJobs()).length > 0; round += 1) {
    await rest();
    for (const job of await openJobs())
      await farm.settled(await farm.client.jobs[job.canUndo ? 'undo' : 'continue']({ jobId: job.id, requestKey: farm.key() }));
  }
  expect(await openJobs()).toEqual([]);
}

const asWished = {
  running: { process: 'running', route: 'running', code: 'running' },
  stopped: { process: 'none', route: 'broken', code: 'stopped' },
  suspended: { process: 'none', route: 'suspended', code: 'suspended' },
} as const;

/** Each row once in the world and as it is wanted, and nothing that no row has. */
async function isWhole(): Promise<void> {
  const rows = await farm.drivers.store.instances.find();
  expect(await farm.drivers.store.locks.find()).toEqual([]);
  const held = farm.agents.flatMap((agent) => [...agent.instances.values()].map(({ spec }) => `${spec.name} on ${agent.name}`));
  const routed = farm.agents.flatMap((agent) => [...agent.routes.keys()].map((host) => `${host} on ${agent.name}`));
  const servers = new Map((await farm.drivers.store.servers.find()).map(({ id, name }) => [String(id), name]));
  const on = (serverId: string | null): string => servers.get(String(serverId)) ?? '?';
  expect(held.sort()).toEqual(rows.map(({ name, serverId }) => `${name} on ${on(serverId)}`).sort());
  expect(routed.sort()).toEqual(rows.map(({ name, serverId }) => `${name}.farm.test on ${on(serverId)}`).sort());
  const records = (await farm.drivers.store.ownedRecords.find()).map(({ name }) => name);
  expect(records.sort()).toEqual(rows.map(({ name }) => `${name}.farm.test`).sort());
  for (const agent of farm.agents) expect(agent.installed.size).toBe(agent.instances.size > 0 ? 1 : 0);
  for (const { id, name, wish } of rows) {
    expect(Object.keys(asWished)).toContain(wish);
    const wanted = asWished[wish as keyof typeof asWished];
    const seen = async () => {
      const agent = farm.agents.find(({ instances }) => instances.has(id));
      return {
        process: agent?.instances.get(id)?.instance.process.state,
        route: agent?.routes.get(`${name}.farm.test`)?.state,
        code: (await farm.client.instances.find({ name })).condition.code,
      };
    };
    await expect.poll(seen, { timeout: 10_000 }).toEqual(wanted);
  }
}

/** What ended by its failure locks nobody out: an act that makes sense now is taken. */
async function isOpen(job: JobView): Promise<void> {
  const row = await rowOf(job.subject.name);
  if (row === undefined || (await farm.drivers.store.locks.get(`instance:${row.id}`)) !== undefined) return;
  const { wish } = row;
  const sensible = wish === 'running' ? 'stop' : wish === 'stopped' ? 'start' : 'suspend';
  const next = await farm.client.instances[sensible]({ instanceId: row.id, requestKey: farm.key() });
  expect(next.type).toBe(sensible);
  await farm.settled(next);
}

test('whatever is done in whatever order, nothing is lost, doubled or left over, and nobody is locked out', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(move, { minLength: 4, maxLength: 10 }), async (moves) => {
      await make({ do: 'create', name: 'anna' });
      await rest();
      for (const one of moves) {
        const job = await make(one);
        const isWaited = job !== undefined && moves.length % 2 === 0;
        const ended = isWaited ? await farm.settled(job) : undefined;
        if (ended?.state === 'failed') await isOpen(ended);
      }
      await calm();
      await isWhole();
      // the next order begins with nothing
      for (const name of names) {
        const row = await rowOf(name);
        if (row === undefined) continue;
        const job = await farm.client.instances.remove({ instanceId: row.id, requestKey: farm.key() });
        expect(await farm.settled(job)).toMatchObject({ state: 'done' });
      }
      await isWhole();
    }),
    { numRuns: 40, interruptAfterTimeLimit: 15_000, endOnFailure: true, verbose: 1 },
  );
}, 120_000);

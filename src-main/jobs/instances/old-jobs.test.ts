import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { jobCatalogue } from '#contract/catalogue/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { packageId } from '#contract/ids.ts';
import type { JobStep } from '../../model/jobs/job.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import type { FakeAgent } from '../../testing/fake-agent.ts';

/**
 * Jobs that version 1 of the two tables stopped: their rows, with what that version remembered of each step (as the release of 2026-11-27 wrote it),
 * stand in a world that it had made.
 */
const staticSite = packageId.parse('static-site');
let farm: TestCore;
let agent: FakeAgent;
let failAt = '';
let count = 0;

beforeAll(async () => {
  farm = await createTestCore({
    servers: 1,
    failPoint: (point) => {
      if (point !== failAt) return;
      failAt = '';
      throw new FarmError('PORT_TAKEN', { port: 1, owner: 'test' });
    },
  });
  const [only] = farm.agents;
  if (only === undefined) throw new Error('no agent');
  agent = only;
});
afterAll(() => farm.close());

async function everything() {
  const { store } = farm.drivers;
  return {
    instances: [...agent.instances.keys()],
    routes: [...agent.routes.values()].map(({ host, state }) => `${host} ${state}`),
    installed: [...agent.installed.keys()],
    owned: (await store.ownedRecords.find()).map(({ name, value }) => `${name} ${value}`),
    rows: (await store.instances.find()).map(({ name, wish }) => `${name} ${wish}`),
    locks: await store.locks.find(),
    processes: [...agent.instances.values()].map(({ instance }) => instance.process.state),
  };
}

type Kept = { readonly port: string; readonly records: readonly { readonly type: string; readonly value: string }[] };

/** What version 1 had remembered of a step once it had acted. */
function oldMemo(type: 'create' | 'remove', name: string, instanceId: string, serverId: string, kept: Kept): JobStep['memo'] {
  if (type === 'remove') return name === 'check' ? kept : name === 'package' ? { isKept: false } : {};
  const [installed] = agent.installed.values();
  const made = agent.instances.get(instanceId)?.instance;
  switch (name) {
    case 'place':
      return { serverId };
    case 'package':
      return { wasOn: false, manifestHash: installed?.manifestHash, payload: installed?.payload };
    case 'setup':
      return { port: String(made?.port), folder: made?.folder, user: made?.user };
    default:
      return {};
  }
}

async function rewrite(job: JobView, kept: Kept, hasActed: (step: JobStep) => boolean): Promise<void> {
  const { store } = farm.drivers;
  const row = await store.jobs.get(job.id);
  if (row === undefined) throw new Error('no job');
  await store.jobs.put({ ...row, version: 1 });
  const serverId = (await store.instances.get(job.subject.id))?.serverId ?? '';
  for (const step of await store.jobSteps.find({ jobId: job.id })) {
    const type = job.type === 'create' ? 'create' : 'remove';
    await store.jobSteps.put({ ...step, memo: hasActed(step) ? oldMemo(type, step.name, job.subject.id, serverId, kept) : {} });
  }
}

async function keptOf(instanceId: string): Promise<Kept> {
  const owned = await farm.drivers.store.ownedRecords.find();
  return {
    port: String(agent.instances.get(instanceId)?.instance.port),
    records: owned.filter((record) => record.instanceId === instanceId).map(({ type, value }) => ({ type, value })),
  };
}

const cases = (['create', 'remove'] as const).flatMap((type) =>
  jobCatalogue[type].steps.flatMap((step, at) =>
    (['before', 'after'] as const).flatMap((moment) => {
      const canUndo = type === 'create' || at < jobCatalogue.remove.steps.indexOf('folder');
      return (canUndo ? (['continue', 'undo'] as const) : (['continue'] as const)).map((choice) => ({ type, step, moment, choice }));
    }),
  ),
);

describe('a job that version 1 stopped', () => {
  test.each(cases)('$type at $step, $moment it acted, then $choice', async ({ type, step, moment, choice }) => {
    count += 1;
    const name = `old-${count}`;
    const nothing = await everything();
    if (type === 'create') failAt = `create.${step}.${moment}`;
    const created = await farm.settled(await farm.client.instances.create({ name, packageId: staticSite, requestKey: farm.key() }));
    const standing = await everything();
    const kept = await keptOf(created.subject.id);
    let job = created;
    if (type === 'remove') {
      failAt = `remove.${step}.${moment}`;
      const { id: instanceId } = await farm.client.instances.find({ name });
      job = await farm.settled(await farm.client.instances.remove({ instanceId, requestKey: farm.key() }));
    }
    expect(job).toMatchObject({ state: 'stopped', failure: { code: 'PORT_TAKEN' } });
    await rewrite(job, kept, (row) => row.outcome === 'done' || (row.name === step && moment === 'after'));

    const ended = await farm.settled(await farm.client.jobs[choice]({ jobId: job.id, requestKey: farm.key() }));
    expect([ended.state, ended.failure]).toEqual([choice === 'undo' ? 'undone' : 'done', undefined]);
    if (type === 'remove' && choice === 'undo') {
      expect(await everything()).toEqual(standing);
    } else if (type === 'create' && choice === 'continue') {
      expect(agent.instances.get(created.subject.id)?.instance).toMatchObject({ wanted: 'running', health: 'healthy' });
      expect((await everything()).rows).toEqual([`${name} running`]);
    } else {
      expect(await everything()).toEqual(nothing);
      return;
    }
    const { id: instanceId } = await farm.client.instances.find({ name });
    expect((await farm.settled(await farm.client.instances.remove({ instanceId, requestKey: farm.key() }))).state).toBe('done');
    expect(await everything()).toEqual(nothing);
  });
});

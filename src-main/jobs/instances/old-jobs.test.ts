import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { jobCatalogue } from '#contract/catalogue/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import type { Job, JobStep } from '../../model/jobs/job.ts';
import { addressOf, createLightWorld, type LightWorld } from '../../testing/light/light-world.ts';
import type { Act } from '../../testing/orders/acts.ts';
import { beginAct } from '../../testing/orders/begin-act.ts';
import { type Course, courseOf, pictureOf } from '../../testing/orders/kill-run.ts';
import { faultsOf } from '../../testing/orders/oracle.ts';
import { create, scenarios } from '../../testing/orders/scenarios.ts';

/**
 * Jobs that version 1 of the two tables stopped: their rows, with what that version remembered of each step (as the release of 2026-11-27 wrote it),
 * stand in a world that it had made.
 */
let world: LightWorld;
let courses: Readonly<Record<'create' | 'remove', Course>>;
let seed = 0;

beforeAll(async () => {
  courses = { create: await courseOf('create'), remove: await courseOf('remove') };
});
afterEach(() => world.kill());

const agent = () => {
  const found = world.agents.get(addressOf('Oak'));
  if (found === undefined) throw new Error('no agent');
  return found;
};
async function followed(asked: Promise<JobView> | undefined): Promise<Job> {
  if (asked === undefined) throw new Error('nothing was asked');
  const { id } = await world.turns.during(asked, 'it begins');
  await world.turns.until('it rests', () => world.isSettled(id));
  const job = world.disk.jobs.get(id);
  if (job === undefined) throw new Error('no job');
  return job;
}
const done = (act: Act): Promise<Job> => followed(beginAct(world, world.now().client, act));
/** Who an instance was for stays known once it was there. */
const withoutCustomers = (picture: readonly string[]) => picture.filter((line) => !line.startsWith('customer-row '));
/** The next passage of that point fails its step. */
const failAt = (point: string): void =>
  void world.at(point, () => {
    throw new FarmError('PORT_TAKEN', { port: 1, owner: 'test' });
  });

type Kept = { readonly port: string; readonly records: readonly { readonly type: string; readonly value: string }[] };

/** What version 1 had remembered of a step once it had acted. */
function oldCheckpoint(type: 'create' | 'remove', name: string, instanceId: string, serverId: string, kept: Kept): JobStep['checkpoint'] {
  if (type === 'remove') return name === 'check' ? kept : name === 'package' ? { isKept: false } : {};
  const [installed] = agent().installed.values();
  const made = agent().instances.get(instanceId)?.instance;
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

function rewrite(job: Job, kept: Kept, hasActed: (step: JobStep) => boolean): void {
  const { disk } = world;
  const never = (): void => undefined;
  disk.jobs.write({ ...job, version: 1 }, false, never);
  const serverId = disk.instances.get(job.subject.id)?.serverId ?? '';
  const type = job.type === 'create' ? 'create' : 'remove';
  for (const step of disk.jobSteps.find({ jobId: job.id }))
    disk.jobSteps.write(
      { ...step, checkpoint: hasActed(step) ? oldCheckpoint(type, step.name, job.subject.id, serverId, kept) : {} },
      false,
      never,
    );
}

function keptOf(instanceId: string): Kept {
  const owned = world.disk.ownedRecords.find({ instanceId });
  return {
    port: String(agent().instances.get(instanceId)?.instance.port),
    records: owned.map(({ type, value }) => ({ type, value })),
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
    seed += 1;
    world = await createLightWorld(seed);
    await world.open();
    if (type === 'create') failAt(`create.${step}.${moment}`);
    const created = await done(type === 'create' ? scenarios.create.act : create('anna'));
    const kept = keptOf(created.subject.id);
    if (type === 'remove') failAt(`remove.${step}.${moment}`);
    const job = type === 'remove' ? await done(scenarios.remove.act) : created;
    expect(job).toMatchObject({ state: 'stopped', failure: { code: 'PORT_TAKEN' } });
    rewrite(job, kept, (row) => row.outcome === 'done' || (row.name === step && moment === 'after'));

    const ended = await followed(world.now().client.jobs[choice]({ jobId: job.id, requestKey: world.key() }));
    expect([ended.state, ended.failure]).toEqual([choice === 'undo' ? 'undone' : 'done', null]);
    await world.turns.pass(60_000);
    expect(pictureOf(world)).toEqual(courses[type][choice === 'undo' ? 'before' : 'done']);
    if ((type === 'create') === (choice === 'continue')) {
      expect((await done(scenarios.remove.act)).state).toBe('done');
      expect(withoutCustomers(pictureOf(world))).toEqual(courses.remove.done);
    }
    expect(faultsOf(world)).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';
import { jobCatalogue, type RunAct } from '#contract/catalogue/jobs.ts';
import { addressOf, type LightWorld } from '../../testing/light/light-world.ts';
import { beginAct } from '../../testing/orders/begin-act.ts';
import { faultsOf } from '../../testing/orders/oracle.ts';
import { prepared } from '../../testing/orders/run-scenario.ts';
import { scenarios } from '../../testing/orders/scenarios.ts';

/** What `jobs/kill-table.test.ts`, which kills the core at every point of every act, does not see: the process of an instance, a link that takes its time. */
const oak = addressOf('Oak');
const anna = ({ agents }: LightWorld) =>
  [...(agents.get(oak)?.instances.values() ?? [])].find(({ spec }) => spec.name === 'anna')?.instance;
const processId = (world: LightWorld): number | undefined => {
  const process = anna(world)?.process;
  return process !== undefined && 'processId' in process ? process.processId : undefined;
};
const desired = (world: LightWorld) => world.disk.instances.find({ name: 'anna' })[0]?.desired;

/** A farm whose core has died at that point of the act. */
async function killed(type: RunAct, point: string): Promise<{ readonly world: LightWorld; readonly before: number | undefined }> {
  const world = await prepared(1, type);
  const before = processId(world);
  void world.at(point);
  // whoever asked a core that died hears nothing
  void beginAct(world, world.now().client, scenarios[type].act)?.catch(() => undefined);
  await world.turns.until(`it comes to ${point}`, () => world.isDead());
  return { world, before };
}

/** The act goes on by itself, to its end. */
async function endsWell(world: LightWorld, type: RunAct): Promise<void> {
  const newest = () => world.jobs().findLast((job) => job.type === type);
  await world.turns.until('it ends', () => world.isSettled(newest()?.id ?? ''));
  expect([newest()?.state, newest()?.failure]).toEqual(['done', null]);
  expect(world.disk.locks.find({})).toEqual([]);
  await world.turns.pass(60_000);
  expect(faultsOf(world)).toEqual([]);
}

describe('an act whose core dies', () => {
  const points = jobCatalogue.restart.steps.flatMap((step) => [`restart.${step}.before`, `restart.${step}.after`]);
  test.each(points)('at %s goes on by itself, into another process', async (point) => {
    const { world, before } = await killed('restart', point);
    await world.open();
    await endsWell(world, 'restart');
    expect(before).toBeDefined();
    expect(processId(world)).not.toBe(before);
    world.kill();
  });

  test('waits for a link that is still being made when the core is there again', async () => {
    const { world } = await killed('suspend', 'suspend.page.before');
    world.slow(oak, true);
    await world.open();
    // longer than a look waits for a link
    await world.turns.pass(3000);
    expect(anna(world)?.wanted).toBe('running');
    world.slow(oak, false);
    await endsWell(world, 'suspend');
    expect([desired(world), anna(world)?.wanted]).toEqual(['suspended', 'stopped']);
    world.kill();
  });

  test('after its failure was settled, and before that was saved, wants what it wanted when it goes on', async () => {
    const { world } = await killed('start', 'start.start.after');
    const [row] = world.disk.instances.find({ name: 'anna' });
    if (row === undefined) throw new Error('no row');
    world.disk.instances.write({ ...row, desired: 'stopped' }, false, () => undefined);
    await world.open();
    await endsWell(world, 'start');
    expect([desired(world), anna(world)?.process.state]).toEqual(['running', 'running']);
    world.kill();
  });
});

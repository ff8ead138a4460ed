import { describe, expect, test } from 'vitest';
import { findServerToRemove } from '../../shells/cli/find-objects.ts';
import { addressOf, type LightWorld } from '../../testing/light/light-world.ts';
import { beginAct } from '../../testing/orders/begin-act.ts';
import { prepared } from '../../testing/orders/run-scenario.ts';
import { scenarios } from '../../testing/orders/scenarios.ts';

/** What the proof says of a server whose removal was cut off (`jobs/kill-table.test.ts` kills the core at every point). */
const pine = addressOf('Pine');

/** A farm from which Pine is removed; its core has died at that point. */
async function killed(point: string, isGivenUp = false): Promise<{ readonly world: LightWorld; readonly id: string }> {
  const world = await prepared(1, 'remove-server');
  const id = world.disk.servers.find({ name: 'Pine' })[0]?.id ?? expect.fail('no Pine');
  const sample = { farmId: 'f', serverId: id, subjectId: id, atMs: 1, agentAtMs: 1, clockOffsetMs: 0, values: { cpu: 1 } };
  world.disk.samples.write(sample, true, () => undefined);
  void world.at(point);
  // whoever asked a core that died hears nothing
  void beginAct(world, world.now().client, { ...scenarios['remove-server'].act, isGivenUp })?.catch(() => undefined);
  await world.turns.until(`it comes to ${point}`, () => world.isDead());
  return { world, id };
}

/** A person continues what was cut off, to its end; answers with what the proof says. */
async function proofOf(world: LightWorld) {
  const { client } = world.now();
  const job = world.jobs().findLast(({ type }) => type === 'remove-server') ?? expect.fail('no job');
  await world.turns.until('it comes to a stop', () => world.isSettled(job.id));
  await world.turns.during(client.jobs.continue({ jobId: job.id, requestKey: world.key() }), 'it is continued');
  await world.turns.until('it ends', () => world.isSettled(job.id));
  const ended = await world.turns.during(client.jobs.get({ jobId: job.id }), 'it is looked at');
  expect([ended.failure, ended.state]).toEqual([undefined, 'done']);
  expect(world.disk.servers.find({ name: 'Pine' })).toEqual([]);
  world.kill();
  return ended.traces;
}

describe('a removal whose core dies', () => {
  test('after the agent has left, is gone with its measurements, and the proof says so', async () => {
    const { world, id } = await killed('remove-server.leave.after');
    await world.open();
    expect((await proofOf(world)).map(({ code, isPresent }) => ({ code, isPresent }))).toEqual([
      { code: 'membership', isPresent: false },
      { code: 'row', isPresent: false },
    ]);
    expect(world.disk.samples.find({ subjectId: id })).toEqual([]);
  });

  test('when the row has gone, rehearses that nothing more would change, and is led on by the same command', async () => {
    const { world, id } = await killed('remove-server.row.after');
    const { client } = await world.open();
    expect(world.disk.servers.find({ name: 'Pine' })).toEqual([]);
    for (const isGivenUp of [true, false]) {
      const act = { type: 'remove-server' as const, serverId: id as never, isGivenUp };
      expect(await world.turns.during(client.jobs.rehearse({ act }), 'a rehearsal')).toEqual({ changes: [] });
    }
    expect(await world.turns.during(findServerToRemove(client, 'pine', false), 'it is sought')).toEqual({ id, name: 'Pine' });
    expect(await proofOf(world)).toHaveLength(2);
  });

  test.each(['remove-server.leave.after', 'remove-server.row.after'])(
    'at %s, and its computer with it, is gone; that nobody could be asked once more is said',
    async (point) => {
      const { world } = await killed(point, true);
      world.cut(pine, true);
      await world.open();
      expect((await proofOf(world))[0]).toMatchObject({ code: 'membership-unasked', parameters: { told: 'yes' } });
    },
  );
});

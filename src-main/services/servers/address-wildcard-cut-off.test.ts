import { expect, test } from 'vitest';
import { stepId } from '../../engine/job-records.ts';
import type { LightWorld } from '../../testing/light/light-world.ts';
import { addressesAt } from '../../testing/light/places.ts';
import { beginAct } from '../../testing/orders/begin-act.ts';
import { prepared } from '../../testing/orders/run-scenario.ts';
import { scenarios } from '../../testing/orders/scenarios.ts';

/** A wildcard that the farm keeps for a server, whose change of addresses was cut off: what `jobs/kill-table.test.ts` does not see, records of instances and an older job. */
const [from, to] = [addressesAt('Oak', 'first'), addressesAt('Oak', 'second')];

/** A farm whose wildcard stands and whose instance has no record of its own; its core has died at that point. */
async function killed(point: string): Promise<{ readonly world: LightWorld; readonly jobId: string }> {
  const world = await prepared(1, 'address-server');
  expect(led(world)).toEqual({ standing: from, kept: { serverId: oak(world).id, values: from, isRelied: true }, anna: [] });
  void world.at(point);
  // whoever asked a core that died hears nothing
  void beginAct(world, world.now().client, scenarios['address-server'].act)?.catch(() => undefined);
  await world.turns.until(`it comes to ${point}`, () => world.isDead());
  return { world, jobId: world.jobs().findLast(({ type }) => type === 'address-server')?.id ?? expect.fail('no job') };
}

const oak = ({ disk }: LightWorld) => disk.servers.find({ name: 'Oak' })[0] ?? expect.fail('no Oak');
const domain = ({ disk }: LightWorld) => disk.domains.find({ name: 'farm.test' })[0] ?? expect.fail('no domain');
/** Where the wildcard leads, what the farm says of it, and the own record of the instance. */
function led(world: LightWorld) {
  const records = world.nameServer.zones().find(({ name }) => name === 'farm.test')?.records ?? [];
  const at = (name: string) => records.filter((record) => record.name === name).flatMap(({ values }) => values);
  return { standing: at('*.farm.test'), kept: domain(world).dnsSettings['wildcard'], anna: at('anna.farm.test') };
}

async function ended(world: LightWorld, jobId: string, choice: 'continue' | 'undo'): Promise<string | undefined> {
  const { client } = await world.open();
  await world.turns.until('it comes to a stop', () => world.isSettled(jobId));
  await world.turns.during(client.jobs[choice]({ jobId: jobId as never, requestKey: world.key() }), choice);
  await world.turns.until('it ends', () => world.isSettled(jobId));
  return world.disk.jobs.get(jobId)?.state;
}

test('undone, whoever relied on it alone is found by it again, and has no record of their own', async () => {
  const { world, jobId } = await killed('address-server.rely.after');
  expect(led(world).anna).toEqual(to);
  expect(await ended(world, jobId, 'undo')).toBe('undone');
  expect(led(world)).toEqual({ standing: from, kept: { serverId: oak(world).id, values: from, isRelied: true }, anna: [] });
  world.kill();
});

test('a job of the version before, which knew no wildcard, goes on to its end', async () => {
  const { world, jobId } = await killed('address-server.row.after');
  const { disk } = world;
  const row = disk.jobs.get(jobId) ?? expect.fail('no job');
  const { wildcards: _none, ...input } = row.input;
  disk.jobs.write({ ...row, version: 1, input }, false, () => undefined);
  for (const index of [2, 3]) disk.jobSteps.remove(stepId(row.id, index), () => undefined);
  const kept = { serverId: oak(world).id, values: from, isRelied: true };
  const settings = { ...domain(world).dnsSettings, wildcard: kept };
  disk.domains.write({ ...domain(world), dnsSettings: settings }, false, () => undefined);
  expect(await ended(world, jobId, 'continue')).toBe('done');
  expect(led(world)).toEqual({ standing: from, kept, anna: to });
  world.kill();
});

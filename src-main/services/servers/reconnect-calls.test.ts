import { expect, test } from 'vitest';
import { packageId } from '#contract/ids.ts';
import { addressOf, createLightWorld, type LightWorld } from '../../testing/light/light-world.ts';

const oak = addressOf('Oak');

async function settled(world: LightWorld, begun: Promise<{ readonly id: string }>): Promise<void> {
  const { id } = await world.turns.during(begun, 'it begins');
  await world.turns.until('it ends', () => world.isSettled(id));
  expect(world.disk.jobs.get(id)?.state).toBe('done');
}
/** What the server is asked for the certificates of its edge, from when its link stands again. */
async function askedOnReturn(world: LightWorld): Promise<readonly string[]> {
  world.cut(oak, true);
  world.agents.get(oak)?.endWatching();
  await world.turns.pass(1000);
  const from = world.turns.trace.length;
  world.cut(oak, false);
  await world.turns.pass(120_000);
  const begin = `${oak} certificates.`;
  return world.turns.trace
    .slice(from)
    .filter((line) => line.startsWith(begin) && !line.endsWith(' answered'))
    .map((line) => line.slice(begin.length));
}

test('a server that comes back is asked once for the certificates of all domains, and brought what it lacks', async () => {
  const world = await createLightWorld(1);
  const { client } = await world.open();
  await world.turns.pass(60_000);
  await settled(world, client.domains.add({ name: 'second.test', dns: { kind: 'builtin' }, requestKey: world.key() }));
  await settled(world, client.instances.create({ name: 'anna', packageId: packageId.parse('static-site'), requestKey: world.key() }));
  expect(await askedOnReturn(world)).toEqual(['list']);
  const agent = world.agents.get(oak);
  const before = (await agent?.client.certificates.list())?.certificates ?? [];
  expect(before).toHaveLength(2);
  for (const { certificateId } of before) await agent?.client.certificates.remove({ certificateId });
  expect(await askedOnReturn(world)).toEqual(['list', 'install', 'install']);
  expect((await agent?.client.certificates.list())?.certificates.toSorted(byId)).toEqual(before.toSorted(byId));
  expect(world.bugs).toEqual([]);
});

const byId = (one: { readonly certificateId: string }, other: { readonly certificateId: string }): number =>
  one.certificateId.localeCompare(other.certificateId);

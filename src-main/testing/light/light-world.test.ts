import { expect, test } from 'vitest';
import { packageId } from '#contract/ids.ts';
import { createLightWorld } from './light-world.ts';

async function story(seed: number) {
  const world = await createLightWorld(seed);
  const { client } = await world.open();
  const begun = client.instances.create({ name: 'anna', packageId: packageId.parse('static-site'), requestKey: world.key() });
  const { id } = await world.turns.during(begun, 'a create begins');
  await world.turns.until('a create ends', () => world.isSettled(id));
  return { state: world.disk.jobs.get(id)?.state, trace: world.turns.trace.join('\n'), bugs: world.bugs };
}

test('a farm in memory makes an instance, the same way for the same seed and otherwise for another', async () => {
  const one = await story(1);
  expect(one).toMatchObject({ state: 'done', bugs: [] });
  expect(await story(1)).toEqual(one);
  expect((await story(2)).trace).not.toBe(one.trace);
  const startedMs = performance.now();
  for (let n = 0; n < 20; n += 1) await story(n);
  console.info(`${((performance.now() - startedMs) / 20).toFixed(1)} ms`);
});

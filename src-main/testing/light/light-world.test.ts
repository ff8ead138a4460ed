import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
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

test('a farm whose core was killed in the middle of its work is let go with all that waited in it', async () => {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  const killed = async (seed: number): Promise<WeakRef<object>> => {
    const world = await createLightWorld(seed);
    const { client, core } = await world.open();
    const dead = world.dieAt({ after: 6, isDurable: seed % 2 === 0 });
    const { plans } = await world.turns.during(client.plans.list({ packageId: 'tiddlywiki' }), 'the plans');
    const planId = plans[0]?.id ?? expect.fail('no plan');
    const request = { name: 'anna', packageId: 'tiddlywiki', planId, customer: { name: 'Anna' }, requestKey: world.key() };
    client.instances.create(request).catch(() => undefined);
    let isDead = false;
    void dead.then(() => {
      isDead = true;
    });
    await world.turns.until('it dies', () => isDead);
    await world.turns.steps(20);
    return new WeakRef(core);
  };
  const cores = await Promise.all([1, 2, 3].map(killed));
  await expect
    .poll(() => {
      if (typeof collect === 'function') collect();
      return cores.filter((core) => core.deref() !== undefined).length;
    })
    .toBe(0);
});

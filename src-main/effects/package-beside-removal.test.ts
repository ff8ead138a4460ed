import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageId } from '#contract/ids.ts';
import { createHoldJobs, type HoldJobs } from '../testing/hold-jobs.ts';

/** The last instance of a package leaves a server just when the next one comes. */
let jobs: HoldJobs;
beforeEach(async () => {
  jobs = await createHoldJobs(1);
});
afterEach(() => jobs.end());
const create = (name: string) =>
  jobs.farm.client.instances.create({ name, packageId: packageId.parse('static-site'), requestKey: randomUUID() });

test('a package that is being taken away is no package that is there', async () => {
  const { farm } = jobs;
  const [agent] = farm.agents;
  await farm.settled(await create('anna'));
  const { id: instanceId } = await farm.client.instances.find({ name: 'anna' });
  const release = agent?.hold('packages.remove');
  const removing = farm.client.instances.remove({ instanceId, requestKey: randomUUID() }).then(farm.settled);
  await expect.poll(() => agent?.isHeld('packages.remove')).toBe(true);
  const setup = jobs.holdAt('create.setup.before');
  const berta = await create('berta');
  // it comes so far only where it takes what is being removed for present
  await Promise.race([setup, new Promise((resolve) => setTimeout(resolve, 1500))]);
  release?.();
  expect((await removing).state).toBe('done');
  (await setup).go();
  expect(await farm.settled(berta)).toMatchObject({ state: 'done' });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTestCore, type TestCore } from './create-test-core.ts';
import { createManualClock } from './manual-clock.ts';

async function create(core: TestCore, name: string): Promise<string> {
  const { packages } = await core.client.packages.list({ language: 'en' });
  const packageId = packages.find((one) => one.isDefault)?.id;
  if (packageId === undefined) throw new Error('no package');
  const begun = await core.client.instances.create({ name, packageId, requestKey: core.key() });
  let state: string = begun.state;
  for await (const job of await core.client.jobs.watch({ jobId: begun.id })) {
    state = job.state;
    if (state === 'stopped') break;
  }
  return state;
}

test('a home that is opened again holds the same farm', async () => {
  const home = await mkdtemp(join(tmpdir(), 'farm-again-'));
  try {
    const first = await createTestCore({ servers: 2, home });
    expect(await create(first, 'anna')).toBe('done');
    const { farm } = await first.client.settings.get();
    await first.close();
    const again = await createTestCore({ servers: 2, home });
    expect((await again.client.settings.get()).farm).toEqual(farm);
    expect((await again.client.servers.list()).servers.map((one) => one.name).sort()).toEqual(['Oak', 'Pine']);
    const anna = await again.client.instances.find({ name: 'anna' });
    // Its agents are not there in this core: the farm says that it does not know, never that all is well.
    expect(anna.condition.mark).toBe('unknown');
    await again.close();
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});

test('the demo farm comes and goes, and may come again', async () => {
  const core = await createTestCore();
  for (let time = 1; time <= 2; time += 1) {
    const farm = await core.client.settings.startDemo({ language: 'en', requestKey: core.key() });
    expect(farm).toMatchObject({ isDemo: true, defaultDomain: 'farm.localhost' });
    expect((await core.client.servers.list()).servers.every((one) => one.isSimulated)).toBe(true);
    expect(await create(core, 'anna')).toBe('done');
    expect((await core.client.instances.find({ name: 'anna' })).url).toMatch(/^https:\/\/anna\.farm\.localhost:844\d$/);
    expect(await core.client.settings.removeDemo({ requestKey: core.key() })).toEqual({ left: [] });
    expect((await core.client.settings.get()).farm).toBeUndefined();
  }
  await core.close();
});

test('a server whose link is cut is not good any more, and is again when it is mended', async () => {
  const core = await createTestCore({ servers: 1 });
  const mark = async (): Promise<string | undefined> => (await core.client.servers.list()).servers[0]?.condition.mark;
  expect(await mark()).toBe('good');
  core.links.cut('oak.test:7443', true);
  expect(await mark()).not.toBe('good');
  core.links.cut('oak.test:7443', false);
  expect(await mark()).toBe('good');
  await core.close();
});

test('a clock of the test decides what time it is', async () => {
  const clock = createManualClock(Date.UTC(2030, 0, 1));
  const core = await createTestCore({ servers: 1, clock });
  expect((await core.client.settings.get()).farm?.createdAtMs).toBe(Date.UTC(2030, 0, 1));
  const called: number[] = [];
  clock.after(2000, () => called.push(clock.nowMs()));
  const takeBack = clock.after(1000, () => called.push(0));
  takeBack();
  clock.advance(5000);
  expect(called).toEqual([Date.UTC(2030, 0, 1) + 2000]);
  await core.close();
});

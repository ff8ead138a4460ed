import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { placePackage, testManifest, testSpec } from '../testing/applications.ts';
import { eventually, openSupervision, temporaryHome } from '../testing/test-agent.ts';

let home: Awaited<ReturnType<typeof temporaryHome>>;
let lives: Awaited<ReturnType<typeof openSupervision>>[] = [];

async function live(options: Parameters<typeof openSupervision>[1] = {}) {
  const life = await openSupervision(home.folders, options);
  lives.push(life);
  return life;
}

beforeEach(async () => {
  home = await temporaryHome();
});
afterEach(async () => {
  const last = lives.at(-1);
  const bugs = lives.flatMap(({ log }) => log.bugs);
  for (const { supervisor } of lives.slice(0, -1)) supervisor.close();
  for (const { instanceId } of last?.supervisor.list() ?? []) await last?.supervisor.remove(instanceId);
  last?.supervisor.close();
  lives = [];
  await home.remove();
  expect(bugs).toEqual([]);
});

test('a stop that was cut off is brought to its end, and no sooner than the application is quiet', async () => {
  const first = await live();
  await first.supervisor.create(testSpec('anna', 'healthy', await placePackage(home.folders, first.packages)));
  await first.supervisor.start('anna');
  const record = first.instances.get('anna');
  if (record === undefined) throw new Error('no record');
  first.supervisor.close();
  await first.instances.save({ ...record, wanted: 'stopped' });
  const busy = { isHeld: true, isComplete: true, waiting: 0, unanswered: 1, answering: 0 };
  let isBusy = true;
  const second = await live({
    visitors: {
      hold: () => Promise.resolve({ ...busy, unanswered: isBusy ? 1 : 0 }),
      settled: () => Promise.resolve(),
      release: () => Promise.resolve(),
    },
  });
  await second.supervisor.adopt();
  await new Promise((resolve) => setTimeout(resolve, 2000));
  expect(second.supervisor.describe('anna').process.state).toBe('stopping');
  expect((await fetch(`http://127.0.0.1:${record.port}/`)).status).toBe(200);
  isBusy = false;
  const seen = await eventually(
    () => second.supervisor.describe('anna'),
    ({ process: now }) => now.state === 'none',
  );
  expect(seen.wanted).toBe('stopped');
  expect(second.os.findMarked(home.folders.home).size).toBe(0);
});

test('an agent that ends in the middle of a stop leaves the application running', async () => {
  const busy = { isHeld: true, isComplete: true, waiting: 0, unanswered: 1, answering: 0 };
  const nobody = () => Promise.resolve();
  const first = await live({ visitors: { hold: () => Promise.resolve(busy), settled: nobody, release: nobody } });
  await first.supervisor.create(testSpec('anna', 'healthy', await placePackage(home.folders, first.packages)));
  const { port } = await first.supervisor.start('anna');
  const stopping = first.supervisor.stop('anna').catch((error: unknown) => error);
  await eventually(
    () => first.supervisor.describe('anna'),
    ({ process: now }) => now.state === 'stopping',
  );
  first.supervisor.close();
  expect(await stopping).toMatchObject({ code: 'INSTANCE_STATE' });
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
  // The next life ends it.
  const second = await live();
  await second.supervisor.adopt();
  await eventually(
    () => second.supervisor.describe('anna'),
    ({ process: now }) => now.state === 'none',
  );
});

test('one that hangs is ended without waiting for its visitors, and that is told', async () => {
  let held = 0;
  const nobody = () => Promise.resolve();
  const hold = () => Promise.resolve({ isHeld: true, isComplete: true, waiting: held++, unanswered: 9, answering: 0 });
  const { supervisor, packages, logs } = await live({ visitors: { hold, settled: nobody, release: nobody } });
  await supervisor.create(testSpec('anna', 'healthy', await placePackage(home.folders, packages, testManifest({ graceSeconds: 1 }))));
  const { process: now } = await supervisor.start('anna');
  if (!('processId' in now)) throw new Error('no process');
  process.kill(now.processId, 'SIGSTOP');
  let misses = 0;
  const dispose = supervisor.onChange(() => (misses += supervisor.describe('anna').healthAnswer === 'timeout' ? 1 : 0));
  await eventually(
    () => misses,
    (count) => count >= 3,
    25_000,
  );
  dispose();
  const { quiet } = await supervisor.stop('anna');
  expect(quiet).toMatchObject({ state: 'gave-up', isHeld: false });
  expect(quiet?.waitedMs).toBeLessThan(4000);
  expect(held).toBe(0);
  expect((await logs.tail('anna', 10)).map(({ text }) => text)).toContainEqual(expect.stringMatching(/^not-quiet hangs=yes /));
}, 40_000);

test('a restart whose start fails says afterwards how quiet it was when it was ended, until the next end', async () => {
  const busy = { isHeld: true, isComplete: true, waiting: 0, unanswered: 0, answering: 0 };
  const nobody = () => Promise.resolve();
  const { supervisor, packages } = await live({ visitors: { hold: () => Promise.resolve(busy), settled: nobody, release: nobody } });
  const placed = await placePackage(home.folders, packages);
  await supervisor.create(testSpec('anna', 'healthy', placed));
  await supervisor.start('anna');
  expect(supervisor.describe('anna')).not.toHaveProperty('quiet');
  await rm(join(home.folders.packages, placed.payload), { recursive: true });
  await expect(supervisor.restart('anna')).rejects.toMatchObject({ code: expect.any(String) });
  expect(supervisor.describe('anna')).toMatchObject({ quiet: { state: 'still', isHeld: true } });
  await supervisor.stop('anna');
  expect(supervisor.describe('anna')).not.toHaveProperty('quiet');
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { createManualClock, type ManualClock } from '../../testing/manual-clock.ts';

let home: string;
let clock: ManualClock;
let farm: TestCore;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'farm-seen-'));
  clock = createManualClock();
  farm = await createTestCore({ home, clock, servers: 2 });
});
afterEach(async () => {
  await farm.close();
  await rm(home, { recursive: true, force: true });
});
const rows = () => farm.drivers.store.servers.find();

const saved = async (): Promise<void> => {
  await expect.poll(async () => Math.max(...(await rows()).map(({ seenAtMs }) => clock.nowMs() - seenAtMs)), { timeout: 5000 }).toBe(0);
  // the next is armed once this one is saved
  await new Promise((resolve) => setTimeout(resolve, 25));
};
/** Time goes on; what is written meanwhile is on the disk before it goes further. */
const pass = async (tenSeconds: number): Promise<void> => {
  for (let left = tenSeconds; left > 0; left -= 1) {
    clock.advance(10_000);
    await saved();
  }
};

test('the store knows within seconds when a server was seen, so that a core that is killed has not forgotten it', async () => {
  await pass(20);
});

test('a start after it tells the age of what it has not seen itself', async () => {
  clock.advance(360_000);
  await farm.close();
  const closedAtMs = clock.nowMs();
  clock.advance(20_000);
  farm = await createTestCore({ home, clock });
  const { servers } = await farm.client.servers.list();
  expect(servers.map(({ seenAtMs }) => clock.nowMs() - (seenAtMs ?? 0))).toEqual([20_000, 20_000]);
  expect(servers.every(({ condition }) => condition.sinceMs === closedAtMs)).toBe(true);
});

test('is saved beside what a person changes at the same moment', async () => {
  const [oak] = await rows();
  if (oak === undefined) throw new Error('no server');
  clock.advance(10_000);
  // one after another, all of them while it is being saved: who asks for two names at once is promised no order
  for (const name of ['Ash', 'Elm', 'Fir', 'Yew']) await farm.client.servers.update({ serverId: oak.id, name, requestKey: farm.key() });
  await saved();
  await pass(1);
  expect((await rows()).find(({ id }) => id === oak.id)?.name).toBe('Yew');
});

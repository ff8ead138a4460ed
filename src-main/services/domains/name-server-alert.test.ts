import { expect, test } from 'vitest';
import { FarmError } from '#contract/errors.ts';
import { createManualClock } from '../../testing/manual-clock.ts';
import { createTestCore } from '../../testing/create-test-core.ts';
import { createTestZone } from '../../testing/test-zone.ts';
import { createDomainDrivers } from './domain-drivers.ts';

test('a name server of this program that does not answer is told, and no longer once it answers', async () => {
  const zone = await createTestZone();
  let silentSinceMs: number | undefined;
  const createDns = async () => ({ ...(await zone.createDns()), silentSinceMs: () => silentSinceMs });
  const core = await createTestCore({ servers: 0, drivers: { createDns } });
  const told = async (): Promise<readonly object[]> => {
    for await (const event of await core.client.monitoring.watch())
      if (event.kind === 'snapshot') return event.mirror.alerts.filter(({ code }) => code === 'name-server');
    return [];
  };
  try {
    expect(await told()).toEqual([]);
    silentSinceMs = Date.now() - 60_000;
    await expect.poll(told, { timeout: 15_000 }).toMatchObject([{ mark: 'bad', sinceMs: silentSinceMs }]);
    silentSinceMs = undefined;
    await expect.poll(told, { timeout: 15_000 }).toEqual([]);
  } finally {
    await core.close();
    await zone.nameServer.close();
  }
}, 40_000);

test('one that cannot be opened is silent since the first try, until it is', async () => {
  const zone = await createTestZone();
  const clock = createManualClock();
  let isThere = false;
  const createDriver = async () => {
    if (!isThere) throw new FarmError('PROGRAM_DAMAGED', { path: 'name-server.cjs' });
    return zone.createDns();
  };
  const core = await createTestCore();
  const { store, secrets } = core.drivers;
  const drivers = createDomainDrivers({ store, secrets, createDriver, clock });
  expect(drivers.silentSinceMs()).toBeUndefined();
  await expect(drivers.builtin()).rejects.toThrow('PROGRAM_DAMAGED');
  const sinceMs = clock.nowMs();
  clock.advance(5000);
  await expect(drivers.builtin()).rejects.toThrow('PROGRAM_DAMAGED');
  expect(drivers.silentSinceMs()).toBe(sinceMs);
  isThere = true;
  await drivers.builtin();
  expect(drivers.silentSinceMs()).toBeUndefined();
  await drivers.closeAll();
  await core.close();
  await zone.nameServer.close();
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSqliteStore } from '../../drivers/store/sqlite/index.ts';
import { systemClock } from '../../drivers/system/clock.ts';
import { createCountingStore } from '../../testing/counting-store.ts';
import { createTestCore } from '../../testing/create-test-core.ts';

/** What one more window makes the core read of servers, in a farm with so many of them. */
async function readsOfServers(
  servers: number,
): Promise<{ readonly gets: number; readonly finds: number; readonly names: readonly string[] }> {
  const home = await mkdtemp(join(tmpdir(), 'farm-core-'));
  const counting = createCountingStore(await openSqliteStore({ file: join(home, 'farm.sqlite'), clock: systemClock }));
  const farm = await createTestCore({ servers, home, drivers: { store: counting.store } });
  try {
    const wildcard = async () => (await farm.client.certificates.list()).certificates.find(({ kind }) => kind === 'test-wildcard');
    await expect.poll(async () => (await wildcard())?.servers).toHaveLength(servers);
    // whatever still settles after the joining would be counted
    await expect
      .poll(async () => {
        counting.reset();
        await new Promise((resolve) => setTimeout(resolve, 300));
        return counting.counts.reads.size;
      })
      .toBe(0);
    const events = await farm.client.monitoring.watch();
    expect(await events.next()).toMatchObject({ value: { kind: 'snapshot' } });
    const { reads } = counting.counts;
    const counted = { gets: reads.get('servers.get') ?? 0, finds: reads.get('servers.find') ?? 0 };
    await events.return?.(undefined);
    return { ...counted, names: (await wildcard())?.servers ?? [] };
  } finally {
    await farm.close();
    await rm(home, { recursive: true, force: true });
  }
}

test('a snapshot reads all servers once, and not each again for every certificate that it has', async () => {
  const { gets, finds, names } = await readsOfServers(4);
  expect(gets).toBe(0);
  expect(finds).toBe(1);
  expect(names).toEqual(['Larch', 'Oak', 'Pine', 'Rowan']);
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../drivers/store/sqlite/index.ts';
import { systemClock } from '../drivers/system/clock.ts';
import { createTestCore, type TestCore } from './create-test-core.ts';
import { createTestZone } from './test-zone.ts';

/**
 * A core that can be killed at any point of any step while agents, name server and home live on: from that point on it does nothing more, as if it
 * were gone. `reopen` opens the same home with the same agents in another core, as after a restart; the test closes that one.
 */
export async function createKillableCore(servers: number) {
  const home = await mkdtemp(join(tmpdir(), 'farm-kill-'));
  const zone = await createTestZone();
  let dieAt: { readonly point: string; readonly died: () => void } | undefined;
  /** Ends what was killed, once nobody looks any more: the first core could not be closed otherwise. */
  const burials: (() => void)[] = [];
  const first = await createTestCore({
    servers,
    home,
    drivers: { createDns: zone.createDns },
    failPoint: (name) => {
      if (name !== dieAt?.point) return undefined;
      dieAt.died();
      dieAt = undefined;
      return new Promise<void>((_resolve, reject) => burials.push(() => reject(new Error('dead'))));
    },
  });
  return {
    first,
    zone,
    home,
    /** Resolves when the core has died there. */
    killAt: (point: string): Promise<void> =>
      new Promise((resolve) => {
        dieAt = { point, died: resolve };
      }),
    reopen: async (): Promise<TestCore> => {
      const { links, probe } = first.drivers;
      const store = await openSqliteStore({ file: join(home, 'farm.sqlite'), clock: systemClock });
      return createTestCore({ home, drivers: { links, probe, store, createDns: zone.createDns } });
    },
    close: async (): Promise<void> => {
      for (const bury of burials) bury();
      await first.core.close();
      await zone.nameServer.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
export type KillableCore = Awaited<ReturnType<typeof createKillableCore>>;

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileZoneStorage } from '../drivers/dns/builtin/file-storage.ts';
import { openInProcess } from '../drivers/dns/builtin/fixtures/in-process.ts';
import { createBuiltinDriver } from '../drivers/dns/builtin/index.ts';
import { openSqliteStore } from '../drivers/store/sqlite/index.ts';
import { systemClock } from '../drivers/system/clock.ts';
import type { DnsDriver } from '../ports/dns-writes.ts';
import { createTestCore, type TestCore } from './create-test-core.ts';

export type CutOff = Awaited<ReturnType<typeof createCutOff>>;

/**
 * A farm whose core can be killed at a point of a job. From that point on it does nothing more, as if it were gone; agents, name server and home live on,
 * and a second core opens the same home.
 */
export async function createCutOff(servers: number) {
  const home = await mkdtemp(join(tmpdir(), 'farm-cut-'));
  const nameServer = await createBuiltinDriver(
    { address: '127.0.0.1', port: 0 },
    { openServer: openInProcess, timeoutMs: 2000, zoneStorage: createFileZoneStorage(join(home, 'zones.json')) },
  );
  const createDns = async (): Promise<DnsDriver> => ({ ...nameServer, close: () => Promise.resolve() });
  let deadly: { readonly point: string; readonly died: () => void } | undefined;
  let holding: { readonly point: string; readonly reached: () => void; readonly gone: Promise<void> } | undefined;
  /** Ends what was killed, once nobody looks any more: the core could not be closed otherwise. */
  const burials: (() => void)[] = [];
  const failPoint = (name: string): Promise<void> | undefined => {
    if (name === holding?.point) {
      const { reached, gone } = holding;
      holding = undefined;
      reached();
      return gone;
    }
    if (name !== deadly?.point) return undefined;
    deadly.died();
    deadly = undefined;
    return new Promise<void>((_resolve, reject) => burials.push(() => reject(new Error('dead'))));
  };
  const first = await createTestCore({ servers, home, drivers: { createDns }, failPoint });
  const { links, probe } = first.drivers;
  return {
    first,
    /** The core dies when a job comes to that point; resolves when it has. */
    dieAt: (point: string): Promise<void> =>
      new Promise((died) => {
        deadly = { point, died };
      }),
    /** The job waits when it comes to that point; resolves when it has, with what lets it go on. */
    holdAt: (point: string): Promise<{ readonly go: () => void }> => {
      const reached = Promise.withResolvers<void>();
      const gone = Promise.withResolvers<void>();
      holding = { point, reached: reached.resolve, gone: gone.promise };
      return reached.promise.then(() => ({ go: gone.resolve }));
    },
    /** What the farm's name server has at a name. */
    zoneValues: async (domain: string, name: string): Promise<readonly string[]> => {
      const zone = await nameServer.findZone(domain);
      return (await nameServer.list(zone, { name })).flatMap(({ values }) => values);
    },
    /** Another core on the same home, with the same agents: as after a restart. */
    reopen: async (): Promise<TestCore> => {
      const store = await openSqliteStore({ file: join(home, 'farm.sqlite'), clock: systemClock });
      return createTestCore({ home, drivers: { links, probe, store, createDns }, failPoint });
    },
    end: async (): Promise<void> => {
      for (const bury of burials) bury();
      await first.core.close();
      await nameServer.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileZoneStorage } from '../drivers/dns/builtin/file-storage.ts';
import { openInProcess } from '../drivers/dns/builtin/fixtures/in-process.ts';
import { createBuiltinDriver } from '../drivers/dns/builtin/index.ts';
import type { DnsDriver } from '../ports/dns-writes.ts';
import { createTestCore } from './create-test-core.ts';

export type HoldJobs = Awaited<ReturnType<typeof createHoldJobs>>;

/** A farm whose jobs wait where a test wants them to, and the zones of its name server. One whose core dies is `light/light-world.ts`. */
export async function createHoldJobs(servers: number) {
  const home = await mkdtemp(join(tmpdir(), 'farm-hold-'));
  const nameServer = await createBuiltinDriver(
    { address: '127.0.0.1', port: 0 },
    { openServer: openInProcess, timeoutMs: 2000, zoneStorage: createFileZoneStorage(join(home, 'zones.json')) },
  );
  const createDns = async (): Promise<DnsDriver> => ({ ...nameServer, close: () => Promise.resolve() });
  let holding: { readonly point: string; readonly reached: () => void; readonly gone: Promise<void> } | undefined;
  const failPoint = (name: string): Promise<void> | undefined => {
    if (name !== holding?.point) return undefined;
    const { reached, gone } = holding;
    holding = undefined;
    reached();
    return gone;
  };
  const farm = await createTestCore({ servers, home, drivers: { createDns }, failPoint });
  return {
    farm,
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
    end: async (): Promise<void> => {
      await farm.core.close();
      await nameServer.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FarmError } from '#contract/errors.ts';
import { createFileZoneStorage } from '../drivers/dns/builtin/file-storage.ts';
import { createBuiltinDriver } from '../drivers/dns/builtin/index.ts';
import { openSqliteStore } from '../drivers/store/sqlite/index.ts';
import { systemClock } from '../drivers/system/clock.ts';
import type { DnsDriver } from '../ports/dns-writes.ts';
import { createTestCore, type TestCore } from './create-test-core.ts';

/**
 * A home whose cores are killed at a point of a step and opened again: a killed one does nothing more from there on, as if it were gone, while agents,
 * name server and home live on. It holds its point for ever: what it has in memory is old, so that what came out is asked of the newest core.
 */
export async function createMortalCore(options: { readonly servers: number }) {
  const home = await mkdtemp(join(tmpdir(), 'farm-kill-'));
  const nameServer = await createBuiltinDriver(
    { address: '127.0.0.1', port: 0 },
    { zoneStorage: createFileZoneStorage(join(home, 'zones.json')) },
  );
  /** The farm's name server is not the core: it lives on. */
  const createDns = async (): Promise<DnsDriver> => ({ ...nameServer, close: () => Promise.resolve() });
  let deadly: { readonly point: string; readonly reached: () => void } | undefined;
  const graves = new Map<TestCore, (() => void)[]>();
  const open = async (drivers: NonNullable<Parameters<typeof createTestCore>[0]>['drivers'], servers?: number): Promise<TestCore> => {
    const burials: (() => void)[] = [];
    const failPoint = (name: string): void | Promise<void> => {
      if (name !== deadly?.point) return undefined;
      deadly.reached();
      deadly = undefined;
      // Woken at the end of the test, it stops as at the end of its core: it changes nothing any more.
      return new Promise<void>((_resolve, reject) => burials.push(() => reject(new FarmError('JOB_INTERRUPTED', { step: '' }))));
    };
    const core = await createTestCore({
      home,
      drivers: { createDns, ...drivers },
      failPoint,
      ...(servers === undefined ? {} : { servers }),
    });
    graves.set(core, burials);
    return core;
  };
  /** One at a time: cores of one process that write at once would wait for each other in vain. */
  const bury = async (core: TestCore): Promise<void> => {
    for (const wake of graves.get(core) ?? []) wake();
    await core.core.close();
  };
  const dead: TestCore[] = [];
  const first = await open({}, options.servers);
  return {
    home,
    nameServer,
    /** Begins every job; its agents are those of all cores. */
    first,
    /** The next passage of that point is the last of its core; resolves when it was reached. */
    dieAt: (point: string): Promise<void> =>
      new Promise((reached) => {
        deadly = { point, reached: () => reached() };
      }),
    /** Another core on the same home, with the same agents: as after a restart. Whoever opens it closes it, or has it die. */
    reopen: async (): Promise<TestCore> => {
      const { links, probe } = first.drivers;
      return open({ links, probe, store: await openSqliteStore({ file: join(home, 'farm.sqlite'), clock: systemClock }) });
    },
    /** One that was killed: it is cleared away at the end, because it would go on when it is woken. */
    died: (core: TestCore): void => void dead.push(core),
    close: async (): Promise<void> => {
      for (const core of [...dead, first]) await bury(core);
      await nameServer.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
export type MortalCore = Awaited<ReturnType<typeof createMortalCore>>;

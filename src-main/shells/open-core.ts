import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Core, createCore } from '../compose.ts';
import { openDrivers } from '../compose-drivers.ts';
import type { Keeper } from '../ports/secrets.ts';
import { createShellLog, hostClock, hostFailPoint } from '../compose-shell.ts';
import { prepareHome } from './home-folder.ts';
import { lockHome } from './home-lock.ts';
import { hostTimeZone } from './speech.ts';

/** Where the program's own files lie: a checkout, or an installed desktop's resources. */
export type Layout = {
  readonly packagesFolder: string;
  /** Built payloads outlive a home. */
  readonly payloadCacheFolder: string;
  readonly agentBundlePath: string;
  readonly windowFolder: string;
  /** The Node that runs agents on this computer. */
  readonly runtime: string;
};

/** Of a checkout: two folders above this one. */
export function checkoutLayout(): Layout {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
  return {
    packagesFolder: join(root, 'assets', 'packages'),
    payloadCacheFolder: join(root, 'node_modules', '.cache', 'farmstead', 'payloads'),
    agentBundlePath: join(root, 'dist', 'agent', 'agent.cjs'),
    windowFolder: join(root, 'dist', 'window'),
    runtime: process.execPath,
  };
}

export type OpenedCore = { readonly core: Core; readonly close: () => Promise<void>; readonly reportBug: (error: unknown) => string };

/**
 * Prepares and locks the home, opens its drivers and builds the core, not yet started. Throws `HOME_LOCKED` when another core has it open,
 * `HOME_HALF_WRITTEN`, `HOME_NEWER`, `SECRETS_LOCKED`, `STORE_FULL`. `close` gives everything back, in the other order.
 */
export async function openCore(options: {
  readonly home: string;
  readonly version: string;
  readonly layout: Layout;
  readonly source: 'http' | 'electron';
  /** Before the key file: the shell's keychain. */
  readonly keepers: readonly Keeper[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}): Promise<OpenedCore> {
  const { home, version, layout, environment } = options;
  await prepareHome(home, version);
  const lock = await lockHome(home);
  const shellLog = createShellLog(join(home, 'logs', 'core.log'), options.source);
  try {
    const { log } = shellLog;
    const drivers = await openDrivers({ ...layout, home, clock: hostClock, log, version, keepers: options.keepers });
    const failPoint = hostFailPoint(environment);
    const shared = { home, version, clock: hostClock, log, drivers, timeZone: hostTimeZone() };
    const core = await createCore({ ...shared, ...(failPoint === undefined ? {} : { failPoint }) });
    const close = async (): Promise<void> => {
      await core.close();
      shellLog.close();
      await lock.release();
    };
    return { core, close, reportBug: (error) => log.bug(error) };
  } catch (error) {
    shellLog.close();
    await lock.release();
    throw error;
  }
}

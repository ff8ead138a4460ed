import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeTemporaries } from '#kit/node/whole-file.ts';
import { type Core, createCore } from '../compose.ts';
import { coreLogPath, openDrivers } from '../compose-drivers.ts';
import { createShellLog, hostClock, hostFailPoint, openHomeSpace } from '../compose-shell.ts';
import type { Log } from '../ports/request.ts';
import type { Keeper } from '../ports/secrets.ts';
import { chooseDesktop, type Desktop, type Environment } from './choose-desktop.ts';
import { prepareHome } from './home-folder.ts';
import { lockHome } from './home-lock.ts';
import { letGo } from './let-go.ts';
import { hostTimeZone } from './speech.ts';

/** The folder of the checkout or installation: both `src-main/shells` and a bundle's folder lie two below it. */
export const programFolder: string = fileURLToPath(new URL('../..', import.meta.url));

export async function programVersion(folder: string = programFolder): Promise<string> {
  const { version }: { version?: unknown } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  return typeof version === 'string' ? version : '0.0.0';
}

/** Lock, link and what the store needs to open. */
const startNeedsBytes = 512 * 1024;

export type OpenCore = {
  readonly core: Core;
  readonly log: Log;
  /** Closes the core and lets the home go. May be called twice. Agents and instances live on. */
  readonly close: () => Promise<void>;
};

export type OpenCoreOptions = {
  readonly home: string;
  readonly version: string;
  /** Who logs: `http`, `electron`. */
  readonly source: string;
  readonly environment?: Environment;
  /** The shell's own keepers of the data key, before the key file. */
  readonly keepers?: readonly Keeper[];
  /** The system that it runs on; this one when absent. */
  readonly desktop?: Desktop;
  /** Where packages, agent bundles and the Node of local agents are; a checkout's when absent. `FARM_PACKAGES` names another folder of packages. */
  readonly places?: {
    readonly packagesFolder: string;
    readonly payloadCacheFolder: string;
    /** Payloads that came with the program. */
    readonly readyPayloadsFolder?: string;
    readonly agentBundlePath: string;
    readonly runtime: string;
    readonly nameServerPath: string;
    /**
     * An installation may be a mount that goes away with the program, or be replaced while its agents run: bundle and Node are copied into a folder
     * below this one, once per version, and run from there. Run where they are when absent.
     */
    readonly programCopiesFolder?: string;
  };
  /** The home is ours: told before anything is opened that may take long. */
  readonly onTaken?: () => void;
};

export function checkoutPlaces(folder: string = programFolder): NonNullable<OpenCoreOptions['places']> {
  return {
    packagesFolder: join(folder, 'assets', 'packages'),
    payloadCacheFolder: join(folder, 'node_modules', '.cache', 'farmstead', 'payloads'),
    agentBundlePath: join(folder, 'dist', 'agent', 'agent.cjs'),
    runtime: process.execPath,
    nameServerPath: join(folder, 'dist', 'name-server', 'name-server.cjs'),
  };
}

/**
 * Opens the home for this process and builds its core. Throws `HOME_LOCKED` when another process has it, `HOME_HALF_WRITTEN`, `HOME_NEWER`,
 * `SECRETS_LOCKED`, `STORE_FULL`, `NOT_PERMITTED_BY_OS`; nothing stays open then.
 */
export async function openCore(options: OpenCoreOptions): Promise<OpenCore> {
  const { home, version } = options;
  await prepareHome(home, version);
  const space = openHomeSpace(home);
  const undo: (() => Promise<void> | void)[] = [space.close];
  const close = (): Promise<void> => letGo(undo);
  try {
    // A program that cannot start on a full disk could not take anything away there either.
    space.secure(startNeedsBytes);
    const lock = await lockHome(home);
    undo.push(lock.release);
    options.onTaken?.();
    await removeTemporaries(home);
    const { log, close: closeLog } = createShellLog(coreLogPath(home), options.source);
    undo.push(closeLog);
    const environment = options.environment ?? process.env;
    const places = options.places ?? checkoutPlaces();
    const packagesFolder = environment.FARM_PACKAGES || places.packagesFolder;
    const { programCopiesFolder: root } = places;
    const { foldersInUse, canRunAgents, canPassSockets } = options.desktop ?? chooseDesktop();
    const programCopy = root === undefined ? undefined : { root, foldersInUse };
    const keepers = options.keepers ?? [];
    const onThisComputer = { ...places, packagesFolder, programCopy, canRunAgents, canPassSockets };
    const drivers = await openDrivers({ home, space, clock: hostClock, log, version, keepers, ...onThisComputer });
    undo.push(async () => {
      await drivers.secrets.close();
      await drivers.store.close();
    });
    const failPoint = hostFailPoint(environment);
    const core = await createCore({
      home,
      version,
      clock: hostClock,
      log,
      drivers,
      timeZone: hostTimeZone(),
      ...(failPoint === undefined ? {} : { failPoint }),
    });
    undo.pop();
    undo.push(core.close);
    await core.start();
    return { core, log, close };
  } catch (error) {
    // What fails now is not why it could not be opened.
    await close().catch(() => undefined);
    throw error;
  }
}

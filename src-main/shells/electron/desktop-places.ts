import { join } from 'node:path';
import type { OpenCoreOptions } from '../open-core.ts';

export type DesktopPlaces = NonNullable<OpenCoreOptions['places']> & {
  readonly windowFolder: string;
  readonly preloadPath: string;
  /** The program of the core's own process. */
  readonly corePath: string;
  readonly iconPath: string;
};

export type Installation = {
  /** The checkout, or `app.asar` of an installed desktop. */
  readonly appPath: string;
  readonly resourcesPath: string;
  readonly isPackaged: boolean;
  /** Below `node_modules` or `resources/runtimes`. */
  readonly runtimePath: string;
  /** The Node that `npm start` runs on; an installed desktop brings its own. */
  readonly startNode?: string | undefined;
  /** Where this person's programs of ours keep their data. */
  readonly dataFolder: string;
};

/** Of a checkout (`dist/` beside the program) or of an installed desktop (`resources/`, which electron-builder.yml fills). */
export function desktopPlaces({ appPath, resourcesPath, isPackaged, runtimePath, startNode, dataFolder }: Installation): DesktopPlaces {
  const window = {
    windowFolder: join(appPath, 'dist', 'window'),
    preloadPath: join(appPath, 'dist', 'electron', 'preload.cjs'),
    corePath: join(appPath, 'dist', 'electron', 'core.mjs'),
    iconPath: join(appPath, 'assets', 'icons', 'icon.png'),
  };
  if (!isPackaged)
    return {
      ...window,
      packagesFolder: join(appPath, 'assets', 'packages'),
      payloadCacheFolder: join(appPath, 'node_modules', '.cache', 'farmstead', 'payloads'),
      agentBundlePath: join(appPath, 'dist', 'agent', 'agent.cjs'),
      nameServerPath: join(appPath, 'dist', 'name-server', 'name-server.cjs'),
      runtime: startNode || join(appPath, 'node_modules', runtimePath),
    };
  return {
    ...window,
    packagesFolder: join(resourcesPath, 'packages'),
    payloadCacheFolder: join(dataFolder, 'payloads'),
    readyPayloadsFolder: join(resourcesPath, 'payloads'),
    agentBundlePath: join(resourcesPath, 'agent', 'agent.cjs'),
    nameServerPath: join(resourcesPath, 'name-server', 'name-server.cjs'),
    // The fuses turn Electron's own Node mode off, so agents of this computer run on the Node that is shipped for them.
    runtime: join(resourcesPath, 'runtimes', runtimePath),
    // They outlive the program, whose folder may be a mount of its own, or be replaced by an update.
    programCopiesFolder: join(dataFolder, 'runtime'),
  };
}

import { join } from 'node:path';
import type { BrowserWindow as Window } from 'electron/main';
import { keychainKeeper } from '../../compose-shell.ts';
import type { RequestContext } from '../../ports/request.ts';
import { writeLinkFile, removeLinkFile } from '../link-file.ts';
import { startLocalLink } from '../local-link.ts';
import { type OpenCoreOptions, openCore } from '../open-core.ts';
import { systemFlag } from './channels.ts';
import type { ElectronParts } from './electron-parts.ts';
import { guardContents, refusePermissions } from './guards.ts';
import { serveHostCalls } from './host-calls.ts';
import { keychainOf } from './keychain.ts';
import { serveWindowLink } from './window-link.ts';
import { serveWindow, windowUrl } from './window-scheme.ts';

export type DesktopPlaces = NonNullable<OpenCoreOptions['places']> & { readonly windowFolder: string };

export type DesktopOptions = {
  readonly home: string;
  readonly version: string;
  readonly places: DesktopPlaces;
  readonly preloadPath: string;
  /** Which title bar and words the person's system has. */
  readonly system: 'windows' | 'mac' | 'other';
  readonly operatorName: string;
  readonly isDemo: boolean;
  readonly language: 'en' | 'ru';
  readonly environment: Readonly<Record<string, string | undefined>>;
};

export type RunningDesktop = {
  /** Brings the window to the front, or makes it again (macOS keeps a program without windows). */
  readonly show: () => void;
  readonly close: () => Promise<void>;
};

/** Everything that is on by default and must be off is said, so that a changed default changes nothing (checklist items 2 to 12). */
function makeWindow({ BrowserWindow }: Pick<ElectronParts, 'BrowserWindow'>, options: DesktopOptions): Window {
  return new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 1024,
    minHeight: 700,
    show: false,
    backgroundColor: '#fbfaf6',
    ...(options.system === 'other' ? {} : { titleBarStyle: 'hidden' as const, titleBarOverlay: { height: 28 } }),
    webPreferences: {
      preload: options.preloadPath,
      additionalArguments: [`${systemFlag}${options.system}`],
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  });
}

/**
 * The desktop: the core of one home inside, the window over it, and the door for command lines. Call it when Electron is ready. Throws what
 * `openCore` throws; nothing of it stays then.
 */
export async function startDesktop(electron: ElectronParts, options: DesktopOptions): Promise<RunningDesktop> {
  const { app, session, protocol, shell, safeStorage } = electron;
  const windows = new Map<number, Window>();
  const keepers = [keychainKeeper(keychainOf(safeStorage, options.system === 'other'))];
  const { home, version, environment, places } = options;
  const opened = await openCore({ home, version, source: 'electron', keepers, environment, places });
  const context: RequestContext = { actor: { kind: 'operator', name: options.operatorName }, permission: 'own' };

  app.on('web-contents-created', (_event, contents) => guardContents(contents, shell));
  refusePermissions(session.defaultSession);
  serveWindow(protocol, places.windowFolder);
  const stopLink = serveWindowLink(electron, opened.core, windows, context);
  const stopHost = serveHostCalls(electron, windows);

  const show = (): void => {
    const [present] = windows.values();
    if (present !== undefined) {
      if (present.isMinimized()) present.restore();
      present.focus();
      return;
    }
    const window = makeWindow(electron, options);
    const { id } = window.webContents;
    windows.set(id, window);
    window.once('ready-to-show', () => window.show());
    window.on('closed', () => windows.delete(id));
    void window.loadURL(windowUrl);
  };

  const local = await startLocalLink({ router: opened.core.router, operatorName: options.operatorName, show });
  await writeLinkFile(home, { origin: local.origin, token: local.token, version, shell: 'electron' });
  // The window shows the steps; a failure is among them.
  if (options.isDemo) opened.core.demo.start(options.language).catch((error: unknown) => opened.log.warn('demo', { error: String(error) }));
  show();
  return {
    show,
    close: async () => {
      stopLink();
      stopHost();
      await removeLinkFile(home);
      await local.close();
      await opened.close();
    },
  };
}

/** Of a checkout (`dist/` beside the program) or of an installed desktop (`resources/`). */
export function desktopPlaces(
  appPath: string,
  resourcesPath: string,
  userData: string,
  isPackaged: boolean,
  runtimePath: string,
): DesktopPlaces {
  const base = isPackaged ? resourcesPath : appPath;
  return {
    packagesFolder: join(base, isPackaged ? 'packages' : 'assets/packages'),
    payloadCacheFolder: isPackaged ? join(userData, 'payloads') : join(base, 'node_modules', '.cache', 'farmstead', 'payloads'),
    agentBundlePath: join(base, isPackaged ? 'agent' : 'dist/agent', 'agent.cjs'),
    windowFolder: join(appPath, 'dist', 'window'),
    // The fuses turn Electron's own Node mode off, so agents of this computer run on the Node that is shipped for servers.
    runtime: isPackaged ? join(resourcesPath, 'runtimes', runtimePath) : join(base, 'node_modules', runtimePath),
  };
}

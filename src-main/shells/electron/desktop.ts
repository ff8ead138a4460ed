import { createRouterClient } from '@orpc/server';
import { hostClock, keychainKeeper } from '../../compose-shell.ts';
import type { RequestContext } from '../../ports/request.ts';
import { removeLinkFile, writeLinkFile } from '../link-file.ts';
import { startLocalLink } from '../local-link.ts';
import { type OpenCore, openCore } from '../open-core.ts';
import type { DesktopPlaces } from './desktop-places.ts';
import type { Contents, DesktopWindow, ElectronParts } from './electron-parts.ts';
import { guardContents, refusePermissions } from './guards.ts';
import { serveHostCalls } from './host-calls.ts';
import { keychainOf } from './keychain.ts';
import { makeWindow, type WindowWish } from './make-window.ts';
import { createOutside } from './outside.ts';
import { serveWindowLink } from './window-link.ts';
import { serveWindow } from './window-scheme.ts';

export type DesktopOptions = WindowWish & {
  readonly home: string;
  readonly version: string;
  readonly places: DesktopPlaces;
  readonly operatorName: string;
  readonly isDemo: boolean;
  readonly language: 'en' | 'ru';
  readonly environment: Readonly<Record<string, string | undefined>>;
};

export type RunningDesktop = {
  /** Brings the window to the front, or makes it again (macOS keeps a program without windows). */
  readonly show: () => void;
  /** Lets window, links and home go; agents and instances live on. May be called twice. */
  readonly close: () => Promise<void>;
};

/**
 * The desktop: the core of one home inside, the window over it, and the door for command lines. Call it when Electron is ready. Throws what
 * `openCore` throws and the coded errors of writing `link.json`; nothing of it stays then.
 */
export async function startDesktop(electron: ElectronParts, options: DesktopOptions): Promise<RunningDesktop> {
  const { home, version, environment, places } = options;
  const keepers = [keychainKeeper(keychainOf(electron.safeStorage, options.system === 'other'))];
  const opened = await openCore({ home, version, source: 'electron', keepers, environment, places });
  const undo: (() => Promise<void> | void)[] = [opened.close];
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      for (const step of undo.splice(0).reverse()) await step();
    })();
    return closing;
  };
  try {
    const show = serveWindows(electron, opened, options, undo);
    const local = await startLocalLink({ router: opened.core.router, operatorName: options.operatorName, show });
    undo.push(local.close);
    await writeLinkFile(home, { origin: local.origin, token: local.token, version, shell: 'electron' });
    undo.push(() => removeLinkFile(home));
    // The window shows the steps; a failure is among them.
    if (options.isDemo)
      opened.core.demo.start(options.language).catch((error: unknown) => opened.log.warn('demo', { error: String(error) }));
    show();
    return { show, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** All that a page can reach, each with its way back in `undo`. Returns what shows the window. */
function serveWindows(
  electron: ElectronParts,
  { core, log }: OpenCore,
  options: DesktopOptions,
  undo: (() => Promise<void> | void)[],
): () => void {
  const { app, session, protocol, shell } = electron;
  const windows = new Map<number, DesktopWindow>();
  const context: RequestContext = { actor: { kind: 'operator', name: options.operatorName }, permission: 'own' };
  const client = createRouterClient(core.router, { context });
  const openOutside = createOutside(shell, async () =>
    core.hasFarm() ? (await client.domains.list()).domains.map(({ name }) => name) : [],
  );

  const guard = (_event: unknown, contents: Contents): void => guardContents(contents, openOutside);
  app.on('web-contents-created', guard);
  undo.push(() => void app.removeListener('web-contents-created', guard));
  refusePermissions(session.defaultSession);
  serveWindow(protocol, options.places.windowFolder);
  undo.push(serveWindowLink(electron, core, windows, context), serveHostCalls(electron, windows, openOutside));

  return () => {
    const [present] = windows.values();
    if (present !== undefined) {
      if (present.isMinimized()) present.restore();
      present.focus();
      return;
    }
    const window = makeWindow(electron, options, { nowMs: hostClock.nowMs, warn: log.warn });
    const { id } = window.webContents;
    windows.set(id, window);
    window.on('closed', () => windows.delete(id));
  };
}

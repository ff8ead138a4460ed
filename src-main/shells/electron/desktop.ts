import { pathToFileURL } from 'node:url';
import type { ContractRouterClient } from '@orpc/contract';
import type { Api } from '#contract/api/index.ts';
import type { Failure } from '#contract/errors.ts';
import type { Language } from '#contract/ids.ts';
import { hostClock } from '../../compose-shell.ts';
import type { Log } from '../../ports/request.ts';
import { startCoreHost } from './core-host.ts';
import type { DesktopKeep } from './desktop-memory.ts';
import type { DesktopPlaces } from './desktop-places.ts';
import type { Contents, DesktopWindow, ElectronParts } from './electron-parts.ts';
import { guardContents, refusePermissions } from './guards.ts';
import { serveHostCalls } from './host-calls.ts';
import { keychainOf } from './keychain.ts';
import { makeWindow, type ShownBy, windowUrlIn } from './make-window.ts';
import { createOutside } from './outside.ts';
import { serveWindowLink } from './window-link.ts';
import { serveWindow } from './window-scheme.ts';

export type DesktopOptions = {
  readonly home: string;
  readonly version: string;
  readonly places: DesktopPlaces;
  readonly system: 'windows' | 'mac' | 'other';
  readonly operatorName: string;
  readonly isDemo: boolean;
  readonly language: Language;
  readonly askedLanguage: Language | undefined;
  readonly log: Log;
  readonly keep: DesktopKeep;
  readonly onShown: (by: ShownBy) => void;
  /** The core cannot be opened, or kept running. `detail` is for the log file. */
  readonly onFailed: (failure: Failure, detail: string | undefined) => void;
};

/** What a trial of the desktop looks at and does from inside the main process; no page can reach it. */
export type DesktopInside = {
  readonly window: () => DesktopWindow | undefined;
  readonly client: () => ContractRouterClient<Api>;
  /** Undefined while no core runs, or when it runs in this process. */
  readonly coreProcessId: () => number | undefined;
  /** How often a page of ours was given a port to the core. */
  readonly linkCount: () => number;
};

export type RunningDesktop = {
  /** Brings the window to the front, or makes it again (macOS keeps a program without windows); in a language, if one was asked for. */
  readonly show: (language?: Language) => void;
  /** Starts the demo farm when the home has no farm; the window shows the steps. */
  readonly startDemo: (language: Language) => void;
  /** Lets windows, links and home go, in bounded time; agents and instances live on. May be called twice. */
  readonly close: () => Promise<void>;
  readonly inside: DesktopInside;
};

/** The home may be slow to answer (a network folder); a person sees something all the same. */
const latestWindowMs = 1500;

/**
 * The desktop: the core of one home in a process of its own, and the window over it. Call it when Electron is ready. The window comes as soon as it is
 * known that the home is free, before the core is open; what goes wrong comes through `onFailed`.
 */
export function startDesktop(electron: ElectronParts, options: DesktopOptions): RunningDesktop {
  const { app, session, protocol, shell } = electron;
  const { home, version, operatorName, isDemo, language, places, log } = options;
  const windows = new Map<number, DesktopWindow>();
  const undo: (() => void)[] = [];
  let linkCount = 0;

  let isClosing = false;
  const show = (language?: Language): void => {
    // The core may find its home free, or be asked for the window, while it is told to close: a window made then would have nothing behind it.
    if (isClosing) return;
    const [present] = windows.values();
    if (present !== undefined) {
      if (present.isMinimized()) present.restore();
      // `focus` does nothing for a window that is still hidden (native_window_views.cc); `show` gives the focus too.
      present.show();
      if (language !== undefined)
        present.loadURL(windowUrlIn(language)).catch((error: unknown) => log.warn('window.load', { error: String(error) }));
      return;
    }
    const window = makeWindow(
      electron,
      { ...options, ...places, askedLanguage: language ?? options.askedLanguage },
      { ...options, nowMs: hostClock.nowMs },
    );
    const { id } = window.webContents;
    windows.set(id, window);
    window.on('closed', () => windows.delete(id));
  };
  let isFirst = true;
  let latest: NodeJS.Timeout | undefined;
  const firstShow = (): void => {
    clearTimeout(latest);
    if (isFirst) show();
    isFirst = false;
  };
  const farmDomains = async (): Promise<string[]> => (await host.client().domains.list()).domains.map(({ name }) => name);
  // A home without a farm has no domains, and nothing may leave.
  const openOutside = createOutside(shell, () => farmDomains().catch(() => []));
  const guard = (_event: unknown, contents: Contents): void => guardContents(contents, openOutside);
  app.on('web-contents-created', guard);
  undo.push(() => void app.removeListener('web-contents-created', guard));
  refusePermissions(session.defaultSession);
  undo.push(
    serveWindow(protocol, places.windowFolder),
    serveWindowLink(
      electron,
      (windowId, port) => {
        linkCount += 1;
        host.connect(windowId, port);
      },
      windows,
    ),
  );
  undo.push(serveHostCalls(electron, windows, openOutside, options.keep));

  // Last: whatever throws before leaves nothing behind.
  latest = setTimeout(firstShow, latestWindowMs);
  const host = startCoreHost(electron, {
    opening: { home, version, operatorName, isDemo, language, places },
    keychain: keychainOf(electron.safeStorage, options.system === 'other'),
    log,
    onTaken: firstShow,
    onShow: show,
    onFailed: (failure, detail) => {
      clearTimeout(latest);
      options.onFailed(failure, detail);
    },
    loadHere: () => import(pathToFileURL(places.corePath).href),
  });

  return {
    show,
    startDemo: host.startDemo,
    inside: {
      window: () => [...windows.values()][0],
      client: host.client,
      coreProcessId: host.processId,
      linkCount: () => linkCount,
    },
    close: async () => {
      isClosing = true;
      clearTimeout(latest);
      // Gone for the person at once, also while the core lets its home go.
      for (const window of [...windows.values()]) window.destroy();
      for (const step of undo.splice(0).reverse()) step();
      await host.close();
    },
  };
}

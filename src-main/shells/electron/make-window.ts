import type { BrowserWindowConstructorOptions } from 'electron/main';
import { systemFlag } from './channels.ts';
import type { DesktopWindow, ElectronParts } from './electron-parts.ts';
import { windowUrl } from './window-scheme.ts';

export type WindowWish = {
  readonly preloadPath: string;
  /** Which title bar and words the person's system has. */
  readonly system: 'windows' | 'mac' | 'other';
};

/** Everything that is on by default and must be off is said, so that a changed default changes nothing (checklist items 2 to 12). */
export function windowOptions({ preloadPath, system }: WindowWish): BrowserWindowConstructorOptions {
  return {
    width: 1440,
    height: 900,
    minWidth: 1024,
    minHeight: 700,
    show: false,
    title: 'Farmstead',
    backgroundColor: '#fbfaf6',
    ...(system === 'other' ? {} : { titleBarStyle: 'hidden' as const, titleBarOverlay: { height: 28 } }),
    webPreferences: {
      preload: preloadPath,
      additionalArguments: [`${systemFlag}${system}`],
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
  };
}

/** A page that dies again within this time is left: the person closes the window, and no loop eats the computer. */
const reloadPauseMs = 10_000;

/** One window on our page. A page that died (no memory, a bug of the browser's) is loaded again: the core behind it never stopped. */
export function makeWindow(
  { BrowserWindow }: Pick<ElectronParts, 'BrowserWindow'>,
  wish: WindowWish,
  around: { readonly nowMs: () => number; readonly warn: (event: string, details: Record<string, string>) => void },
): DesktopWindow {
  const window = new BrowserWindow(windowOptions(wish));
  const load = (): void => {
    window.loadURL(windowUrl).catch((error: unknown) => around.warn('window.load', { error: String(error) }));
  };
  let reloadedAtMs = Number.NEGATIVE_INFINITY;
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    around.warn('window.gone', { reason });
    if (reason === 'clean-exit' || around.nowMs() - reloadedAtMs < reloadPauseMs) return;
    reloadedAtMs = around.nowMs();
    load();
  });
  window.once('ready-to-show', () => window.show());
  load();
  return window;
}

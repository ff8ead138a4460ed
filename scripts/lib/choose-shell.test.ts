import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { desktopEnvironment, desktopWords, type Facts, isRefusedAsRoot, lookAtSandbox, whyNoSandbox, whyWeb } from './choose-shell.mjs';
import { say } from './words.mjs';

const person: Facts = {
  asked: undefined,
  switches: [],
  platform: 'linux',
  environment: { DISPLAY: ':0' },
  isRoot: false,
  hasDesktop: true,
};

describe('the shell', () => {
  it.each<[string, Partial<Facts>, string | undefined]>([
    ['a desktop session', {}, undefined],
    ['a Wayland session', { environment: { WAYLAND_DISPLAY: 'wayland-0' } }, undefined],
    ['no display', { environment: {} }, 'webNoDisplay'],
    ['an empty display', { environment: { DISPLAY: '' } }, 'webNoDisplay'],
    ['no display on Windows', { platform: 'win32', environment: {} }, undefined],
    ['no display on a Mac', { platform: 'darwin', environment: {} }, undefined],
    ['root', { isRoot: true }, 'webRoot'],
    ['root that takes the risk', { isRoot: true, switches: ['--no-sandbox'] }, undefined],
    ['the request for the web console', { asked: 'http' }, 'webAsked'],
    ['the request for the window without a display', { asked: 'electron', environment: {} }, undefined],
    ['no desktop in this version', { asked: 'electron', hasDesktop: false }, 'webNoBuild'],
  ])('with %s', (_what, change, key) => expect(whyWeb({ ...person, ...change })?.key).toBe(key));

  it.each<[string, Partial<Facts>, boolean]>([
    ['root that asks for the window', { asked: 'electron', isRoot: true }, true],
    ['root that takes the risk', { asked: 'electron', isRoot: true, switches: ['--no-sandbox'] }, false],
    ['root that asks for nothing', { isRoot: true }, false],
    ['root on a Mac', { asked: 'electron', isRoot: true, platform: 'darwin' }, false],
    ['a person', { asked: 'electron' }, false],
  ])('for %s is refused before anything is done: %s', (_what, change, isRefused) =>
    expect(isRefusedAsRoot({ ...person, ...change })).toBe(isRefused),
  );
});

const restrict = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns';
const clone = '/proc/sys/kernel/unprivileged_userns_clone';
const most = '/proc/sys/user/max_user_namespaces';

describe('the sandbox', () => {
  let folder = '';
  let binary = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "farm-sandbox o'b "));
    binary = join(folder, 'electron');
    writeFileSync(binary, '');
    writeFileSync(join(folder, 'chrome-sandbox'), '');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const reading =
    (files: Record<string, string>) =>
    (path: string): string => {
      const text = files[path];
      if (text === undefined) throw new Error('ENOENT');
      return text;
    };
  const helperOf = (ownerId: number, mode: number) => ({ path: '/e/chrome-sandbox', ownerId, mode });

  it.each<[string, Record<string, string>, string | undefined]>([
    ['an older kernel', {}, undefined],
    ['Debian', { [clone]: '1\n', [most]: '63000\n' }, undefined],
    ['Ubuntu 23.10 and newer', { [restrict]: '1\n', [clone]: '1\n', [most]: '63000\n' }, restrict],
    ['Ubuntu with the rule off', { [restrict]: '0\n' }, undefined],
    ['a hardened kernel', { [clone]: '0\n' }, clone],
    ['a kernel without name spaces for anybody', { [most]: '0\n' }, most],
  ])('on %s', (_what, files, setting) => {
    const sandbox = lookAtSandbox(binary, { readText: reading(files) });
    expect(sandbox.helper?.path).toBe(join(folder, 'chrome-sandbox'));
    const why = whyNoSandbox(sandbox);
    if (setting === undefined) expect(why).toBeUndefined();
    else {
      expect(why?.key).toBe('webNoSandbox');
      expect(why?.values?.['setting']).toContain(setting);
      // The commands can be pasted into a shell.
      const quoted = `'${join(folder, 'chrome-sandbox').replaceAll("'", "'\\''")}'`;
      expect(say('webNoSandbox', why?.values)).toContain(`\n  sudo chown root:root ${quoted}\n  sudo chmod 4755 ${quoted}`);
    }
  });

  it.each([
    ['root’s, with mode 4755', helperOf(0, 0o4755), undefined],
    ['another person’s', helperOf(1000, 0o4755), 'webNoSandbox'],
    ['without its set-uid bit', helperOf(0, 0o755), 'webNoSandbox'],
    ['writable for others', helperOf(0, 0o4777), 'webNoSandbox'],
    ['not there', undefined, 'webNoSandboxHelper'],
  ])('whose helper is %s', (_what, helper, key) => expect(whyNoSandbox({ helper, settings: { [restrict]: '1' } })?.key).toBe(key));

  it('looks beside the program itself, not beside a link to it', () => {
    const link = join(folder, 'link');
    symlinkSync(binary, link);
    chmodSync(join(folder, 'chrome-sandbox'), 0o755);
    expect(lookAtSandbox(link).helper).toMatchObject({ path: join(folder, 'chrome-sandbox'), mode: 0o755 });
    expect(lookAtSandbox(join(folder, 'nothing')).helper).toBeUndefined();
  });
});

describe('Wayland', () => {
  const alone = { WAYLAND_DISPLAY: 'wayland-0' };
  it.each<[string, NodeJS.ProcessEnv, readonly string[], string, readonly string[]]>([
    ['alone and without its session type', alone, ['--demo'], 'linux', ['--demo', '--ozone-platform=wayland']],
    ['from a text console', { ...alone, XDG_SESSION_TYPE: 'tty' }, [], 'linux', ['--ozone-platform=wayland']],
    ['that the session calls so', { ...alone, XDG_SESSION_TYPE: 'wayland' }, [], 'linux', []],
    ['with X beside it', { ...alone, DISPLAY: ':0' }, [], 'linux', []],
    ['with an empty DISPLAY', { ...alone, DISPLAY: '' }, [], 'linux', ['--ozone-platform=wayland']],
    ['with a platform that was given', alone, ['--ozone-platform=x11'], 'linux', ['--ozone-platform=x11']],
    ['with a hint that was given', alone, ['--ozone-platform-hint=auto'], 'linux', ['--ozone-platform-hint=auto']],
    ['on a Mac', alone, [], 'darwin', []],
    ['absent', { DISPLAY: ':0' }, [], 'linux', []],
  ])('%s', (_what, environment, words, platform, expected) => expect(desktopWords(words, { platform, environment })).toEqual(expected));
});

it('the desktop inherits neither ELECTRON_RUN_AS_NODE nor NODE_OPTIONS, however they are written', () => {
  const environment = { ELECTRON_RUN_AS_NODE: '1', Node_Options: '--inspect', NODE_PATH: '/x', FARM_NODE: '/old', DISPLAY: ':0' };
  expect(desktopEnvironment(environment, { node: '/node', openedFile: '/t/opened' })).toEqual({
    NODE_PATH: '/x',
    DISPLAY: ':0',
    FARM_NODE: '/node',
    FARM_OPENED_FILE: '/t/opened',
  });
});

import { describe, expect, it } from 'vitest';
import type { Sandbox } from './choose-shell.mjs';
import { explainFailure, isTornProgram, lastLine, missingLibrary } from './electron-failure.mjs';
import { printable } from './printable.mjs';
import { say } from './words.mjs';

const noSuid =
  "[4242:1128/101112.131415:FATAL:sandbox/linux/suid/client/setuid_sandbox_host.cc:166] The SUID sandbox helper binary was found, but is not configured correctly. Rather than run without sandboxing I'm aborting now. You need to make sure that /x/chrome-sandbox is owned by root and has mode 4755.\n";
const oldNoSuid =
  '[7:1128/101112.131415:FATAL:setuid_sandbox_host.cc(158)] The SUID sandbox helper binary was found\n#0 0x55d0 base::debug\n';
const libraryOf = (name: string): string =>
  `/x/electron: error while loading shared libraries: ${name}: cannot open shared object file: No such file or directory\n`;
const noServer =
  '[9:1128/101112.131415:ERROR:ui/ozone/platform/x11/ozone_platform_x11.cc:256] Missing X server or $DISPLAY\n[9:1128/101112.131416:ERROR:ui/aura/env.cc:257] The platform failed to initialize.  Exiting.\n';

const helper = { path: '/x y/chrome-sandbox', ownerId: 1000, mode: 0o755 };
const around: { sandbox: Sandbox | undefined; display: string } = { sandbox: { helper, settings: {} }, display: ':7' };

describe('why the window did not come', () => {
  it.each([
    ['no sandbox', { code: 133, signal: undefined, said: noSuid }, 'failedSandbox', { path: "'/x y/chrome-sandbox'" }],
    ['no sandbox, as an older Chromium says it', { code: undefined, signal: 'SIGTRAP', said: oldNoSuid }, 'failedSandbox', {}],
    [
      'a library',
      { code: 127, signal: undefined, said: libraryOf('libnss3.so') },
      'failedLibraryPackage',
      { library: 'libnss3.so', package: 'libnss3' },
    ],
    [
      'a library that we have no package for',
      { code: 127, signal: undefined, said: libraryOf('libodd.so.3') },
      'failedLibrary',
      { library: 'libodd.so.3' },
    ],
    [
      'a library called as a method',
      { code: 127, signal: undefined, said: libraryOf('constructor') },
      'failedLibrary',
      { library: 'constructor' },
    ],
    ['no X server', { code: 1, signal: undefined, said: noServer }, 'failedDisplay', { display: ':7' }],
    [
      'a crash with last words',
      { code: undefined, signal: 'SIGSEGV', said: 'one\ntwo\n\n' },
      'failed',
      { how: 'by signal SIGSEGV', last: 'two' },
    ],
    ['a code and silence', { code: 3, signal: undefined, said: '\n' }, 'failedSilently', { how: 'with code 3' }],
    [
      'a program that cannot be run',
      { code: undefined, signal: undefined, said: 'spawn EACCES' },
      'failedToBegin',
      { last: 'spawn EACCES' },
    ],
  ])('%s', (_what, ending, key, values) => {
    const found = explainFailure(ending, around);
    expect(found).toMatchObject({ key, values });
    expect(say(found.key, found.values)).not.toContain('undefined');
  });

  it('no sandbox, in a copy of Electron that brings no helper for one', () => {
    const said = '[1:1:FATAL:content/browser/zygote_host/zygote_host_impl_linux.cc:129] No usable sandbox!';
    const found = explainFailure({ code: 133, signal: undefined, said }, { sandbox: { helper: undefined, settings: {} }, display: ':7' });
    expect(found).toEqual({ key: 'failedSandboxHelper', values: {} });
    expect(say(found.key, found.values)).toContain('ELECTRON_OVERRIDE_DIST_PATH');
  });

  it('offers the two commands only where they would help', () => {
    const ending = { code: 133, signal: undefined, said: noSuid };
    const suid = { ...helper, ownerId: 0, mode: 0o4755 };
    for (const sandbox of [{ helper: suid, settings: {} }, undefined])
      expect(explainFailure(ending, { ...around, sandbox }).key).toBe('failed');
  });
});

it.each([
  [noSuid, /^setuid_sandbox_host\.cc: The SUID sandbox helper binary was found, but.{1,200}…$/],
  [oldNoSuid, /^setuid_sandbox_host\.cc: The SUID sandbox helper binary was found$/],
  // What a real Chromium said (Debian's 156, 28 November 2026).
  [
    '[9:9:1128/210350.195398:ERROR:ui/aura/env.cc:253] The platform failed to initialize.  Exiting.\n[9:20:1128/210350.209139:ERROR:dbus/bus.cc:405] Failed to connect to the bus: Could not parse server address\n',
    /^env\.cc: The platform failed to initialize\. Exiting\.$/,
  ],
  ['trouble\n#0 0x5581 (/x/electron+0x1)\n#1 0x5582\n[end of stack trace]\n', /^trouble$/],
  ['\u001b[31mred\u001b[0m \u0007 tricks\u202e\n', /^red \\u0007 tricks\\u202e$/],
  ['', /^$/],
])('of %j the line that says most', (said, line) => expect(lastLine(said)).toMatch(line));

it.each([
  [libraryOf('libgbm.so.1'), 'libgbm.so.1', false],
  ['/x/electron: error while loading shared libraries: /x/libffmpeg.so: file too short\n', undefined, true],
  ['/x/electron: error while loading shared libraries: /x/libffmpeg.so: invalid ELF header\n', undefined, true],
  ['[1:1/1:ERROR:base/i18n/icu_util.cc:230] Invalid file descriptor to ICU data received.\n', undefined, true],
  [noSuid, undefined, false],
  ['v45.4.1\n', undefined, false],
])('of %j: library %j, torn %j', (said, library, isTorn) => expect([missingLibrary(said), isTornProgram(said)]).toEqual([library, isTorn]));

it('keeps what is said to one line of a bounded length', () => {
  expect(printable(`a\nb\t${'c'.repeat(300)}`)).toHaveLength(200);
  expect(printable('\u001b]0;title\u0007text\u001b[2J')).toBe('text');
  expect(printable('a\u001b')).toBe('a\\u001b');
});

import { expect, it } from 'vitest';
import { chooseDist } from './dist-choice.mjs';

const linux = { platform: 'linux', arch: 'x64' };
const windowsOnArm = { platform: 'win32', arch: 'arm64' };
const mac = { platform: 'darwin', arch: 'arm64' };

it.each([
  ['this computer’s system', [], linux, [['linux', ['x64'], ['--linux', '--x64']]]],
  ['its processor, on Linux', [], { platform: 'linux', arch: 'arm64' }, [['linux', ['arm64'], ['--linux', '--arm64']]]],
  // The installer for Windows is made for x64: the Node in it must be, too.
  [
    'the configuration’s processor, on a Windows computer with ARM',
    ['--dir'],
    windowsOnArm,
    [['win', ['x64'], ['--win', '--x64', '--dir']]],
  ],
  ['the processor that is named', ['--win', '--arm64'], linux, [['win', ['arm64'], ['--win', '--arm64']]]],
  [
    'each system with its own processor',
    ['-w', '--linux', '-c.compression=store'],
    { platform: 'linux', arch: 'arm64' },
    [
      ['win', ['x64'], ['--win', '--x64', '-c.compression=store']],
      ['linux', ['arm64'], ['--linux', '--arm64', '-c.compression=store']],
    ],
  ],
  [
    'only the named targets of a system',
    ['--linux', 'AppImage', 'deb', '--dir', '--win=nsis'],
    linux,
    [
      ['linux', ['x64'], ['--linux', 'AppImage', 'deb', '--x64', '--dir']],
      ['win', ['x64'], ['--win', 'nsis', '--x64', '--dir']],
    ],
  ],
  [
    'what short words together name',
    ['-wl'],
    linux,
    [
      ['win', ['x64'], ['--win', '--x64']],
      ['linux', ['x64'], ['--linux', '--x64']],
    ],
  ],
  ['Windows from a Mac', ['--windows', '--win'], mac, [['win', ['x64'], ['--win', '--x64']]]],
])('%s is packed', (_what, words, computer, wanted) => {
  const choice = chooseDist(words, computer);
  expect(choice.state === 'chosen' && choice.packings.map(({ system, archs, words: said }) => [system, archs, said])).toEqual(wanted);
});

it.each([
  ['a Mac that names no system', [], mac],
  ['a package for macOS', ['--mac'], linux],
  ['one among others', ['--linux', '--macos'], linux],
  ['its short words', ['-m'], linux],
  ['its short words', ['-o'], linux],
  ['one among short words', ['-wml'], linux],
  ['a kind of it', ['--mac=dmg'], linux],
])('%s is refused', (_what, words, computer) => expect(chooseDist(words, computer)).toEqual({ state: 'refused', key: 'distNoMac' }));

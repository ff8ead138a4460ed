import { expect, test } from 'vitest';
import { createWindowsOs } from './index.ts';
import { closeFolderArguments, listenerOf } from './host.ts';
import type { Programs } from './programs.ts';

function askedPrograms(answers: Readonly<Record<string, string>>): Programs & { readonly asked: string[][] } {
  const asked: string[][] = [];
  const note = (program: string, args: readonly string[]): string => {
    const name = program.split(/[\\/]/).at(-1) ?? '';
    asked.push([name, ...args]);
    return name;
  };
  return {
    asked,
    ask: (program, args) => answers[note(program, args)],
    run: (program, args) => Promise.resolve(note(program, args) !== ''),
  };
}

test('a process is known by its start time, which is asked once', () => {
  const programs = askedPrograms({ 'powershell.exe': '133456789012345678\r\n' });
  const os = createWindowsOs(programs);
  const identity = os.identify(process.pid);
  expect(identity).toEqual({ processId: process.pid, startMark: '133456789012345678' });
  expect(identity !== undefined && os.isAlive(identity)).toBe(true);
  expect(os.isAlive({ processId: process.pid, startMark: '133456789012345679' })).toBe(false);
  expect(programs.asked).toEqual([
    [
      'powershell.exe',
      '-NoProfile',
      '-NonInteractive',
      '-Command',
      `(Get-Process -Id ${process.pid} -ErrorAction Stop).StartTime.ToFileTimeUtc()`,
    ],
  ]);
});

test('without PowerShell only the number is known, the mark says so, and nobody asks again', () => {
  const programs = askedPrograms({});
  const os = createWindowsOs(programs);
  expect(os.identify(process.pid)).toEqual({ processId: process.pid, startMark: 'number-only' });
  expect(os.identify(process.pid)).toEqual({ processId: process.pid, startMark: 'number-only' });
  expect(programs.asked).toHaveLength(1);
});

test('a process with another start time is not ended', async () => {
  const programs = askedPrograms({ 'powershell.exe': '133456789012345678' });
  await createWindowsOs(programs).killTree({ processId: process.pid, startMark: '1' });
  expect(programs.asked.map(([name]) => name)).toEqual(['powershell.exe']);
});

test('folders are closed by numeric identifiers, inherited by what is inside', async () => {
  expect(closeFolderArguments('C:\\Farm home', 'svc')).toEqual([
    'C:\\Farm home',
    '/inheritance:r',
    '/grant:r',
    '*S-1-5-18:(OI)(CI)F',
    '*S-1-5-32-544:(OI)(CI)F',
    'svc:(OI)(CI)F',
    '/Q',
  ]);
  const programs = askedPrograms({});
  await createWindowsOs(programs).closeFolder('C:\\x', undefined);
  expect(programs.asked[0]?.slice(0, 3)).toEqual(['icacls.exe', 'C:\\x', '/inheritance:r']);
});

const netstat = `
Aktive Verbindungen
  Proto  Lokale Adresse         Remoteadresse          Status           PID
  TCP    0.0.0.0:443            0.0.0.0:0              ABHÖREN         4
  TCP    127.0.0.1:20443        127.0.0.1:51000        HERGESTELLT     77
  TCP    [::]:7443              [::]:0                 ABHÖREN         1234
`;
test('the owner of a port is found in any language', () => {
  expect([443, 7443, 20_443, 43].map((port) => listenerOf(netstat, port))).toEqual([4, 1234, undefined, undefined]);
  const os = createWindowsOs(askedPrograms({ 'netstat.exe': netstat, 'tasklist.exe': '"nginx.exe","1234","Services","0","1.234 K"\r\n' }));
  expect(os.portOwner(7443)).toBe('nginx.exe');
  expect(os.portOwner(1)).toBe('');
});

test('pipes of two homes differ, and names do not depend on the case of a path', () => {
  const os = createWindowsOs(askedPrograms({}));
  expect(os.pipePath('C:\\Farm', 'edge')).toBe(os.pipePath('c:\\farm', 'edge'));
  expect(os.pipePath('C:\\Farm', 'edge')).not.toBe(os.pipePath('C:\\Farm2', 'edge'));
  expect(os.pipePath('C:\\Farm', 'edge')).toMatch(/^\\\\\.\\pipe\\farmstead-[0-9a-f]{16}-edge$/);
});

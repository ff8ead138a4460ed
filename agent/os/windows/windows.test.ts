import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { createWindowsOs } from './index.ts';
import { closeFolderArguments, listenerOf } from './host.ts';
import type { Programs } from './programs.ts';

type Answers = Readonly<Record<string, string | (() => string | undefined)>>;

/** Programs of Windows that answer as the test says; `taskkill.exe` does what `end` does, true when it could. */
function askedPrograms(
  answers: Answers,
  end: (args: readonly string[]) => boolean = () => true,
): Programs & { readonly asked: string[][] } {
  const asked: string[][] = [];
  const note = (program: string, args: readonly string[]): string => {
    const name = program.split(/[\\/]/).at(-1) ?? '';
    asked.push([name, ...args]);
    return name;
  };
  const answer = (name: string): string | undefined => {
    const said = answers[name];
    return typeof said === 'function' ? said() : said;
  };
  return {
    asked,
    ask: (program, args) => answer(note(program, args)),
    askLater: (program, args) => Promise.resolve(answer(note(program, args))),
    run: (program, args) => Promise.resolve(note(program, args) === 'taskkill.exe' ? end(args) : true),
  };
}
const [markA, markB] = ['133456789012345678', '133456789099999999'];
const askOf = (processId: number): string[] => [
  ...['powershell.exe', '-NoProfile', '-NonInteractive', '-Command'],
  `(Get-Process -Id ${processId} -ErrorAction Stop).StartTime.ToFileTimeUtc()`,
];
const killsOf = (programs: { readonly asked: string[][] }): string[] =>
  programs.asked.filter(([name]) => name === 'taskkill.exe').map(([, ...args]) => args.filter((arg) => arg.startsWith('/')).join(' '));

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
/** A process that may be ended, for it is ours. */
async function startVictim(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'ignore' });
  children.push(child);
  await new Promise((resolve) => child.once('spawn', resolve));
  return child.pid ?? 0;
}
const isThere = (processId: number): boolean => {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
};

test('a process is known by its start time; who only looks gets what was last seen', () => {
  const programs = askedPrograms({ 'powershell.exe': `${markA}\r\n` });
  const os = createWindowsOs(programs);
  const identity = os.identify(process.pid);
  expect(identity).toEqual({ processId: process.pid, startMark: markA });
  expect(identity !== undefined && os.isAlive(identity)).toBe(true);
  expect(os.isAlive({ processId: process.pid, startMark: markB })).toBe(false);
  expect(programs.asked).toEqual([askOf(process.pid)]);
});

test('a number that the system gave to another is seen within half a minute, all known ones by one question, and nobody waits for it', async () => {
  let nowMs = 0;
  let answer = markA;
  const other = await startVictim();
  const programs = askedPrograms({ 'powershell.exe': () => answer });
  const os = createWindowsOs(programs, () => nowMs);
  const identity = { processId: process.pid, startMark: markA };
  expect([os.isAlive(identity), os.isAlive({ processId: other, startMark: markA })]).toEqual([true, true]);
  nowMs = 29_000;
  expect(os.isAlive(identity)).toBe(true);
  expect(programs.asked).toHaveLength(2);
  nowMs = 31_000;
  answer = `${process.pid} ${markB}\r\n${other} ${markA}\r\n`;
  expect(os.isAlive(identity)).toBe(true);
  await Promise.resolve();
  await Promise.resolve();
  expect(os.isAlive(identity)).toBe(false);
  expect(os.isAlive({ processId: other, startMark: markA })).toBe(true);
  expect(programs.asked).toHaveLength(3);
  expect(programs.asked[2]?.at(-1)).toMatch(new RegExp(`^Get-Process -Id ${process.pid},${other} `));
});

test('without PowerShell only the number is known, the mark says so, and nobody asks again for ten minutes', () => {
  let nowMs = 0;
  const programs = askedPrograms({});
  const os = createWindowsOs(programs, () => nowMs);
  expect(os.identify(process.pid)).toEqual({ processId: process.pid, startMark: 'number-only' });
  expect(os.identify(process.pid)).toEqual({ processId: process.pid, startMark: 'number-only' });
  expect(programs.asked).toHaveLength(1);
  nowMs = 600_001;
  os.identify(process.pid);
  expect(programs.asked).toHaveLength(2);
});

test('a new process gets its own start time, never that of one which had its number before', async () => {
  let answer = markA;
  const programs = askedPrograms({ 'powershell.exe': () => answer });
  const os = createWindowsOs(programs);
  const folder = mkdtempSync(join(tmpdir(), 'farm-windows-'));
  const request = { program: process.execPath, args: ['-e', 'setInterval(() => 0, 1000)'], folder, environment: {}, user: undefined };
  const spawned = await os.spawnDetached({ ...request, outPath: join(folder, 'out'), errorPath: join(folder, 'error'), marker: 'a:b' });
  expect(spawned.identity.startMark).toBe(markA);
  answer = markB;
  expect(os.identify(spawned.identity.processId)?.startMark).toBe(markB);
  process.kill(spawned.identity.processId, 'SIGKILL');
  await spawned.exited;
  rmSync(folder, { recursive: true });
});

test.each(['killTree', 'killAlone', 'terminate'] as const)(
  '%s: a number that another has by now is left alone, however short ago it was seen',
  async (act) => {
    const victim = await startVictim();
    let answer: string | undefined = markA;
    const programs = askedPrograms({ 'powershell.exe': () => answer });
    const os = createWindowsOs(programs);
    const identity = { processId: victim, startMark: markA };
    expect(os.isAlive(identity)).toBe(true);
    answer = markB;
    await os[act](identity);
    await new Promise((resolve) => setTimeout(resolve, 50));
    // Where it cannot be told who it is, nothing is done either.
    answer = undefined;
    await os[act](identity);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(killsOf(programs)).toEqual([]);
    expect(isThere(victim)).toBe(true);
  },
);

test('a process is asked to end first; one that can be asked is not ended by force before its time', async () => {
  const victim = await startVictim();
  const programs = askedPrograms({ 'powershell.exe': markA });
  const os = createWindowsOs(programs);
  const identity = { processId: victim, startMark: markA };
  os.terminate(identity);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(killsOf(programs)).toEqual(['/PID']);
  expect(isThere(victim)).toBe(true);
  await os.killTree(identity);
  expect(killsOf(programs)).toEqual(['/PID', '/PID /T /F']);
  await vi.waitFor(() => expect(isThere(victim)).toBe(false));
});

test('one that has no window to be asked through is ended with its family at once, because waiting would be for nothing', async () => {
  const victim = await startVictim();
  const programs = askedPrograms({ 'powershell.exe': markA }, (args) => args.includes('/F'));
  createWindowsOs(programs).terminate({ processId: victim, startMark: markA });
  await vi.waitFor(() => expect(isThere(victim)).toBe(false));
  expect(killsOf(programs)).toEqual(['/PID', '/PID /T /F']);
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

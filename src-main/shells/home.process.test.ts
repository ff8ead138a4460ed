import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isFarmError } from '#contract/errors.ts';
import { chooseDesktop, type Desktop } from './choose-desktop.ts';
import { chooseHome, homesToLookIn, prepareHome } from './home-folder.ts';
import { lockHome } from './home-lock.ts';
import { readLinkFile, removeLinkFile, writeLinkFile } from './link-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farm-home-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});
const codeOf = (error: unknown): string => (isFarmError(error) ? error.code : String(error));
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'none',
    (error: unknown) => error,
  );
const link = { origin: 'http://127.0.0.1:7400', token: 'x'.repeat(43), version: '1.0.0', shell: 'http' } as const;
const self = (): string => chooseDesktop().startMark(process.pid) ?? '';

describe('where the home is', () => {
  const person = { environment: {}, personFolder: '/home/ann', desktop: chooseDesktop('linux') };
  test('--home, then FARM_HOME, then the data folder of the system; a demo stands beside', () => {
    expect(chooseHome({ ...person, home: '/x/y', environment: { FARM_HOME: '/z' } })).toBe('/x/y');
    expect(chooseHome({ ...person, environment: { FARM_HOME: '/z' }, isDemo: true })).toBe('/z');
    expect(chooseHome(person)).toBe('/home/ann/.local/share/farmstead/farm');
    expect(chooseHome({ ...person, isDemo: true })).toBe('/home/ann/.local/share/farmstead/demo');
    expect(chooseHome({ ...person, environment: { XDG_DATA_HOME: '/data' } })).toBe('/data/farmstead/farm');
    expect(chooseDesktop('win32').dataFolder({}, 'C:\\Users\\ann')).toBe('C:\\Users\\ann\\AppData\\Local');
    expect(chooseDesktop('darwin').dataFolder({}, '/Users/ann')).toBe('/Users/ann/Library/Application Support');
    expect(homesToLookIn(person)).toEqual(['/home/ann/.local/share/farmstead/farm', '/home/ann/.local/share/farmstead/demo']);
    expect(homesToLookIn({ ...person, home: '/x' })).toEqual(['/x']);
  });

  test('a browser is opened only where there is a screen', () => {
    expect(chooseDesktop('linux').opener({}, '/f')).toBeUndefined();
    expect(chooseDesktop('linux').opener({ DISPLAY: ':0' }, '/f')).toEqual({ command: 'xdg-open', parameters: ['/f'] });
  });
});

describe('making a home', () => {
  test('is for its owner only, and may be done again', async () => {
    const home = join(folder, 'a', 'farm');
    await prepareHome(home, '1.0.0');
    expect((await stat(home)).mode & 0o777).toBe(0o700);
    await chmod(home, 0o755);
    await prepareHome(home, '1.0.0');
    expect((await stat(home)).mode & 0o777).toBe(0o700);
  });

  test.each([
    ['torn', '{"formatVer', 'HOME_HALF_WRITTEN'],
    ['empty', '', 'HOME_HALF_WRITTEN'],
    ['of a newer program', '{"formatVersion":2,"madeBy":"9.0.0"}', 'HOME_NEWER'],
  ])('a marker that is %s is refused and left as it is', async (_name, text, code) => {
    await writeFile(join(folder, 'home.json'), text);
    expect(codeOf(await failure(prepareHome(folder, '1.0.0')))).toBe(code);
    expect(await readFile(join(folder, 'home.json'), 'utf8')).toBe(text);
  });

  test('a folder of other things does not become a home', async () => {
    await mkdir(join(folder, 'Documents'));
    expect(await failure(prepareHome(folder, '1'))).toMatchObject({
      code: 'HOME_HALF_WRITTEN',
      parameters: { path: join(folder, 'Documents'), problem: 'foreign' },
    });
    expect(await readdir(folder)).toEqual(['Documents']);
  });

  test('a file is no home', async () => {
    await writeFile(join(folder, 'file'), '');
    expect(codeOf(await failure(prepareHome(join(folder, 'file'), '1')))).toBe('HOME_HALF_WRITTEN');
  });
});

describe('the lock', () => {
  test('one at a time, and again after it was let go', async () => {
    const first = await lockHome(folder);
    expect(await failure(lockHome(folder))).toMatchObject({ code: 'HOME_LOCKED', parameters: { path: folder, processId: process.pid } });
    await first.release();
    await first.release();
    const second = await lockHome(folder);
    await second.release();
    expect((await readdir(folder)).length).toBe(1);
  });

  test('of many that come at once, one gets it; over a dead holder too', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    const startMark = chooseDesktop().startMark(child.pid ?? 0);
    await writeFile(join(folder, 'core-lock.7.json'), JSON.stringify({ state: 'held', processId: child.pid, startMark }));
    expect(codeOf(await failure(lockHome(folder)))).toBe('HOME_LOCKED');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => lockHome(folder)));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['core-lock.8.json']);
  });

  test('a number that now belongs to another process does not hold it', async () => {
    await writeFile(join(folder, 'core-lock.1.json'), JSON.stringify({ state: 'held', processId: process.pid, startMark: 'long ago' }));
    await (await lockHome(folder)).release();
  });

  test('a lock file that was never finished does not hold it for long', async () => {
    await writeFile(join(folder, 'core-lock.3.json'), '{"sta');
    const old = new Date(Date.now() - 60_000);
    await utimes(join(folder, 'core-lock.3.json'), old, old);
    await (await lockHome(folder)).release();
    expect(await readdir(folder)).toEqual(['core-lock.4.json']);
  });
});

/** Windows tells the start of a process through PowerShell only, which may be slow, blocked, or held to its constrained language. */
describe('on a system that does not tell when a process began', () => {
  const silent: Desktop = { ...chooseDesktop(), startMark: (processId) => (processId === process.pid ? '' : undefined) };
  const heldBy = (startMark: string): Promise<void> =>
    writeFile(join(folder, 'core-lock.1.json'), JSON.stringify({ state: 'held', processId: process.pid, startMark }));

  test.each(['', '133771234567890000'])('a running holder with the mark %j is one, by its number', async (startMark) => {
    await heldBy(startMark);
    await expect(lockHome(folder, silent)).rejects.toMatchObject({ code: 'HOME_LOCKED', parameters: { processId: process.pid } });
  });

  test('a holder that could not tell its own start is one while its number runs, and none afterwards', async () => {
    await heldBy('');
    await expect(lockHome(folder)).rejects.toMatchObject({ code: 'HOME_LOCKED' });
    const gone: Desktop = { ...chooseDesktop(), startMark: () => undefined };
    await (await lockHome(folder, gone)).release();
  });

  test('a link file is believed', async () => {
    await writeLinkFile(folder, link, silent);
    expect(await readLinkFile(folder, silent)).toMatchObject({ processId: process.pid, startMark: '' });
  });
});

describe('the mark of Windows', () => {
  const path = process.env.PATH;
  afterEach(() => {
    process.env.PATH = path;
  });
  const plant = async (script: string): Promise<void> => {
    await writeFile(join(folder, 'powershell.exe'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    process.env.PATH = `${folder}:${path}`;
  };
  test('of a process is empty where PowerShell refuses, and absent where there is no such process', async () => {
    await plant('exit 1');
    const { startMark } = chooseDesktop('win32');
    expect([startMark(process.ppid), startMark(0x7fff_fff0)]).toEqual(['', undefined]);
  });
  test('of this very process is asked for once', async () => {
    await plant(`echo x >> ${join(folder, 'asked')}; echo 133771234567890000`);
    const { startMark } = chooseDesktop('win32');
    expect([startMark(process.pid), startMark(process.pid)]).toEqual(['133771234567890000', '133771234567890000']);
    expect(await readFile(join(folder, 'asked'), 'utf8')).toBe('x\n');
  });
});

describe('the link file', () => {
  test('is for its owner only and found while its process runs', async () => {
    await writeLinkFile(folder, link);
    expect((await stat(join(folder, 'link.json'))).mode & 0o777).toBe(0o600);
    expect(await readLinkFile(folder)).toEqual({ ...link, processId: process.pid, startMark: self() });
    await removeLinkFile(folder);
    expect(await readLinkFile(folder)).toBeUndefined();
    expect(await readLinkFile(join(folder, 'nowhere'))).toBeUndefined();
  });

  test.each([
    ['of a dead process', { startMark: 'long ago' }],
    ['that leads elsewhere', { origin: 'http://198.51.100.7:7400' }],
  ])('one %s is not believed', async (_name, change) => {
    await writeFile(join(folder, 'link.json'), JSON.stringify({ ...link, processId: process.pid, startMark: self(), ...change }));
    expect(await readLinkFile(folder)).toBeUndefined();
  });
});

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 60_000 });

const mainOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
/** Faults of our own, planted in the real program: told to, it leaves failures that nobody takes. */
const planted = `data:text/javascript,${encodeURIComponent(`
  process.on('SIGUSR2', () => {
    Promise.reject(new Error('planted rejection'));
    setTimeout(() => { throw new Error('planted exception'); });
  });
  process.on('SIGUSR1', () => { for (let n = 0; n < 500; n += 1) Promise.reject(new Error('planted storm')); });
`)}`;
let folder: string;
let home: string;
let program: ChildProcess | undefined;
let said = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farm-late-'));
  home = join(folder, 'farm');
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...environment } = process.env;
  const child = spawn(process.execPath, ['--import', planted, mainOf('main.ts'), '--port', '0'], {
    env: { ...environment, LANG: 'en_US.UTF-8', LC_ALL: '', FARM_HOME: home },
  });
  program = child;
  said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()));
  await expect.poll(() => said, { timeout: 30_000 }).toContain('within a minute');
});
afterEach(async () => {
  if (program !== undefined && program.exitCode === null && program.signalCode === null) {
    program.kill('SIGKILL');
    await new Promise((resolve) => program?.once('exit', resolve));
  }
  await rm(folder, { recursive: true, force: true });
});

type Line = {
  readonly level: string;
  readonly fields: { readonly reference?: string; readonly where?: string; readonly error?: { message: string } };
};
const bugs = async (): Promise<Line[]> => {
  const lines = (await readFile(join(home, 'core.log'), 'utf8')).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Line).filter(({ level }) => level === 'bug');
};
/** What a command line is told by the program that runs. */
const status = (): Promise<{ alerts: { code: string; mark: string; parameters: object }[] }> =>
  new Promise((resolve, reject) => {
    execFile(process.execPath, [mainOf('../cli/main.ts'), 'status', '--json', '--home', home], (error, stdout, stderr) => {
      if (error === null) resolve(JSON.parse(stdout));
      else reject(new Error(`${error.message} ${stderr} ${said}`));
    });
  });

test('a rejection and an exception that nobody takes are logged with a reference, shown, and end nothing', async () => {
  expect((await status()).alerts).toEqual([]);
  program?.kill('SIGUSR2');
  await expect.poll(async () => (await bugs()).length).toBe(2);
  const [rejection, exception] = await bugs();
  expect(rejection?.fields).toMatchObject({ where: 'unhandledRejection', error: { message: 'planted rejection' } });
  expect(exception?.fields).toMatchObject({ where: 'uncaughtException', error: { message: 'planted exception' } });
  const reference = exception?.fields.reference;
  expect(reference).toMatch(/^F-[0-9A-Z]{6}$/);
  expect((await status()).alerts).toMatchObject([{ code: 'program-fault', mark: 'warning', parameters: { reference, count: 2 } }]);
  program?.kill('SIGTERM');
  expect(await new Promise((resolve) => program?.once('exit', resolve))).toBe(0);
});

test('one that comes without end does not fill the log', async () => {
  program?.kill('SIGUSR1');
  await expect.poll(async () => (await bugs()).length).toBeGreaterThan(0);
  expect((await status()).alerts).toHaveLength(1);
  // two minutes may meet here
  expect((await bugs()).length).toBeLessThanOrEqual(40);
});

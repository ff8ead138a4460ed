import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTestCore } from '../../testing/create-test-core.ts';
import { serveTestCore } from '../../testing/http-fixture.ts';
import { prepareHome } from '../home-folder.ts';
import { lockHome } from '../home-lock.ts';
import { writeLinkFile } from '../link-file.ts';

// Several real processes each; a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

const httpMain = fileURLToPath(new URL('main.ts', import.meta.url));
const cliMain = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
let folder: string;
let home: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farm-http-'));
  home = join(folder, 'farm');
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
  }
  await rm(folder, { recursive: true, force: true });
});

type Program = {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<number | null>;
  readonly until: (text: RegExp) => Promise<string>;
};

function run(main: string, words: readonly string[], umask?: string): Program {
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...environment } = process.env;
  const [command, before] =
    umask === undefined ? [process.execPath, []] : ['sh', ['-c', `umask ${umask}; exec "$@"`, 'sh', process.execPath]];
  const child = spawn(command, [...before, main, ...words], { env: { ...environment, LANG: 'en_US.UTF-8', LC_ALL: '', FARM_HOME: home } });
  children.push(child);
  let said = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      said += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const until = (text: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = text.exec(said);
        if (found !== null) resolve(found[1] ?? found[0]);
      };
      listeners.add(look);
      look();
      void ended.then(() => reject(new Error(`ended before ${text}: ${said}`)));
    });
  return { child, said: () => said, ended, until };
}
const start = (...words: string[]): Program => run(httpMain, ['--port', '0', ...words]);
const farm = async (...words: string[]): Promise<{ readonly code: number | null; readonly said: string }> => {
  const program = run(cliMain, words);
  return { code: await program.ended, said: program.said() };
};

test('starts, is found by the command line, is shown by a second start, ends cleanly', async () => {
  const program = start();
  const origin = await program.until(/runs at (http:\/\/127\.0\.0\.1:\d+)\./);
  const page = await program.until(/within a minute: (file:\/\/\S+)/);
  expect((await stat(home)).mode & 0o777).toBe(0o700);
  for (const name of ['link.json', 'open.html']) expect((await stat(join(home, name))).mode & 0o777, name).toBe(0o600);
  expect(JSON.parse(await readFile(join(home, 'link.json'), 'utf8'))).toMatchObject({
    origin,
    processId: program.child.pid,
    shell: 'http',
  });

  const html = await readFile(fileURLToPath(page), 'utf8');
  const token = /name="token" value="([\w-]{43})"/.exec(html)?.[1] ?? '';
  const signIn = (value: string): Promise<Response> =>
    fetch(`${origin}/sign-in`, { method: 'POST', body: new URLSearchParams({ token: value }) });
  expect((await signIn(token)).status).toBe(200);
  expect((await signIn(token)).status).toBe(403);

  const status = await farm('status', '--wait', '--json');
  expect(status.code).toBe(0);
  expect(JSON.parse(status.said)).toMatchObject({ isReady: true, origin, home });
  const opened = await farm('open', '--json');
  expect(JSON.parse(opened.said)).toMatchObject({ isOpened: false, origin, url: expect.stringMatching(/^file:/) });

  const second = start();
  expect(await second.ended).toBe(0);
  expect(second.said()).toContain(`already open here, at ${origin}`);
  expect(second.said()).toMatch(/within a minute: file:/);

  program.child.kill('SIGTERM');
  expect(await program.ended).toBe(0);
  for (const name of ['link.json', 'open.html']) expect(existsSync(join(home, name)), name).toBe(false);
  expect((await farm('status')).code).toBe(5);
});

test.each(['000', '022'])('under umask %s no file of the home is for others, from the first run on', async (umask) => {
  const program = run(httpMain, ['--port', '0'], umask);
  await program.until(/within a minute/);
  expect((await farm('settings', 'start-farm', 'Private', '--time-zone', 'UTC')).code).toBe(0);
  const names = await readdir(home, { recursive: true });
  expect(names).toEqual(expect.arrayContaining(['farm.sqlite', 'farm.sqlite-wal', 'farm.sqlite-shm', 'core.log', 'data.key']));
  const wide = await Promise.all(names.map(async (name) => [name, (await stat(join(home, name))).mode & 0o077] as const));
  expect(wide.filter(([, mode]) => mode !== 0)).toEqual([]);
});

test('a second start brings its language into the window, and its request for a demo farm to the program that runs', async () => {
  await prepareHome(home, '0.1.0');
  // The program that runs is this process: a second start tells it by its link file, as any other.
  const lock = await lockHome(home);
  const core = await createTestCore({ home });
  const http = await serveTestCore(core);
  const again = async (...words: string[]): Promise<readonly [code: number | null, said: string]> => {
    const program = start(...words);
    return [await program.ended, program.said()];
  };
  const redirect = (): Promise<string> => readFile(join(home, 'open.html'), 'utf8');
  try {
    expect(await again()).toEqual([0, expect.stringContaining(`already open here, at ${http.origin}`)]);
    expect(await redirect()).not.toContain('language');
    expect(await again('--language', 'ru')).toEqual([0, expect.stringContaining('Эта ферма здесь уже открыта')]);
    expect(await redirect()).toContain('<input type="hidden" name="language" value="ru">');

    expect(await again('--demo')).toEqual([0, expect.stringContaining('The demo farm is being made there.')]);
    const settings = () => core.client.settings.get();
    await vi.waitFor(async () => expect((await settings()).demo.step).toBe('ready'), 10_000);
    expect(await again('--demo')).toEqual([0, expect.stringMatching(/There is a demo farm here already: \S+/)]);

    await core.client.settings.removeDemo({ requestKey: core.key() });
    await core.client.settings.startFarm({ name: 'Apples', language: 'en', timeZone: 'UTC', requestKey: core.key() });
    const [code, said] = await again('--demo');
    expect([code, said]).toEqual([1, expect.stringContaining('No demo farm was made: this home has the farm Apples already.')]);
    // It was shown all the same.
    expect(said).toMatch(/within a minute: file:/);
  } finally {
    await http.close();
    await core.close();
    await lock.release();
  }
});

test('a program that does not answer is said, not thrown', async () => {
  await prepareHome(home, '0.1.0');
  const lock = await lockHome(home);
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const address = closed.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await new Promise((resolve) => closed.close(resolve));
  await writeLinkFile(home, { origin: `http://127.0.0.1:${port}`, token: 'x'.repeat(43), version: '0.1.0', shell: 'http' });
  const program = start('--demo');
  expect(await program.ended).toBe(1);
  expect(program.said()).toContain(`by process ${process.pid}, which does not answer yet.`);
  expect(program.said()).not.toMatch(/\bat .*:\d+:\d+/);
  await lock.release();
});

test('after kill -9 the home opens again, and what was left is not believed', async () => {
  const first = start();
  await first.until(/within a minute/);
  first.child.kill('SIGKILL');
  await first.ended;
  expect(existsSync(join(home, 'link.json'))).toBe(true);
  expect((await farm('status')).code).toBe(5);
  const again = start();
  await again.until(/within a minute/);
  expect((await farm('settings', 'start-farm', 'Home again', '--time-zone', 'UTC')).code).toBe(0);
  again.child.kill('SIGINT');
  expect(await again.ended).toBe(0);
});

test('of two starts at the same moment one opens the home, and the other shows it', async () => {
  const both = [start(), start()];
  await Promise.all(both.map((program) => program.until(/within a minute/)));
  const attached = both.filter((program) => program.said().includes('already open here'));
  expect(attached).toHaveLength(1);
  expect(await attached[0]?.ended).toBe(0);
});

test.each([
  ['home.json', '{"form'],
  ['farm.sqlite', 'this is no database, and long enough to be looked at as one'],
])('a home whose %s is torn is said in words, left as it is, and not kept locked', async (name, text) => {
  await prepareHome(home, '0.1.0');
  await writeFile(join(home, name), text);
  for (let time = 1; time <= 2; time += 1) {
    const again = start();
    expect(await again.ended).toBe(1);
    expect(again.said()).toMatch(/ is damaged, and was left as it is\. /);
  }
  expect(await readFile(join(home, name), 'utf8')).toBe(text);
  expect(existsSync(join(home, 'link.json'))).toBe(false);
});

test('a port that is taken is said, and nothing stays', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const program = run(httpMain, ['--port', String(port)]);
  expect(await program.ended).toBe(1);
  expect(program.said()).toContain(`Port ${port} is already used by another program.`);
  expect(existsSync(join(home, 'link.json'))).toBe(false);
  await new Promise((resolve) => other.close(resolve));
});

test('what it does not know is said before anything is done', async () => {
  for (const words of [['--colour'], ['--port', 'x'], ['extra'], ['--language', 'de'], ['--language=']]) {
    const program = run(httpMain, words);
    expect(await program.ended, words.join(' ')).toBe(2);
    expect(program.said()).toContain('npm start --');
  }
  expect(existsSync(home)).toBe(false);
});

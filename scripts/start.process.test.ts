import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { executableOf } from './lib/electron.mjs';
import { makeFakeElectron } from './lib/fixtures/electron-package.ts';
import { root } from './lib/root.mjs';

// Each is the whole start, with a real web console; a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

let folder = '';
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-start-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
  }
  rmSync(folder, { recursive: true, force: true });
});

const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, XDG_SESSION_TYPE: _session, ...rest } = process.env;
type Ended = { readonly code: number | null; readonly said: string };

/** Runs the start script; a web console that it comes to is told to end. */
function start(words: readonly string[], environment: NodeJS.ProcessEnv = {}, script = join(root, 'scripts', 'start.mjs')): Promise<Ended> {
  const child = spawn(process.execPath, [script, ...words], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...rest, LANG: 'en_US.UTF-8', LC_ALL: '', FARM_HOME: join(folder, 'home'), ...environment },
  });
  children.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (/within a minute: |в течение минуты: /.test(said)) child.kill('SIGTERM');
    });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, said })));
}

/** With a program in Electron's place; `--no-sandbox`, because root may run the tests. */
function startWith(script: string, words: readonly string[] = [], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const ELECTRON_OVERRIDE_DIST_PATH = makeFakeElectron(join(folder, 'electron'), script);
  return start(['--shell=electron', '--no-sandbox', '--port=0', '--no-open', ...words], { ELECTRON_OVERRIDE_DIST_PATH, ...environment });
}
const write = (state: string): string => `printf '{"state":"${state}"}' > "$FARM_OPENED_FILE"`;
const fatal = '[1:1/1:FATAL:setuid_sandbox_host.cc(166)] The SUID sandbox helper binary was found, but is not configured correctly.';

describe('a desktop window that cannot be opened', () => {
  it('for want of a sandbox is told with the two commands, and the web console is opened', async () => {
    makeFakeElectron(join(folder, 'electron'), '');
    writeFileSync(join(folder, 'electron', 'chrome-sandbox'), '');
    const { code, said } = await startWith(`echo '${fatal}' >&2; exit 133`);
    const path = join(folder, 'electron', 'chrome-sandbox');
    expect(said).toContain(`\n  sudo chown root:root '${path}'\n  sudo chmod 4755 '${path}'\n`);
    expect(said).toMatch(/Farmstead runs at http:\/\/127\.0\.0\.1:\d+\./);
    expect(code).toBe(0);
  });

  it('for want of a library is told with its name, and the web console is opened without the words that were Electron’s', async () => {
    const lacking = 'electron: error while loading shared libraries: libgbm.so.1: cannot open shared object file: No such file';
    const { code, said } = await startWith(`echo '${lacking}' >&2; exit 127`, ['--ozone-platform=x11']);
    expect(said).toMatch(
      /could not start: .* lacks the library libgbm\.so\.1\. .*sudo apt-get install libgbm1.*web console in a browser instead/,
    );
    expect([said.includes('Farmstead runs at'), code]).toEqual([true, 0]);
  });

  it('because it crashes is told in the language that was asked for, by the web console too', async () => {
    const { code, said } = await startWith("echo 'Trouble\u202e' >&2; kill -SEGV $$", ['--language', 'ru']);
    expect(said).toContain('Окно программы не запустилось: Electron завершился по сигналу SIGSEGV, последние слова: «Trouble\\u202e».');
    expect(said).toContain('Farmstead работает по адресу');
    expect(code).toBe(0);
  });

  it('because its program has 0 bytes is told, and the web console is opened', async () => {
    makeFakeElectron(join(folder, 'electron'), '');
    writeFileSync(join(folder, 'electron', executableOf(process.platform)), '');
    const words = ['--shell=electron', '--no-sandbox', '--port=0', '--no-open'];
    const { code, said } = await start(words, { ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'electron') });
    expect(said).toMatch(/ELECTRON_OVERRIDE_DIST_PATH leads to \S+electron, where there is no program that can be run\./);
    expect([said.includes('Farmstead runs at'), code]).toEqual([true, 0]);
  });
});

describe('a desktop window that was open', () => {
  it.each([
    ['closed', `${write('shown')}; exit 0`, 0],
    ['that crashed later', `${write('shown')}; sleep 0.5; kill -SEGV $$`, 139],
    ['whose farm was open elsewhere', `${write('elsewhere')}; exit 0`, 0],
    ['that told its own failure', 'exit 70', 70],
  ])('%s ends the start with its own code, and nothing else is opened', async (what, script, code) => {
    const ended = await startWith(script);
    expect([ended.code, ended.said.includes('runs at'), ended.said.includes('could not start')]).toEqual([code, false, false]);
    // One line says what was opened and why; a second only where that was not so.
    const lines = ended.said.split('\n').filter((line) => line !== '' && !line.startsWith('Building'));
    expect(lines[0]).toMatch(/^Opening the desktop window: Electron \d+\.\d+\.\d+ is here\.$/);
    expect(lines.slice(1)).toEqual(what.includes('elsewhere') ? ['This farm is open already: the program that has it was shown.'] : []);
    expect(existsSync(join(folder, 'home'))).toBe(false);
  });

  it('was given words, a Node for its agents, Wayland where there is nothing else, and no ELECTRON_RUN_AS_NODE', async () => {
    const script = `printf '<%s>' "$@" "$ELECTRON_RUN_AS_NODE$NODE_OPTIONS"; "$FARM_NODE" -p '"node " + process.versions.node.split(".")[0]'; ${write('shown')}`;
    const { code, said } = await startWith(script, ['--demo', '--home=/a farm', '--language=en', '--', '--any=1'], {
      ELECTRON_RUN_AS_NODE: '1',
      WAYLAND_DISPLAY: 'wayland-0',
    });
    const words = ['--home=/a farm', '--demo', '--language=en', '--no-sandbox', '--any=1', '--ozone-platform=wayland'];
    expect(said).toContain(`<${root}>${words.map((word) => `<${word}>`).join('')}<>node 24`);
    expect(code).toBe(0);
  });
});

describe('without anything installed', () => {
  /** Nothing but the scripts: no packages, no sources, no npm. */
  const bare = (): string => {
    cpSync(join(root, 'scripts'), join(folder, 'bare', 'scripts'), { recursive: true });
    return join(folder, 'bare', 'scripts', 'start.mjs');
  };
  it.each([
    [['--help'], 'en_US.UTF-8', 0, /^npm start -- \[options\]\n {2}--demo/],
    [['-h'], 'ru_RU.UTF-8', 0, /^npm start -- \[параметры\]\n {2}--demo/],
    [['--help', '--language=ru'], 'C.UTF-8', 0, /^npm start -- \[параметры\]/],
    [['--language=de'], 'C.UTF-8', 2, /^There is no language "de" here\. .*\nnpm start --/],
    [['--colour', '--language=ru'], 'C.UTF-8', 2, /^Параметра --colour здесь нет\. .*\nnpm start --/],
    [['--shell=tty'], 'C.UTF-8', 2, /^There is no shell "tty"\./],
    [['--port=99999'], 'C.UTF-8', 2, /^--port takes a number/],
    [['--home'], 'C.UTF-8', 2, /^--home needs a value/],
  ])('%j (%s) is answered with code %i', async (words, LANG, code, pattern) => {
    const script = bare();
    const ended = await start(words, { LANG }, script);
    expect(ended).toEqual({ code, said: expect.stringMatching(pattern) });
    expect(readdirSync(join(folder, 'bare'))).toEqual(['scripts']);
  });

  it.runIf(process.getuid?.() === 0 && process.platform === 'linux')('root that asks for the window is refused', async () => {
    const ended = await start(['--shell=electron'], {}, bare());
    expect(ended).toEqual({ code: 2, said: expect.stringMatching(/^The desktop window does not run as root\./) });
  });
});

it('says as many options as it takes', () => {
  const parameters = readFileSync(join(root, 'scripts', 'lib', 'start-parameters.mjs'), 'utf8');
  const own = [...(/const options = \{([^}]+)\}/.exec(parameters)?.[1] ?? '').matchAll(/'?([\w-]+)'?:/g)].map((found) => found[1]);
  const words = readFileSync(join(root, 'scripts', 'lib', 'words.mjs'), 'utf8');
  expect(own).toHaveLength(7);
  for (const name of own) expect(words.split(`\n  --${name}`), name).toHaveLength(3);
});

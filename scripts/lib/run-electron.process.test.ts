import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mustPass } from './children.mjs';
import { executableOf } from './electron.mjs';
import { makeFakeElectron } from './fixtures/electron-package.ts';
import { root } from './root.mjs';
import { createEnder, forgetTried, readOpened, runElectron, tryElectron } from './run-electron.mjs';

vi.setConfig({ testTimeout: 20_000 });

let folder = '';
/** Where the private folders of FARM_OPENED_FILE are made. */
let temporary = '';
let binary = '';
const children: ChildProcess[] = [];
const before = process.env['TMPDIR'];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-run-'));
  temporary = mkdtempSync(join(folder, 'tmp-'));
  binary = join(folder, executableOf(process.platform));
  process.env['TMPDIR'] = temporary;
});
afterEach(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  for (const child of children.splice(0)) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** As the desktop does it: whole, at once. */
const write = (state: string): string =>
  `printf '{"state":"${state}"}\\n' > "$FARM_OPENED_FILE.part" && mv "$FARM_OPENED_FILE.part" "$FARM_OPENED_FILE"`;

async function run(script: string, given: { patienceMs?: number; environment?: NodeJS.ProcessEnv } = {}) {
  makeFakeElectron(folder, script);
  const told: string[] = [];
  let errors = '';
  const outcome = await runElectron({
    binary,
    parameters: ['/the farm', '--demo'],
    node: '/opt/node',
    cwd: folder,
    platform: process.platform,
    environment: given.environment ?? process.env,
    errors: {
      write: (bytes) => {
        errors += String(bytes);
      },
    },
    tell: (state) => told.push(state),
    ...(given.patienceMs === undefined ? {} : { patienceMs: given.patienceMs }),
  });
  expect(readdirSync(temporary)).toEqual([]);
  return { outcome, told, errors };
}

const fatal = '[1:1/1:FATAL:setuid_sandbox_host.cc(166)] The SUID sandbox helper binary was found';
const library = 'electron: error while loading shared libraries: libnss3.so: cannot open shared object file: No such file or directory';

describe('Electron that ends before anything is open', () => {
  it.each<[string, string, { code?: number; signal?: string; said?: string }]>([
    ['with a FATAL', `echo '${fatal}' >&2; exit 133`, { code: 133, said: fatal }],
    ['for want of a library', `echo '${library}' >&2; exit 127`, { code: 127, said: library }],
    ['for want of a display', "echo 'Missing X server or $DISPLAY' >&2; exit 1", { code: 1, said: 'Missing X server or $DISPLAY' }],
    ['by a trap', `echo '${fatal}' >&2; kill -TRAP $$`, { signal: 'SIGTRAP', said: fatal }],
    ['by a crash', 'kill -SEGV $$', { signal: 'SIGSEGV', said: '' }],
    ['killed by the system', 'kill -KILL $$', { signal: 'SIGKILL' }],
    ['with a code of nobody’s', 'exit 3', { code: 3 }],
    ['while it was still writing that it is open', `printf '{"sta' > "$FARM_OPENED_FILE"; exit 133`, { code: 133 }],
    ['after it wrote what nobody knows', `${write('hidden')}; exit 133`, { code: 133 }],
  ])('%s has failed, and its last words are kept', async (_what, script, { code, signal, said }) => {
    const { outcome, told, errors } = await run(script);
    expect(outcome).toMatchObject({ state: 'failed', code, signal });
    expect(told).toEqual([]);
    if (said === undefined) return;
    expect(outcome).toMatchObject({ said: expect.stringContaining(said) });
    // What it says is shown as it comes.
    expect(errors).toContain(said);
  });

  it('keeps the end of what it said, not all of it', async () => {
    const { outcome } = await run('i=0; while [ $i -lt 3000 ]; do echo "line $i of a long complaint" >&2; i=$((i+1)); done; exit 1');
    if (outcome.state !== 'failed') throw new Error('it has not failed');
    expect(outcome.said.length).toBeLessThanOrEqual(16_000);
    expect(outcome.said).toMatch(/line 2999 of a long complaint\n$/);
  });

  it('though what it has started lives on with its standard error', async () => {
    const { outcome } = await run('sleep 5 & echo last >&2; exit 133');
    expect(outcome).toMatchObject({ state: 'failed', code: 133, said: 'last\n' });
  });

  it('because it cannot be run at all has failed too', async () => {
    makeFakeElectron(folder, '');
    for (const path of [join(folder, 'nothing'), folder]) {
      const outcome = await runElectron({
        binary: path,
        parameters: [],
        node: '',
        cwd: folder,
        platform: process.platform,
        environment: process.env,
        errors: { write: () => undefined },
        tell: () => undefined,
      });
      expect(outcome).toMatchObject({ state: 'failed', code: undefined, signal: undefined, said: expect.stringMatching(/ENOENT|EACCES/) });
    }
  });
});

describe('Electron that ends properly', () => {
  it.each<[string, string, number, string[]]>([
    ['after it was open', `${write('shown')}; sleep 0.4; exit 0`, 0, ['shown']],
    ['after it was open only just', `${write('shown')}; exit 0`, 0, ['shown']],
    ['because another program was shown', `${write('elsewhere')}; exit 0`, 0, ['elsewhere']],
    ['by a crash, but after it was open', `${write('shown')}; sleep 0.4; kill -SEGV $$`, 139, ['shown']],
    ['with a code, but after it was open', `${write('shown')}; sleep 0.4; exit 5`, 5, ['shown']],
    ['closed before it was open', 'exit 0', 0, []],
    ['having told its own failure', 'echo trouble >&2; exit 70', 70, []],
    ['told to end', 'kill -TERM $$', 143, []],
    ['told to end, as a shell says it', 'exit 130', 130, []],
  ])('%s passes its code on', async (_what, script, code, told) =>
    expect(await run(script)).toMatchObject({ outcome: { state: 'ended', code }, told }),
  );

  it('is waited for, and said to be late, once, but not ended', async () => {
    const { outcome, told } = await run(`sleep 0.8; ${write('shown')}; sleep 0.4; exit 0`, { patienceMs: 200 });
    expect([outcome, told]).toEqual([{ state: 'ended', code: 0 }, ['late', 'shown']]);
  });

  it('is not said to be late when it was in time', async () => {
    expect((await run(`${write('shown')}; sleep 0.9; exit 0`, { patienceMs: 500 })).told).toEqual(['shown']);
  });
});

it('gets our words, a Node for agents and a private file, and nothing that would make it a plain Node', async () => {
  const environment = { ...process.env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '--inspect' };
  const script = `printf '%s|' "$@" "$FARM_NODE" "$ELECTRON_RUN_AS_NODE" "$NODE_OPTIONS" >&2; ls -ld "$(dirname "$FARM_OPENED_FILE")" >&2; ${write('shown')}`;
  const { errors } = await run(script, { environment });
  expect(errors).toMatch(/^\/the farm\|--demo\|\/opt\/node\|\|\|drwx------/);
});

describe('told to end', () => {
  const runner = (): string => {
    const path = join(folder, 'start.mjs');
    const module = pathToFileURL(join(root, 'scripts', 'lib', 'run-electron.mjs')).href;
    writeFileSync(
      path,
      `import { runElectron } from ${JSON.stringify(module)};
const outcome = await runElectron({ binary: ${JSON.stringify(binary)}, parameters: [], node: '', cwd: '.', platform: process.platform, environment: process.env, errors: process.stderr, tell: () => undefined });
process.stdout.write(JSON.stringify(outcome));`,
    );
    return path;
  };

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('by %s, it passes that on, and a crash at the end is no failure to start', async (signal, code) => {
    const begun = join(folder, 'begun');
    for (const [script, expected] of [
      ['trap "kill -SEGV $$" TERM INT', 139],
      ['trap "" USR1', code],
    ] as const) {
      rmSync(begun, { force: true });
      makeFakeElectron(folder, `${script}; touch '${begun}'; while :; do sleep 0.05; done`);
      const child = spawn(process.execPath, [runner()], { stdio: ['ignore', 'pipe', 'inherit'] });
      children.push(child);
      let said = '';
      child.stdout.on('data', (bytes) => {
        said += String(bytes);
      });
      await vi.waitFor(() => expect(existsSync(begun)).toBe(true), 10_000);
      child.kill(signal);
      await new Promise((resolve) => child.once('close', resolve));
      expect(JSON.parse(said)).toEqual({ state: 'ended', code: expected });
    }
  });
});

describe('Ctrl-C', () => {
  it.each([
    ['in a terminal reaches the group by itself', { isTerminal: true, platform: 'linux', hasWindows: true }, false],
    ['in a terminal of Windows reaches programs of the console', { isTerminal: true, platform: 'win32', hasWindows: false }, false],
    ['in a terminal of Windows does not reach one with windows', { isTerminal: true, platform: 'win32', hasWindows: true }, true],
    ['without a terminal is a signal to us alone', { isTerminal: false, platform: 'linux', hasWindows: false }, true],
  ])('%s', (_what, around, isPassed) => {
    expect(mustPass('SIGINT', around)).toBe(isPassed);
    expect(mustPass('SIGTERM', around)).toBe(true);
  });

  const makeChild = () => {
    const killed: unknown[] = [];
    const kill = (signal?: string): boolean => {
      killed.push(signal);
      return true;
    };
    return { killed, child: { pid: 4711, kill } };
  };

  it('on Windows asks the window to close, and kills only what does not', async () => {
    const asked: unknown[] = [];
    const run = async (command: string, parameters: readonly string[]) => {
      asked.push([command, ...parameters]);
      return { code: 0, output: '' };
    };
    const { child, killed } = makeChild();
    createEnder(child, 'win32', { run, politeMs: 150 })('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([asked, killed]).toEqual([[['taskkill', '/pid', '4711']], []]);
    await vi.waitFor(() => expect(killed).toEqual(['SIGINT']), 2000);
  });

  it('on Windows kills at once what has no window to close, and at the second time', async () => {
    const { child, killed } = makeChild();
    createEnder(child, 'win32', { run: async () => ({ code: 128, output: '' }), politeMs: 60_000 })('SIGINT');
    await vi.waitFor(() => expect(killed).toEqual(['SIGINT']), 2000);
    const other = makeChild();
    const end = createEnder(other.child, 'win32', { run: async () => ({ code: 0, output: '' }), politeMs: 60_000 });
    end('SIGINT');
    end('SIGINT');
    expect(other.killed).toEqual(['SIGINT']);
  });

  it('elsewhere is the signal itself', () => {
    const { child, killed } = makeChild();
    createEnder(child, 'linux')('SIGTERM');
    expect(killed).toEqual(['SIGTERM']);
  });
});

it('reads what the desktop wrote only when it is whole and known', () => {
  const path = join(folder, 'opened.json');
  expect(readOpened(path)).toBeUndefined();
  for (const [text, state] of [
    ['{"state":"shown"}\n', 'shown'],
    ['{"state":"elsewhere"}', 'elsewhere'],
    ['', undefined],
    ['{"state"', undefined],
    ['null', undefined],
    ['{"state":"constructor"}', undefined],
  ] as const) {
    writeFileSync(path, text);
    expect(readOpened(path), text).toBe(state);
  }
});

describe('the first try of a fetched program', () => {
  const tried = join('.farmstead-tried');
  const attempt = (switches: readonly string[] = [], given: { isFresh?: boolean; timeoutMs?: number } = {}) =>
    tryElectron({ binary, packageFolder: folder, switches, environment: { ...process.env, ELECTRON_RUN_AS_NODE: '1' }, ...given });

  it('is made once, without a window, as the person would start it', async () => {
    const log = join(folder, 'log');
    makeFakeElectron(folder, `echo "$@ [$ELECTRON_RUN_AS_NODE]" >> '${log}'; echo v9.9.9`);
    for (let times = 0; times < 2; times += 1) expect(await attempt(['--no-sandbox', '--inspect'])).toBe('good');
    expect(readFileSync(log, 'utf8')).toBe('--version --no-sandbox []\n');
    // Another copy is tried anew, and so is one that failed later.
    utimesSync(binary, new Date(0), new Date(0));
    await attempt();
    forgetTried(folder);
    await attempt();
    expect(readFileSync(log, 'utf8').split('\n')).toHaveLength(4);
  });

  it('finds a library that is missing, each time until it is there', async () => {
    makeFakeElectron(folder, `echo '${library}' >&2; exit 127`);
    for (let times = 0; times < 2; times += 1) expect(await attempt()).toEqual({ said: `${library}\n` });
    expect(existsSync(join(folder, tried))).toBe(false);
  });

  it('finds a copy that is not whole, but not after it was fetched again', async () => {
    makeFakeElectron(folder, "echo 'electron: error while loading shared libraries: libffmpeg.so: file too short' >&2; exit 127");
    expect(await attempt()).toBe('torn');
    expect(await attempt([], { isFresh: true })).toBe('good');
    expect(await attempt()).toBe('good');
  });

  it('finds that the program has gone since it was found, and says so when it has gone again after it was fetched', async () => {
    makeFakeElectron(folder, 'echo v9.9.9');
    rmSync(binary);
    expect(await attempt()).toBe('torn');
    expect(await attempt([], { isFresh: true })).toEqual({ said: expect.stringContaining('ENOENT') });
  });

  it('does not hold a start up: what it does not understand shows when the program is started', async () => {
    makeFakeElectron(folder, `echo '${fatal}' >&2; exit 133`);
    expect(await attempt()).toBe('good');
    makeFakeElectron(folder, 'exec sleep 30');
    forgetTried(folder);
    const startedMs = performance.now();
    expect(await attempt([], { timeoutMs: 300 })).toBe('good');
    expect(performance.now() - startedMs).toBeLessThan(5000);
  });
});

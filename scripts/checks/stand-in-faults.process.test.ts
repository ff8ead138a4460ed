import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../lib/root.mjs';

/**
 * The desktop's own built program, as a process, over a stand-in for Electron that fails as the real one does (`fixtures/electron-faults.mjs`): what the start
 * script is told, what the person is told, and what the log holds.
 */
const program = join(import.meta.dirname, 'fixtures', 'electron-for-node.mjs');
let folder: string;
let child: ChildProcess | undefined;
let said = '';

beforeAll(() => {
  for (const path of ['dist/electron/main.mjs', 'dist/electron/core.mjs', 'dist/electron/preload.cjs', 'dist/window/index.html'])
    if (!existsSync(join(root, path))) throw new Error(`${path} is not built. Run: npm run build`);
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-faults-'));
  said = '';
});
afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const home = (): string => join(folder, 'home');
const opened = (): unknown => (existsSync(join(folder, 'opened')) ? JSON.parse(readFileSync(join(folder, 'opened'), 'utf8')) : undefined);
const log = (): string => readFileSync(join(home(), '.desktop', 'desktop.log'), 'utf8');

function start(...faults: string[]): void {
  child = spawn(process.execPath, [program, '--home', home(), '--language=en'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      LANG: 'en_GB.UTF-8',
      FARM_NODE: process.execPath,
      FARM_OPENED_FILE: join(folder, 'opened'),
      FARM_STAND_IN_FAULTS: faults.join(','),
    },
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
}

/** Until it is so, or the time is over, or the program ended: then what is expected afterwards says what is the matter. */
async function until(isSo: () => boolean, limitMs = 25_000): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!isSo() && performance.now() < endMs && child?.exitCode === null && child.signalCode === null) await delay(25);
}
const ending = async (limitMs: number): Promise<number | null | undefined> => {
  await until(() => false, limitMs);
  return child?.exitCode;
};

/** It opened, answers command lines, tells no failure, and ends properly. */
async function expectAlive(): Promise<void> {
  await until(() => existsSync(join(home(), 'link.json')) && opened() !== undefined);
  expect([opened(), existsSync(join(home(), 'link.json')), said]).toEqual([{ state: 'shown' }, true, '']);
  child?.kill('SIGTERM');
  expect(await ending(15_000)).toBe(0);
  expect(existsSync(join(home(), 'link.json'))).toBe(false);
}

/** It told its own failure: a box that names a log file, the code that says so, and nothing else is tried. */
async function expectTold(limitMs: number): Promise<void> {
  expect(await ending(limitMs)).toBe(70);
  const box = said.slice(said.indexOf('Farmstead: '));
  expect(box).toContain(join(home(), '.desktop', 'desktop.log'));
  expect(box).not.toContain('    at ');
  const reference = /reference (F-[0-9A-Z]{6})/.exec(box)?.[1] ?? 'no reference';
  expect(log()).toContain(reference);
  expect(existsSync(join(home(), 'link.json'))).toBe(false);
}

const testMs = 60_000;

describe('the desktop survives', () => {
  it('events that never come: the window comes by its limit', { timeout: testMs }, async () => {
    start('never-ready');
    await expectAlive();
    expect(log()).toContain('"event":"window.shown","fields":{"by":"limit"}');
  });

  it('a page that is slow, likewise', { timeout: testMs }, async () => {
    start('slow-page');
    await expectAlive();
    expect(log()).toContain('{"by":"limit"}');
  });

  it.each(['silent-keychain', 'refusing-keychain'])(
    'a keychain that is there and of no use (%s): the window waits for none',
    { timeout: testMs },
    async (fault) => {
      start(fault);
      await expectAlive();
      expect(log()).toContain('{"by":"ready-to-show"}');
      expect(JSON.parse(readFileSync(join(home(), 'keepers.json'), 'utf8')).wraps).toEqual({ file: expect.anything() });
    },
  );

  it('a system that starts no process for the core: it runs in the one of the window', { timeout: testMs }, async () => {
    start('no-core');
    await expectAlive();
    expect(log()).toContain('"event":"core.gone","fields":{"code":1,"wasAlive":false}');
  });
});

describe('the desktop tells', () => {
  it('of a bug at its start, and has not told anybody that it opened', { timeout: testMs }, async () => {
    start('bug');
    await expectTold(20_000);
    expect(opened()).toBeUndefined();
    expect(log()).toContain('a planted bug');
  });

  it('of a core that dies again and again, and begins it no further', { timeout: testMs }, async () => {
    start('dead-core');
    await expectTold(45_000);
    // The window was there meanwhile.
    expect(opened()).toEqual({ state: 'shown' });
    expect(log().match(/"event":"core\.gone"/g)).toHaveLength(6);
  });
});

it('a fault that nobody knows is no fault', { timeout: testMs }, async () => {
  start('never-redy');
  expect(await ending(20_000)).toBe(1);
  expect(said).toContain('there is no fault "never-redy"');
});

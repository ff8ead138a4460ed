import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { root } from '../lib/root.mjs';

/** `npm run try:desktop` as a person runs it, with the stand-in in Electron's place: a demo farm, an instance, kills, a second start, an end. */
const report = join(root, 'reports', 'desktop-trial.html');
let child: ChildProcess | undefined;
let said = '';
beforeEach(() => {
  rmSync(report, { force: true });
  said = '';
});
afterEach(() => child?.kill('SIGKILL'));

/** Nobody is at a terminal. */
function start(faults = ''): Promise<number | null> {
  const started = spawn(process.execPath, [join(root, 'scripts', 'try-desktop.mjs'), '--stand-in'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LANG: 'en_GB.UTF-8', LC_ALL: 'en_GB.UTF-8', FARM_STAND_IN_FAULTS: faults },
  });
  child = started;
  for (const stream of [started.stdout, started.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  return new Promise((resolve) => started.once('close', resolve));
}
const page = (): string => readFileSync(report, 'utf8');
const rows = (): Record<string, string> =>
  Object.fromEntries(
    [...page().matchAll(/<tr class="(\w+)">.*?<code>([\w./]+)<\/code>/g)].map(([, result = '', name = '']) => [name, result]),
  );
const folder = (): string => /works in (\S+);/.exec(said)?.[1] ?? '';

const everyStep = [
  ...['opened', 'window', 'titleBar', 'bounds', 'page', 'link', 'language', 'keychain', 'copy', 'notice', 'light', 'dark'],
  ...['demo', 'instance', 'reload', 'renderer', 'core', 'secondProgram', 'secondStart', 'authority', 'visit'],
].map((name) => `first/step.${name}`);
const afterwards = [
  ...['quit', 'agentsLive', 'visitClosed'].map((name) => `closed/step.${name}`),
  ...['opened', 'window', 'page', 'link', 'language', 'demoAgain', 'demoRemoved', 'ended'].map((name) => `second/step.${name}`),
  'end/step.nothingLeft',
];

it('runs to its end, with every step that needs no person done, and leaves one file and nothing else', async () => {
  expect(await start(), said).toBe(0);
  const found = rows();
  const asked = Object.keys(found).filter((name) => name.startsWith('person/'));
  expect(
    Object.keys(found)
      .filter((name) => !asked.includes(name))
      .sort(),
  ).toEqual([...everyStep, ...afterwards].sort());
  expect(Object.entries(found).filter(([name, result]) => result !== (asked.includes(name) ? 'notAsked' : 'passed'))).toEqual([]);
  expect(asked).toHaveLength(7);

  expect(said.split('\n')[0]).toContain('NOT ELECTRON');
  expect(page()).toContain('NOT ELECTRON');
  const pictures = [...page().matchAll(/src="(data:image\/png;base64,[\w+/=]+)"/g)].map(([, picture]) => picture);
  expect([pictures.length, new Set(pictures).size]).toEqual([2, 2]);
  expect(page()).toContain('window.shown');
  expect(page()).toContain('agent-link-up');
  expect(said).toContain(report);

  // 32 bytes in base64url, as every token is; what lies in `data:` is a picture.
  const words = page().replace(/data:image\/png;base64,[\w+/=]+/g, '');
  expect(words.match(/(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{43}(?![\w-])/g)).toBeNull();
  expect(words).not.toMatch(/Bearer (?!\[hidden\])|BEGIN [A-Z ]*PRIVATE KEY/);
  expect([folder() === '', existsSync(folder())]).toEqual([false, false]);
});

it('tells of a desktop that cannot start, and still writes the file', async () => {
  expect(await start('bug')).toBe(1);
  expect(rows()).toEqual({ 'first/step.opened': 'failed', 'end/step.nothingLeft': 'passed' });
  expect(page()).toContain('a planted bug');
  expect(existsSync(folder())).toBe(false);
});

it('tells of a core without a process of its own', async () => {
  expect(await start('no-core')).toBe(1);
  const failed = Object.entries(rows()).filter(([, result]) => result === 'failed');
  expect(failed).toEqual([['first/step.core', 'failed']]);
});

it('ends what it started when it is interrupted in the middle of a farm, and still writes the file', async () => {
  const ended = start();
  const endMs = performance.now() + 90_000;
  while (!said.includes('answers at its address') && performance.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 50));
  child?.kill('SIGINT');
  expect(await ended, said).toBe(1);
  expect(said).toContain('Interrupted');
  expect(page()).toContain('It was interrupted.');
  expect(rows()).toMatchObject({ 'first/step.instance': 'passed', 'end/step.nothingLeft': 'passed' });
  expect(existsSync(folder())).toBe(false);
});

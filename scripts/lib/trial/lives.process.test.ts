import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cleanUp } from './clean-up.mjs';
import { startProgram } from './desktop-life.mjs';
import { liveTwice } from './lives.mjs';
import { createRecord } from './record.mjs';

/** Small programs in the desktop's place, which do what a desktop does that is not well. */
const begin = `
const { appendFileSync, existsSync, writeFileSync } = require('node:fs');
const results = process.argv.find((word) => word.startsWith('--try-desktop='))?.slice('--try-desktop='.length);
const tell = (line) => appendFileSync(results, JSON.stringify(line) + '\\n');
const open = (state) => writeFileSync(process.env.FARM_OPENED_FILE, JSON.stringify({ state }));
`;
let folder: string;
let record: ReturnType<typeof createRecord>;
const programs: ReturnType<typeof startProgram>[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-lives-'));
  mkdirSync(join(folder, 'home'));
  record = createRecord(() => undefined);
  programs.length = 0;
});
afterEach(() => {
  for (const program of programs) program.kill();
  rmSync(folder, { recursive: true, force: true });
});

const ground = (script: string, signal: AbortSignal = new AbortController().signal) => ({
  node: process.execPath,
  home: join(folder, 'home'),
  results: join(folder, 'results'),
  openedFile: join(folder, 'opened'),
  desktop: (more: readonly string[]) => ({
    command: process.execPath,
    parameters: ['-e', begin + script, '--', ...more],
    environment: process.env,
  }),
  language: 'en' as const,
  record,
  facts: {} as Record<string, string>,
  secrets: new Set<string>(),
  pictures: [],
  agents: [],
  signal,
  onStart: (program: ReturnType<typeof startProgram>) => void programs.push(program),
  askPerson: async () => undefined,
});
const told = (): (string | undefined)[][] => record.rows.map(({ name, result, detail }) => [name, result, detail]);

it('tells how a program ended that never showed a window, with its last words', async () => {
  await liveTwice(ground("process.stderr.write('FATAL: no sandbox\\n'); process.exit(133)"));
  expect(told()).toEqual([['step.opened', 'failed', expect.stringMatching(/133.*FATAL: no sandbox/)]]);
});

it('tells of a program that a signal ended, and of one that is not there', async () => {
  await liveTwice(ground("process.kill(process.pid, 'SIGKILL')"));
  await liveTwice({ ...ground(''), desktop: () => ({ command: join(folder, 'electron'), parameters: [], environment: process.env }) });
  expect(told()).toEqual([
    ['step.opened', 'failed', expect.stringContaining('SIGKILL')],
    ['step.opened', 'failed', expect.stringMatching(/127.*ENOENT/)],
  ]);
});

it('tells in which step a program died, what was not reached, and starts it no second time', async () => {
  await liveTwice(
    ground(`
open('shown');
tell({ kind: 'begun', life: 'first', steps: ['window', 'page', 'demo'], facts: { gpu: 'off' } });
tell({ kind: 'step', step: 'window', ms: 5, result: 'passed', detail: { by: 'limit' } });
appendFileSync(results, '{"kind":"step","st');
process.exit(3);`),
  );
  expect(told()).toEqual([
    ['step.opened', 'passed', ''],
    ['step.window', 'passed', 'by limit'],
    ['step.page', 'failed', expect.stringContaining('3')],
    ['step.demo', 'unreached', ''],
  ]);
  expect(programs).toHaveLength(1);
});

it('takes a second program that does not end for one that failed, and ends it', async () => {
  const wanted = ground(`
if (results === undefined) setInterval(() => {}, 1000);
else {
  open('shown');
  tell({ kind: 'begun', life: 'first', steps: [], facts: {} });
  tell({ kind: 'asks', what: 'second-start' });
  setTimeout(() => process.exit(0), 5500);
}`);
  await liveTwice(wanted);
  expect(told()).toContainEqual(['step.secondProgram', 'failed', expect.stringContaining('5')]);
  expect(programs[1]?.ending() ?? (await programs[1]?.waitForEnd(2000))).toMatchObject({ signal: 'SIGKILL' });
});

it('stops at once when it is interrupted; what was started is then ended, the folder too, and an asked-for end is asked for by a file', async () => {
  const over = new AbortController();
  const living = liveTwice(
    ground(
      `
open('shown');
tell({ kind: 'begun', life: 'first', steps: ['window'], facts: {} });
setInterval(() => existsSync(results + '.quit') && process.exit(0), 20);`,
      over.signal,
    ),
  );
  setTimeout(() => over.abort(), 700);
  await living;
  expect(told().slice(-1)).toEqual([['step.window', 'unreached', expect.any(String)]]);
  expect(programs[0]?.ending()).toBeUndefined();
  writeFileSync(join(folder, 'home', 'core.log'), 'a log');
  let log = '';
  await cleanUp({
    ...ground(''),
    folder,
    programs,
    beforeRemoval: () => {
      log = readFileSync(join(folder, 'home', 'core.log'), 'utf8');
    },
  });
  expect(programs[0]?.ending()).toEqual({ code: 0, signal: null });
  expect([log, existsSync(folder)]).toEqual(['a log', false]);
  expect(told().slice(-1)).toEqual([['step.nothingLeft', 'passed', '']]);
});

it('says which process is left when one will not end', async () => {
  const left = startProgram({
    command: process.execPath,
    parameters: ['-e', 'setInterval(() => {}, 1000)', folder],
    environment: process.env,
    openedFile: join(folder, 'o'),
  });
  programs.push(left);
  await cleanUp({ ...ground(''), folder, programs: [], beforeRemoval: () => undefined });
  expect(told()).toEqual([['step.nothingLeft', 'failed', expect.stringMatching(/\d+/)]]);
}, 20_000);

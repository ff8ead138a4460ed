import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Log } from '../../../ports/request.ts';
import { readDesktopOptions } from '../desktop-options.ts';
import { DesktopInTest } from '../testing/desktop-in-test.ts';
import { createElectronStandIn } from '../testing/electron-stand-in.ts';
import { beginTrial } from './run-trial.ts';
import { openTrialResults, type TrialLine, type TrialResults } from './trial-results.ts';
import { passed, type Trial, type TrialStep } from './trial-step.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-trial-'));
  path = join(folder, 'results');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lines = (): TrialLine[] =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [];

describe('the flag', () => {
  it.each([
    [['--try-desktop=/somewhere/results'], '/somewhere/results'],
    [['--try-desktop=results'], undefined],
    [['--try-desktop=./results'], undefined],
    [['--try-desktop='], undefined],
    [['--try-desktop'], undefined],
    [[], undefined],
  ])('of the command line %j names %j', (words, expected) => expect(readDesktopOptions(words).trial).toBe(expected));

  it.each([
    ['a folder that is not there', () => join(folder, 'nowhere', 'results')],
    ['a folder that is a file', () => join(path, 'results')],
    ['a file of somebody else', () => path],
  ])('does nothing for %s', async (_what, place) => {
    writeFileSync(path, 'a diary');
    expect(openTrialResults(place())).toBeUndefined();
    const desktop = new DesktopInTest();
    try {
      await desktop.runOpen({ words: ['--home', desktop.home, `--try-desktop=${place()}`] });
      expect(readFileSync(path, 'utf8')).toBe('a diary');
      writeFileSync(`${path}.quit`, '');
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(desktop.electron.callsOf('quit')).toEqual([]);
    } finally {
      await desktop.end();
    }
  });

  it('writes nothing and gives pages nothing when it is not there', async () => {
    const desktop = new DesktopInTest();
    try {
      await desktop.runOpen({ words: ['--home', desktop.home] });
      const without = desktop.electron.ipc.channels();
      await desktop.quit();
      desktop.restart();
      await desktop.runOpen({ words: ['--home', desktop.home, `--try-desktop=${path}`] });
      expect(desktop.electron.ipc.channels()).toEqual(without);
      await vi.waitFor(() => expect(lines()[0]).toMatchObject({ kind: 'begun', life: 'first' }));
    } finally {
      await desktop.end();
    }
  });
});

const log: Log = { info: () => undefined, warn: () => undefined, bug: () => 'F-1' };
let quits: number;

/** A trial of steps that need no window. */
function begin(steps: readonly TrialStep[], results: TrialResults | undefined = openTrialResults(path)): () => void {
  const electron = createElectronStandIn();
  electron.makeReady();
  quits = 0;
  Object.assign(electron.parts.app, {
    quit: () => {
      quits += 1;
    },
  });
  if (results === undefined) throw new Error('no results');
  const trial: Trial = {
    electron: electron.parts,
    inside: {
      window: () => undefined,
      client: () => {
        throw new Error('no core');
      },
      coreProcessId: () => undefined,
      linkCount: () => 0,
    },
    shown: new Promise(() => undefined),
    language: 'en',
    system: 'other',
    results,
  };
  return beginTrial(trial, log, { first: steps, second: steps.slice(0, 1) });
}
const isDone = (): Promise<void> => vi.waitFor(() => expect(lines().at(-1)).toMatchObject({ kind: 'done' }), 5000);
const step = (name: string, run: TrialStep['run'], limitMs = 1000): TrialStep => ({ name, limitMs, run });

describe('a trial', () => {
  it('writes down each step as it ends, and goes on after one that failed or that nobody answers', async () => {
    const given: string[] = [];
    const stop = begin([
      step('good', async () => passed({ height: 30 }, 'results.light.png')),
      step('throws', async () => {
        throw new TypeError('a planted bug');
      }),
      step(
        'silent',
        (_trial, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(given.push('up')))),
        50,
      ),
      step('last', async () => passed()),
    ]);
    await isDone();
    stop();
    expect(lines()).toMatchObject([
      { kind: 'begun', life: 'first', steps: ['good', 'throws', 'silent', 'last'], facts: { node: process.versions.node, language: 'en' } },
      { kind: 'step', step: 'good', result: 'passed', detail: { height: 30 }, picture: 'results.light.png', ms: expect.any(Number) },
      { kind: 'step', step: 'throws', result: 'failed', detail: { problem: 'TypeError: a planted bug' } },
      { kind: 'step', step: 'silent', result: 'failed', detail: { limitMs: 50 } },
      { kind: 'step', step: 'last', result: 'passed' },
      { kind: 'done', facts: { gpu: 'webgl: enabled' } },
    ]);
    expect(given).toEqual(['up']);
  });

  it('takes a file with lines of its own for a program that was started again, and adds to it', async () => {
    begin([step('one', async () => passed()), step('two', async () => passed())])();
    await vi.waitFor(() => expect(lines()).toHaveLength(1));
    const stop = begin([step('one', async () => passed()), step('two', async () => passed())]);
    await isDone();
    stop();
    expect(lines().slice(1)).toMatchObject([{ kind: 'begun', life: 'second', steps: ['one'] }, { step: 'one' }, { kind: 'done' }]);
  });

  it('ends the program when a file beside the results asks for it, once, also in the middle of a step', async () => {
    const stop = begin([step('silent', () => new Promise(() => undefined), 60_000)]);
    writeFileSync(`${path}.quit`, '');
    await vi.waitFor(() => expect(quits).toBe(1));
    expect(existsSync(`${path}.quit`)).toBe(false);
    stop();
  });

  it('writes nothing more once it was stopped', async () => {
    const held = Promise.withResolvers<ReturnType<typeof passed>>();
    const stop = begin([step('held', () => held.promise), step('next', async () => passed())]);
    stop();
    held.resolve(passed());
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(lines().map(({ kind }) => kind)).toEqual(['begun']);
  });

  it('goes on when its file cannot be written any more', async () => {
    const results = openTrialResults(path);
    mkdirSync(path);
    const ran: string[] = [];
    const stop = begin([step('one', async () => passed()), step('two', async () => passed({ nth: ran.push('two') }))], results);
    await vi.waitFor(() => expect(ran).toEqual(['two']));
    stop();
  });
});

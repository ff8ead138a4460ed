import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { extractAll } from '@electron/asar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../lib/root.mjs';
import { makeElectronDistribution } from './fixtures/electron-distribution.ts';

/**
 * What a person has after the installer: `npm run dist` makes the folder of a desktop, and that desktop runs a demo farm and an application from it. No
 * program is on its PATH: neither npm nor Node. Electron's binary alone is missing here; plain Node stands in for it.
 */
let folder = '';
let desktop: ChildProcess | undefined;
let said = '';
const home = (): string => join(folder, 'person', '.local', 'share', 'farmstead', 'demo');

type Answer = { code: number | null; text: string };
function farm(...words: string[]): Answer {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'src-main', 'shells', 'cli', 'main.ts'), ...words, '--home', home(), '--json'],
    { encoding: 'utf8', timeout: 120_000 },
  );
  return { code: status, text: status === 0 ? stdout : stdout + stderr };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-installed-'));
  makeElectronDistribution(join(folder, 'electron'), 'linux');
  const release = join(folder, 'release');
  const made = spawnSync(
    process.execPath,
    ['scripts/dist.mjs', '--linux', '--x64', '--dir', `-c.electronDist=${join(folder, 'electron')}`, `-c.directories.output=${release}`],
    { cwd: root, encoding: 'utf8' },
  );
  expect(made.status, made.stdout + made.stderr).toBe(0);
  const resources = join(release, 'linux-unpacked', 'resources');
  const app = join(folder, 'app');
  extractAll(join(resources, 'app.asar'), app);
  cpSync(join(resources, 'app.asar.unpacked'), app, { recursive: true });
  mkdirSync(join(folder, 'person'));
  desktop = spawn(process.execPath, [join(import.meta.dirname, 'fixtures', 'electron-for-node.mjs'), '--demo'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: join(folder, 'nothing'),
      HOME: join(folder, 'person'),
      LANG: 'en_GB.UTF-8',
      FARM_TEST_APP: app,
      FARM_TEST_RESOURCES: resources,
      FARM_TEST_STAYS: '1',
    },
  });
  for (const stream of [desktop.stdout, desktop.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
}, 170_000);

afterAll(async () => {
  if (existsSync(join(home(), 'link.json'))) farm('demo', 'remove', '--yes');
  if (desktop?.exitCode === null) {
    const ended = new Promise((resolve) => desktop?.once('exit', resolve));
    desktop.kill('SIGTERM');
    await Promise.race([ended, delay(10_000)]);
    desktop.kill('SIGKILL');
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

describe('an installed desktop', () => {
  it('can be read by every person of the computer, whoever installed it', () => {
    const resources = join(folder, 'release', 'linux-unpacked', 'resources');
    const modes = readdirSync(resources, { recursive: true, encoding: 'utf8' }).map((name) => ({
      name,
      mode: statSync(join(resources, name)).mode,
    }));
    expect(modes.length).toBeGreaterThan(10);
    expect(modes.filter(({ mode }) => (mode & 0o044) !== 0o044)).toEqual([]);
    expect(statSync(join(resources, 'runtimes', 'node-linux-x64', 'bin', 'node')).mode & 0o111).toBe(0o111);
  });

  it('starts agents on the Node that it brought', async () => {
    let states: string[] = [];
    for (let left = 60; left > 0 && states.filter((state) => state === 'ready').length < 3; left -= 1) {
      await delay(500);
      const { code, text } = farm('servers', 'list');
      if (code === 0) states = JSON.parse(text).servers.map(({ condition }: { condition: { code: string } }) => condition.code);
    }
    expect(states, said).toEqual(['ready', 'ready', 'ready']);
    const { processId } = JSON.parse(readFileSync(join(home(), 'agents', 'alder', 'agent.json'), 'utf8'));
    expect(readFileSync(`/proc/${processId}/cmdline`, 'utf8')).toContain('resources/runtimes/node-linux-x64/bin/node');
  });

  it('makes a TiddlyWiki of the payload that it brought, without npm', () => {
    const { code, text } = farm('instances', 'create', '--name', 'anna', '--package', 'tiddlywiki');
    expect(code, text).toBe(0);
    expect(JSON.parse(text)).toMatchObject({ handOver: { url: expect.stringMatching(/^https:\/\/anna\.farm\.localhost:\d+$/) } });
  });

  it('removes its demo farm, and lets its home go when it ends', async () => {
    const { code, text } = farm('demo', 'remove', '--yes');
    expect(code, text).toBe(0);
    const ended = new Promise((resolve) => desktop?.once('exit', resolve));
    desktop?.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(existsSync(join(home(), 'link.json'))).toBe(false);
  });
});

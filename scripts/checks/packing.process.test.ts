import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractAll, extractFile, getRawHeader, listPackage } from '@electron/asar';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { root, toolScript } from '../lib/root.mjs';
import { makeElectronDistribution } from './fixtures/electron-distribution.ts';

/**
 * Really packs, offline, around a stand-in for Electron's binary: only what electron-builder does with it is looked at, and its fuses are really
 * flipped. Then the packed program runs on Node, from what lies in the package and nothing else.
 */
const built = [
  'dist/electron/main.mjs',
  'dist/electron/core.mjs',
  'dist/electron/preload.cjs',
  'dist/window/index.html',
  'dist/agent/agent.cjs',
];
let folder = '';
const systems = ['linux', 'win'] as const;
type System = (typeof systems)[number];
const unpacked = (system: System): string => join(folder, 'release', `${system}-unpacked`);
const resources = (system: System): string => join(unpacked(system), 'resources');
const programs = { linux: 'farmstead', win: 'Farmstead.exe' };
const stores = { linux: 'linux-x64.node', win: 'win32-x64.node' };

function pack(system: System): void {
  const distribution = join(folder, system);
  makeElectronDistribution(distribution, system);
  const settings = [`electronDist=${distribution}`, `directories.output=${join(folder, 'release')}`, 'win.signAndEditExecutable=false'];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [toolScript('electron-builder'), `--${system}`, '--x64', '--dir', ...settings.map((setting) => `-c.${setting}`)],
    { cwd: root, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`electron-builder ended with ${status}:\n${stdout}${stderr}`);
}

beforeAll(() => {
  for (const path of built) if (!existsSync(join(root, path))) throw new Error(`${path} is not built. Run: npm run build`);
  folder = mkdtempSync(join(tmpdir(), 'farm-packing-'));
  for (const system of systems) pack(system);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(systems)('the package for %s', (system) => {
  it('holds window, main and preload, the native store for its system, and nothing else', () => {
    const files = listPackage(join(resources(system), 'app.asar'), { isPack: false });
    for (const path of [
      'dist/electron/main.mjs',
      'dist/electron/core.mjs',
      'dist/electron/preload.cjs',
      'dist/window/index.html',
      'package.json',
    ])
      expect(files).toContain(`/${path}`);
    const foreign = files.filter(
      (path) =>
        !/^\/(package\.json|assets(\/icons(\/icon\.png)?)?|dist(\/(electron|window)(\/.*)?)?|node_modules(\/better-sqlite3(\/.*)?)?)$/.test(
          path,
        ),
    );
    expect(foreign).toEqual([]);
    expect(files.filter((path) => /\.(ts|tsx|map|cpp|gyp)$|\.test\.|^\/node_modules\/better-sqlite3\/(src|deps)/.test(path))).toEqual([]);
    const store = `/node_modules/better-sqlite3/prebuilds/${stores[system]}`;
    expect(files.filter((path) => path.endsWith('.node'))).toEqual([store]);
    expect(existsSync(join(resources(system), 'app.asar.unpacked', store))).toBe(true);
    expect(readdirSync(join(unpacked(system), 'locales')).sort()).toEqual(['en-US.pak', 'ru.pak']);
  });

  it('names the program, and none of the tools that made it', () => {
    const manifest = JSON.parse(extractFile(join(resources(system), 'app.asar'), 'package.json').toString());
    expect(manifest).toMatchObject({ name: 'farmstead', main: 'dist/electron/main.mjs', type: 'module' });
    expect(manifest).not.toHaveProperty('devDependencies');
    expect(manifest).not.toHaveProperty('scripts');
  });

  it('carries agents and application packages beside it', () => {
    expect(readdirSync(join(resources(system), 'agent')).sort()).toEqual([
      'agent.cjs',
      'agent.cjs.sha256',
      'bundle.json',
      'edge.cjs',
      'edge.cjs.sha256',
    ]);
    expect(readdirSync(join(resources(system), 'packages')).sort()).toEqual(['static-site', 'tiddlywiki']);
  });

  it('has every fuse as it must be', async () => {
    const { version, ...wire } = await getCurrentFuseWire(join(unpacked(system), programs[system]));
    expect(version).toBe('1');
    const { ENABLE, DISABLE } = FuseState;
    expect(wire).toEqual({
      [FuseV1Options.RunAsNode]: DISABLE,
      [FuseV1Options.EnableCookieEncryption]: ENABLE,
      [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: DISABLE,
      [FuseV1Options.EnableNodeCliInspectArguments]: DISABLE,
      [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: ENABLE,
      [FuseV1Options.OnlyLoadAppFromAsar]: ENABLE,
      [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: DISABLE,
      [FuseV1Options.GrantFileProtocolExtraPrivileges]: DISABLE,
      [FuseV1Options.WasmTrapHandlers]: ENABLE,
    });
  });
});

test('the program for Windows knows the hash of its archive, which the integrity fuse compares', () => {
  const { headerString } = getRawHeader(join(resources('win'), 'app.asar'));
  const hash = createHash('sha256').update(headerString).digest('hex');
  expect(readFileSync(join(unpacked('win'), programs.win)).includes(hash)).toBe(true);
});

test('the packed main file runs: it opens a home, and gives the window its page and its script', () => {
  const app = join(folder, 'app');
  extractAll(join(resources('linux'), 'app.asar'), app);
  cpSync(join(resources('linux'), 'app.asar.unpacked'), app, { recursive: true });
  const home = join(folder, 'home');
  const run = spawnSync(process.execPath, [join(import.meta.dirname, 'fixtures', 'electron-for-node.mjs'), '--home', home], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
    env: { PATH: process.env.PATH, HOME: folder, LANG: 'en_GB.UTF-8', FARM_TEST_APP: app, FARM_TEST_RESOURCES: resources('linux') },
  });
  expect(run.stderr).toBe('');
  expect(JSON.parse(run.stdout)).toEqual({
    url: 'farmstead://window/',
    status: 200,
    policy: expect.stringContaining("default-src 'none'"),
    script: 200,
  });
  expect(run.status).toBe(0);
  expect(readdirSync(home).sort()).toEqual(expect.arrayContaining(['.desktop', 'farm.sqlite', 'home.json']));
  expect(readdirSync(home)).not.toContain('link.json');
  expect(statSync(home).mode & 0o077).toBe(0);
}, 60_000);

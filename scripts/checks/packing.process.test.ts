import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractAll, listPackage } from '@electron/asar';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root, toolScript } from '../lib/root.mjs';

/**
 * Really packs, offline, around a stand-in for Electron's binary: only what electron-builder does with it is looked at, and its fuses are really
 * flipped. Then the packed program runs on Node, from what lies in the package and nothing else.
 */
const built = ['dist/electron/main.mjs', 'dist/electron/preload.cjs', 'dist/window/index.html', 'dist/agent/agent.cjs'];
let folder = '';
let unpacked = '';
const resources = (): string => join(unpacked, 'resources');

function makeStandIn(place: string): void {
  mkdirSync(join(place, 'resources'), { recursive: true });
  mkdirSync(join(place, 'locales'));
  for (const language of ['en-US', 'ru', 'de']) writeFileSync(join(place, 'locales', `${language}.pak`), '');
  writeFileSync(join(place, 'version'), '45.4.1');
  // The mark that @electron/fuses looks for, its version, how many fuses there are, and each of them on.
  const wire = Buffer.concat([Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'), Buffer.from([1, 9]), Buffer.from('1'.repeat(9))]);
  writeFileSync(join(place, 'electron'), Buffer.concat([Buffer.alloc(4096), wire, Buffer.alloc(4096)]));
  chmodSync(join(place, 'electron'), 0o755);
}

beforeAll(() => {
  for (const path of built) if (!existsSync(join(root, path))) throw new Error(`${path} is not built. Run: npm run build`);
  folder = mkdtempSync(join(tmpdir(), 'farm-packing-'));
  makeStandIn(join(folder, 'electron'));
  execFileSync(
    process.execPath,
    [
      toolScript('electron-builder'),
      '--linux',
      '--x64',
      '--dir',
      `-c.electronDist=${join(folder, 'electron')}`,
      `-c.directories.output=${join(folder, 'release')}`,
    ],
    { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  unpacked = join(folder, 'release', 'linux-unpacked');
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the package', () => {
  it('holds window, main and preload, the native store for its system, and nothing else', () => {
    const files = listPackage(join(resources(), 'app.asar'), { isPack: false });
    for (const path of ['dist/electron/main.mjs', 'dist/electron/preload.cjs', 'dist/window/index.html', 'package.json'])
      expect(files).toContain(`/${path}`);
    const foreign = files.filter(
      (path) => !/^\/(package\.json|dist(\/(electron|window)(\/.*)?)?|node_modules(\/better-sqlite3(\/.*)?)?)$/.test(path),
    );
    expect(foreign).toEqual([]);
    expect(files.filter((path) => /\.(ts|tsx|map|cpp|gyp)$|\.test\.|^\/node_modules\/better-sqlite3\/(src|deps)/.test(path))).toEqual([]);
    expect(files.filter((path) => path.endsWith('.node'))).toEqual(['/node_modules/better-sqlite3/prebuilds/linux-x64.node']);
    expect(existsSync(join(resources(), 'app.asar.unpacked/node_modules/better-sqlite3/prebuilds/linux-x64.node'))).toBe(true);
    expect(readdirSync(join(unpacked, 'locales')).sort()).toEqual(['en-US.pak', 'ru.pak']);
  });

  it('names the program, and none of the tools that made it', () => {
    extractAll(join(resources(), 'app.asar'), join(folder, 'app'));
    const manifest = JSON.parse(readFileSync(join(folder, 'app', 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({ name: 'farmstead', main: 'dist/electron/main.mjs', type: 'module' });
    expect(manifest).not.toHaveProperty('devDependencies');
    expect(manifest).not.toHaveProperty('scripts');
  });

  it('carries agents and application packages beside it', () => {
    expect(readdirSync(join(resources(), 'agent')).sort()).toEqual([
      'agent.cjs',
      'agent.cjs.sha256',
      'bundle.json',
      'edge.cjs',
      'edge.cjs.sha256',
    ]);
    expect(readdirSync(join(resources(), 'packages')).sort()).toEqual(['static-site', 'tiddlywiki']);
  });

  it('has every fuse as it must be', async () => {
    const { version, ...wire } = await getCurrentFuseWire(join(unpacked, 'farmstead'));
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

  it('runs: the packed main file opens a home, and gives the window its page and its script', () => {
    const app = join(folder, 'app');
    cpSync(join(resources(), 'app.asar.unpacked'), app, { recursive: true });
    const home = join(folder, 'home');
    const run = spawnSync(process.execPath, [join(import.meta.dirname, 'fixtures', 'electron-for-node.mjs'), '--home', home], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 60_000,
      env: { PATH: process.env.PATH, HOME: folder, LANG: 'en_GB.UTF-8', FARM_TEST_APP: app, FARM_TEST_RESOURCES: resources() },
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
});

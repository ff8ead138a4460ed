import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { extractAll, extractFile, getRawHeader, listPackage } from '@electron/asar';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { icoSizes } from '../build/icon.mjs';
import { bundles } from '../build/main-process.mjs';
import { readJson, root, toolScript } from '../lib/root.mjs';
import { makeAppImageTools, runtime } from './fixtures/appimage-tools.ts';
import { makeElectronDistribution, ofElectronBuilder } from './fixtures/electron-distribution.ts';
import { bundleImports, packageImports, unresolved } from './fixtures/packed-imports.ts';

/** As much of https://www.npmjs.com/package/resedit as reading an icon takes. */
type Resedit = {
  NtExecutable: { from: (bytes: Buffer) => unknown };
  NtExecutableResource: { from: (exe: unknown) => { entries: unknown[] } };
  Resource: { IconGroupEntry: { fromEntries: (entries: unknown[]) => { icons: { width: number }[] }[] } };
};

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
  'dist/name-server/name-server.cjs',
];
let folder = '';
const systems = ['linux', 'win'] as const;
type System = (typeof systems)[number];
const unpacked = (system: System): string => join(folder, 'release', `${system}-unpacked`);
const resources = (system: System): string => join(unpacked(system), 'resources');
const programs = { linux: 'farmstead', win: 'Farmstead.exe' };
const stores = { linux: 'linux-x64.node', win: 'win32-x64.node' };

/** What is fetched would be fetched from a place that many build machines cannot reach: here it is refused at once. */
const offline = { ELECTRON_BUILDER_BINARIES_MIRROR: 'http://127.0.0.1:9/', ELECTRON_MIRROR: 'http://127.0.0.1:9/' };

function electronBuilder(words: readonly string[], environment: Readonly<Record<string, string>> = {}): void {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [toolScript('electron-builder'), ...words, '--x64', `-c.directories.output=${join(folder, 'release')}`],
    { cwd: root, encoding: 'utf8', env: { ...process.env, ...offline, ...environment } },
  );
  if (status !== 0) throw new Error(`electron-builder ended with ${status}:\n${stdout}${stderr}`);
}

function pack(system: System): void {
  const distribution = join(folder, system);
  makeElectronDistribution(distribution, system);
  electronBuilder([`--${system}`, '--dir', `-c.electronDist=${distribution}`]);
}

/** The program as Electron sees it: archive and what lies beside it in one, with nothing installed above. */
function unpackedApp(): string {
  const app = join(folder, 'app');
  if (existsSync(app)) return app;
  extractAll(join(resources('linux'), 'app.asar'), app);
  cpSync(join(resources('linux'), 'app.asar.unpacked'), app, { recursive: true });
  return app;
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
    expect(manifest).toMatchObject({ name: 'farmstead', main: 'dist/electron/main.mjs', type: 'module', desktopName: 'farmstead.desktop' });
    for (const name of ['devDependencies', 'scripts', 'bin', 'dependencies', 'optionalDependencies', 'imports'])
      expect(manifest[name] ?? 'nothing', name).toBe('nothing');
  });

  it('carries agents, the name server and application packages beside it', () => {
    expect(readdirSync(join(resources(system), 'agent')).sort()).toEqual([
      'agent.cjs',
      'agent.cjs.sha256',
      'bundle.json',
      'edge.cjs',
      'edge.cjs.sha256',
    ]);
    expect(readdirSync(join(resources(system), 'name-server'))).toEqual(['name-server.cjs']);
    expect(readdirSync(join(resources(system), 'packages')).sort()).toEqual(['static-site', 'tiddlywiki']);
  });

  it('has every fuse as it must be', async () => {
    const { version, ...wire } = await getCurrentFuseWire(join(unpacked(system), programs[system]));
    expect(version).toBe('1');
    const { ENABLE, DISABLE } = FuseState;
    expect(wire).toEqual({
      [FuseV1Options.RunAsNode]: DISABLE,
      [FuseV1Options.EnableCookieEncryption]: DISABLE,
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

test('the program for Windows has the icon in every size, without a tool that is fetched', () => {
  const { NtExecutable, NtExecutableResource, Resource } = ofElectronBuilder()('resedit') as Resedit;
  const { entries } = NtExecutableResource.from(NtExecutable.from(readFileSync(join(unpacked('win'), programs.win))));
  const groups = Resource.IconGroupEntry.fromEntries(entries);
  expect(groups.map(({ icons }) => icons.map(({ width }) => width || 256))).toEqual([icoSizes]);
});

test('an AppImage begins with the static runtime, and its entry in the menu leaves the sandbox on', () => {
  const tools = join(folder, 'tools');
  makeAppImageTools(tools);
  electronBuilder(['--linux', 'AppImage', `--prepackaged=${unpacked('linux')}`], { APPIMAGE_TOOLS_PATH: tools });
  const made = readFileSync(join(folder, 'release', `Farmstead-${readJson('package.json').version}-linux-x86_64.AppImage`), 'utf8');
  expect(made.startsWith(runtime)).toBe(true);
  // What follows the end of the file system is the map for updates.
  const { words, texts } = JSON.parse(made.slice(runtime.length).split('\n')[0] ?? '');
  expect(words).toEqual(expect.arrayContaining(['-offset', String(runtime.length), '-comp', 'zstd']));
  expect(texts['farmstead.desktop']).toMatch(/^Exec=AppRun +%U$/m);
  expect(texts['farmstead.desktop']).not.toContain('--no-sandbox');
  expect(texts.AppRun).toContain('BIN="$APPDIR/farmstead"');
});

describe('every import of the packed program', () => {
  let app = '';
  const packed = (): ReadonlySet<string> => new Set(listPackage(join(resources('linux'), 'app.asar'), { isPack: false }));
  beforeAll(() => {
    app = unpackedApp();
  });

  it('is found in the archive, in Node, or in Electron', async () => {
    const made = new Map(Object.values(bundles).map((options) => [relative(root, options.outfile ?? ''), options]));
    const programFiles = [...packed()].filter((path) => /^\/dist\/electron\/.*\.[mc]?js$/.test(path));
    expect(programFiles.length).toBeGreaterThanOrEqual(2);
    for (const path of programFiles) {
      const options = made.get(path.slice(1));
      if (options === undefined) throw new Error(`${path} is packed, and no bundle of scripts/build/main-process.mjs`);
      const { text, imports } = await bundleImports(options);
      // What is said of the bundle is said of what lies in the package.
      expect(readFileSync(join(app, path), 'utf8') === text, path).toBe(true);
      expect(imports.length).toBeGreaterThan(0);
      expect(unresolved(imports, app, join(app, path), packed()), path).toEqual([]);
    }
  });

  it('of a packed library, too', async () => {
    const files = [...packed()].filter((path) => /^\/node_modules\/.*\.js$/.test(path)).map((path) => join(app, path));
    const imports = await packageImports(files);
    expect(imports.map(({ path }) => path)).toContain('fs');
    expect(unresolved(imports, app, files[0] ?? '', packed())).toEqual([]);
  });

  it('is looked at in each of its forms: what is planted and not there is found', async () => {
    const contents = `import Store from 'better-sqlite3'; try { require('left-pad') } catch {} import('right-pad').catch(Store); import 'far-pad';`;
    const { imports } = await bundleImports({
      ...bundles.main,
      entryPoints: [],
      external: ['better-sqlite3', 'far-pad'],
      stdin: { contents, resolveDir: root },
    });
    expect(unresolved(imports, app, join(app, 'dist', 'electron', 'main.mjs'), packed())).toEqual([
      'dynamic-import right-pad',
      'import-statement far-pad',
      'require-call left-pad',
    ]);
    const lib = join(app, 'node_modules', 'better-sqlite3', 'lib', 'planted.js');
    writeFileSync(lib, `module.exports = () => require('node-addon-api');`);
    expect(unresolved(await packageImports([lib]), app, lib, packed())).toEqual(['require-call node-addon-api']);
    rmSync(lib);
  });
});

test('the packed main file runs: it opens a home, and gives the window its page and its script', () => {
  const app = unpackedApp();
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

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../lib/root.mjs';

/** @type {import('esbuild').BuildOptions} */
const always = { absWorkingDir: root, bundle: true, platform: 'node', target: 'node24', legalComments: 'none', logLevel: 'error' };

/** @param {string} entry @param {string} outfile @returns {import('esbuild').BuildOptions} */
const moduleOf = (entry, outfile) => ({
  ...always,
  entryPoints: [entry],
  outfile: join(root, outfile),
  format: 'esm',
  // Native code cannot be bundled, and pg looks for its optional native half by name.
  external: ['electron', 'electron/*', 'better-sqlite3', 'pg-native'],
  // CommonJS packages inside an ES module still call require; esbuild's own stand-in only throws.
  banner: { js: "import{createRequire as __farmCreateRequire}from'node:module';const require=__farmCreateRequire(import.meta.url);" },
});

/** Also read by the bundle test. */
export const bundles = {
  main: moduleOf('src-main/shells/electron/main.ts', 'dist/electron/main.mjs'),
  core: moduleOf('src-main/shells/electron/core.ts', 'dist/electron/core.mjs'),
  /** The sandbox gives a preload no modules but `electron`, so it is one CommonJS file. @type {import('esbuild').BuildOptions} */
  preload: {
    ...always,
    entryPoints: ['src-main/shells/electron/preload.ts'],
    outfile: join(root, 'dist/electron/preload.cjs'),
    format: 'cjs',
    external: ['electron', 'electron/*'],
  },
  http: moduleOf('src-main/shells/http/main.ts', 'dist/shells/http.mjs'),
  cli: moduleOf('src-main/shells/cli/main.ts', 'dist/shells/cli.mjs'),
};

export async function buildElectron() {
  await rm(join(root, 'dist', 'electron'), { recursive: true, force: true });
  await Promise.all([build(bundles.main), build(bundles.core), build(bundles.preload)]);
}

/** For tests that start them often: for a person both run straight from their sources. */
export async function buildShells() {
  await Promise.all([build(bundles.http), build(bundles.cli)]);
}

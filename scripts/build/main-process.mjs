import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../lib/root.mjs';

// Native code cannot be bundled, and pg looks for its optional native half by name.
const external = ['electron', 'electron/*', 'better-sqlite3', 'pg-native'];
// CommonJS packages inside an ES module still call require; esbuild's own stand-in only throws.
const requireForBundled =
  "import{createRequire as __farmCreateRequire}from'node:module';const require=__farmCreateRequire(import.meta.url);";

/** @param {string} entry @param {string} outfile */
const bundleModule = (entry, outfile) =>
  build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: join(root, outfile),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    external,
    banner: { js: requireForBundled },
    legalComments: 'none',
    logLevel: 'error',
  });

export async function buildElectron() {
  await rm(join(root, 'dist', 'electron'), { recursive: true, force: true });
  await Promise.all([
    bundleModule('src-main/shells/electron/main.ts', 'dist/electron/main.mjs'),
    // The sandbox gives a preload no modules but `electron`, so it is one CommonJS file.
    build({
      absWorkingDir: root,
      entryPoints: ['src-main/shells/electron/preload.ts'],
      outfile: join(root, 'dist/electron/preload.cjs'),
      bundle: true,
      format: 'cjs',
      platform: 'node',
      target: 'node24',
      external: ['electron', 'electron/*'],
      legalComments: 'none',
      logLevel: 'error',
    }),
  ]);
}

/** For packages: from a checkout both run straight from their sources. */
export async function buildShells() {
  await Promise.all([
    bundleModule('src-main/shells/http/main.ts', 'dist/shells/http.mjs'),
    bundleModule('src-main/shells/cli/main.ts', 'dist/shells/cli.mjs'),
  ]);
}

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './root.mjs';

/**
 * What is built, from what, into what. A part is skipped while its entries do not exist, and while its inputs are those of the last build.
 * @typedef {object} Part
 * @property {'agent' | 'window' | 'electron' | 'shells' | 'name-server'} name
 * @property {readonly string[]} entries files that must all be there
 * @property {readonly string[]} inputs files and folders whose content decides
 * @property {readonly string[]} outputs files that must all be there afterwards
 */
const always = ['package.json', 'package-lock.json', 'scripts/build', 'scripts/lib/parts.mjs', 'kit', 'contract', 'words'];

/** @type {readonly Part[]} */
export const parts = [
  {
    name: 'agent',
    entries: ['agent/main.ts', 'agent/edge/main.ts'],
    inputs: [...always, 'agent'],
    outputs: ['dist/agent/agent.cjs', 'dist/agent/edge.cjs', 'dist/agent/bundle.json'],
  },
  {
    name: 'name-server',
    entries: ['src-main/drivers/dns/builtin/process/main.ts'],
    inputs: [...always, 'src-main/drivers/dns', 'src-main/model', 'src-main/ports'],
    outputs: ['dist/name-server/name-server.cjs'],
  },
  {
    name: 'window',
    entries: ['src-renderer/index.html', 'src-renderer/app/main.tsx'],
    inputs: [...always, 'src-renderer', 'vite.config.ts'],
    outputs: ['dist/window/index.html'],
  },
  {
    name: 'electron',
    entries: ['src-main/shells/electron/main.ts', 'src-main/shells/electron/core.ts', 'src-main/shells/electron/preload.ts'],
    inputs: [...always, 'src-main'],
    outputs: ['dist/electron/main.mjs', 'dist/electron/core.mjs', 'dist/electron/preload.cjs'],
  },
  {
    name: 'shells',
    entries: ['src-main/shells/http/main.ts', 'src-main/shells/cli/main.ts'],
    inputs: [...always, 'src-main'],
    outputs: ['dist/shells/http.mjs', 'dist/shells/cli.mjs'],
  },
];

/** What `npm start` needs: there the `shells` run from their sources. Tests bundle them too, because they start them often. */
export const everydayParts = /** @type {const} */ (['agent', 'name-server', 'window', 'electron']);

/** Tests and notes change often and never reach a bundle. @param {string} name */
const isIgnored = (name) => name.startsWith('.') || name.endsWith('.md') || /\.test\.tsx?$/u.test(name) || name === 'node_modules';

/** @param {string} path relative to the root @returns {string[]} */
function filesUnder(path) {
  const absolute = join(root, path);
  if (!existsSync(absolute)) return [];
  if (statSync(absolute).isFile()) return [path];
  return readdirSync(absolute, { withFileTypes: true })
    .filter((entry) => !isIgnored(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(`${path}/${entry.name}`) : [`${path}/${entry.name}`]));
}

/** @param {Part} part */
export function inputHash(part) {
  const hash = createHash('sha256');
  for (const path of part.inputs.flatMap(filesUnder))
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  return hash.digest('hex');
}

/** @param {Part} part */
const stampOf = (part) => join(root, 'dist', '.stamps', part.name);

/** @param {Part} part */
export const canBuild = (part) => part.entries.every((entry) => existsSync(join(root, entry)));

/** @param {Part} part */
export function isStale(part) {
  if (!part.outputs.every((output) => existsSync(join(root, output)))) return true;
  return !existsSync(stampOf(part)) || readFileSync(stampOf(part), 'utf8') !== inputHash(part);
}

/** Call with the hash taken before the build began: what was edited meanwhile is then built the next time. @param {Part} part @param {string} hash */
export function markBuilt(part, hash) {
  mkdirSync(dirname(stampOf(part)), { recursive: true });
  writeFileSync(stampOf(part), hash);
}

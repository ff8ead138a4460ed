import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const osWord = process.platform === 'win32' ? 'win' : process.platform;
const nodeFile = join(root, 'node_modules', `node-${osWord}-${process.arch}`, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/**
 * The Node that everything but these scripts runs on: the pinned one from node_modules, because the machine's own may be too old.
 * Where no pinned build exists for the platform (macOS), the running Node serves if it is new enough; otherwise undefined.
 * @returns {string | undefined}
 */
export function pinnedNode() {
  if (existsSync(nodeFile)) return nodeFile;
  return Number(process.versions.node.split('.')[0]) >= 24 ? process.execPath : undefined;
}

/**
 * Where Node keeps what it compiled of the checkout's own sources (https://nodejs.org/api/module.html#module-compile-cache): a start of the core
 * cost 2.9 s of processor time without and 2.0 s with it (2026-11-29).
 */
export const compileCache = { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'node-compile') };

/**
 * The script behind a package's command, to be run with the pinned Node (node_modules/.bin holds shell scripts on Windows).
 * @param {string} packageName
 * @param {string} [command]
 */
export function toolScript(packageName, command) {
  const folder = join(root, 'node_modules', packageName);
  /** @type {{ bin: string | Record<string, string> }} */
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const path = typeof bin === 'string' ? bin : bin[command ?? packageName];
  if (path === undefined) throw new Error(`${packageName} has no command ${command ?? packageName}`);
  return join(folder, path);
}

/** @param {string} path relative to the root */
export const exists = (path) => existsSync(join(root, path));

/** @param {string} path relative to the root */
export const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));

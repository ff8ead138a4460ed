import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInFront } from './children.mjs';
import { pinnedNode, root } from './root.mjs';
import { say } from './words.mjs';

const stamp = join(root, 'node_modules', '.farmstead-install');
const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');

/** npm's own note of what it put into node_modules says the same as the lock file: somebody ran `npm ci` by hand. */
function npmHasInstalledTheLock() {
  const note = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(note)) return false;
  /** @param {string} path @returns {Record<string, { version?: string, integrity?: string, optional?: boolean }>} */
  const packagesOf = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;
  const installed = packagesOf(note);
  return Object.entries(packagesOf(join(root, 'package-lock.json'))).every(([path, wanted]) => {
    const found = installed[path];
    if (path === '') return true;
    return found === undefined ? wanted.optional === true : found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

function isInstalled() {
  if (!existsSync(join(root, 'node_modules'))) return false;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash()) return true;
  if (!npmHasInstalledTheLock()) return false;
  writeFileSync(stamp, lockHash());
  return true;
}

/**
 * Makes node_modules what the lock file says and returns the Node to run things with; ends the process in words when it cannot.
 * npm runs on the Node that it came with (`npm_node_execpath`), never on one from PATH: inside npm scripts that is the one in
 * node_modules, which `npm ci` deletes and Windows locks.
 * @returns {Promise<string>}
 */
export async function ensureInstalled() {
  if (!isInstalled()) {
    const { npm_node_execpath: npmNode, npm_execpath: npm } = process.env;
    if (npmNode === undefined || npm === undefined) return stop(say('installNeedsNpm'));
    process.stderr.write(`${say('installing')}\n`);
    const code = await runInFront(npmNode, [npm, 'ci', '--prefer-offline', '--loglevel=error'], { stdio: ['ignore', 2, 2] });
    if (code !== 0) return stop(say('installFailed', { code }));
    writeFileSync(stamp, lockHash());
  }
  return pinnedNode() ?? stop(say('noNode', { platform: process.platform, arch: process.arch, version: process.version }));
}

/** @param {string} sentence @returns {never} */
function stop(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

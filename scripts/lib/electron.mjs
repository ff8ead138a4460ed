import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runQuietly } from './children.mjs';
import { exists, readJson, root } from './root.mjs';
import { say } from './words.mjs';

const packageFolder = join(root, 'node_modules', 'electron');
const failedStamp = join(root, 'node_modules', '.farmstead-electron-failed');
const fetchSeconds = 120;
const executable = { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' }[String(process.platform)] ?? 'electron';

/** Looks, without loading the package (loading it starts a download). @returns {string | undefined} */
export function electronBinary() {
  const path = join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(packageFolder, 'dist'), executable);
  return existsSync(path) ? path : undefined;
}

export const electronVersion = () => readJson('node_modules/electron/package.json').version;

/** Tries once for each version of Electron and remembers a failure, so that later starts are quick and need no network. @param {string} node @param {boolean} isAsked */
async function fetchOnce(node, isAsked) {
  const version = electronVersion();
  if (!isAsked && existsSync(failedStamp) && readFileSync(failedStamp, 'utf8') === version) return undefined;
  process.stderr.write(`${say('fetchingElectron', { version, seconds: fetchSeconds })}\n`);
  await runQuietly(node, [join(packageFolder, 'install.js')], { timeoutMs: fetchSeconds * 1000 });
  const binary = electronBinary();
  if (binary === undefined) writeFileSync(failedStamp, version);
  return binary;
}

/**
 * Which shell to start, and the key of the sentence that says why.
 * @param {string} node
 * @param {'electron' | 'http' | undefined} asked
 * @returns {Promise<{ binary: string | undefined, why: import('./words.mjs').WordKey }>}
 */
export async function chooseShell(node, asked) {
  if (asked === 'http') return { binary: undefined, why: 'webAsked' };
  if (!exists('src-main/shells/electron/main.ts')) return { binary: undefined, why: 'webNoBuild' };
  if (asked !== 'electron' && process.platform === 'linux') {
    if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return { binary: undefined, why: 'webNoDisplay' };
    if (process.getuid?.() === 0) return { binary: undefined, why: 'webRoot' };
  }
  const binary = electronBinary() ?? (await fetchOnce(node, asked === 'electron'));
  return binary === undefined ? { binary, why: 'webNoBinary' } : { binary, why: 'desktop' };
}

import { buildStale } from './build.mjs';
import { runInFront } from './lib/children.mjs';
import { bringElectron } from './lib/electron-fetch.mjs';
import { electronPackage, electronVersion } from './lib/electron.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { exists, root } from './lib/root.mjs';
import { say } from './lib/words.mjs';

// `npm start`: installs and builds what is missing, then opens the desktop window where it can and the web console otherwise.
const httpMain = 'src-main/shells/http/main.ts';
const shellFlag = process.argv.find((argument) => argument.startsWith('--shell='))?.slice('--shell='.length);
const parameters = process.argv.slice(2).filter((argument) => !argument.startsWith('--shell='));

/** @param {string} sentence */
const tell = (sentence) => process.stderr.write(`${sentence}\n`);

/**
 * @param {string} node
 * @param {'electron' | 'http' | undefined} asked
 * @returns {Promise<{ binary: string | undefined, why: import('./lib/words.mjs').WordKey, values?: Record<string, string> }>}
 */
async function chooseShell(node, asked) {
  if (asked === 'http') return { binary: undefined, why: 'webAsked' };
  if (!exists('src-main/shells/electron/main.ts')) return { binary: undefined, why: 'webNoBuild' };
  if (asked !== 'electron' && process.platform === 'linux') {
    if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return { binary: undefined, why: 'webNoDisplay' };
    if (process.getuid?.() === 0) return { binary: undefined, why: 'webRoot' };
  }
  const around = { packageFolder: electronPackage, node, platform: process.platform, environment: process.env, screen: process.stderr };
  const brought = await bringElectron({ ...around, isAsked: asked === 'electron' });
  if (brought.state === 'there') return { binary: brought.binary, why: 'desktop' };
  if (brought.state === 'useless') return { binary: undefined, why: 'webOverrideUseless', values: { path: brought.path } };
  return { binary: undefined, why: 'webNoBinary', values: { reason: brought.reason } };
}

async function start() {
  if (shellFlag !== undefined && shellFlag !== 'electron' && shellFlag !== 'http') {
    tell(say('shellUnknown', { shell: shellFlag }));
    return 2;
  }
  const node = await ensureInstalled();
  const { binary, why, values } = await chooseShell(node, shellFlag);
  if (binary === undefined && !exists(httpMain)) {
    tell(say('entryMissing', { path: httpMain }));
    return 1;
  }
  if (!(await buildStale(node, binary === undefined ? ['agent', 'window'] : ['agent', 'window', 'electron']))) return 1;
  tell(say(why, { version: electronVersion(), ...values }));
  return binary === undefined ? runInFront(node, [httpMain, ...parameters]) : runInFront(binary, [root, ...parameters]);
}

process.exitCode = await start();

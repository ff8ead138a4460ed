import { buildStale } from './build.mjs';
import { runInFront } from './lib/children.mjs';
import { chooseShell, electronVersion } from './lib/electron.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { exists, root } from './lib/root.mjs';
import { say } from './lib/words.mjs';

// `npm start`: installs and builds what is missing, then opens the desktop window where it can and the web console otherwise.
const httpMain = 'src-main/shells/http/main.ts';
const shellFlag = process.argv.find((argument) => argument.startsWith('--shell='))?.slice('--shell='.length);
const parameters = process.argv.slice(2).filter((argument) => !argument.startsWith('--shell='));

/** @param {string} sentence */
const tell = (sentence) => process.stderr.write(`${sentence}\n`);

async function start() {
  if (shellFlag !== undefined && shellFlag !== 'electron' && shellFlag !== 'http') {
    tell(say('shellUnknown', { shell: shellFlag }));
    return 2;
  }
  const node = await ensureInstalled();
  const { binary, why } = await chooseShell(node, shellFlag);
  if (binary === undefined && !exists(httpMain)) {
    tell(say('entryMissing', { path: httpMain }));
    return 1;
  }
  if (!(await buildStale(node, binary === undefined ? ['agent', 'window'] : ['agent', 'window', 'electron']))) return 1;
  tell(say(why, { version: electronVersion() }));
  return binary === undefined ? runInFront(node, [httpMain, ...parameters]) : runInFront(binary, [root, ...parameters]);
}

process.exitCode = await start();

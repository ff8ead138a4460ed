import { buildStale } from './build.mjs';
import { runInFront } from './lib/children.mjs';
import { desktopWords, isRefusedAsRoot, lookAtSandbox, whyNoSandbox, whyWeb } from './lib/choose-shell.mjs';
import { bringElectron } from './lib/electron-fetch.mjs';
import { explainFailure } from './lib/electron-failure.mjs';
import { electronPackage, electronVersion } from './lib/electron.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { printable } from './lib/printable.mjs';
import { compileCache, exists, root } from './lib/root.mjs';
import { forgetTried, runElectron, tryElectron } from './lib/run-electron.mjs';
import { askedLanguage, readStartWords } from './lib/start-parameters.mjs';
import { say, speakIn } from './lib/words.mjs';

// `npm start`: installs and builds what is missing, then opens the desktop window where it can and the web console otherwise.
const httpMain = 'src-main/shells/http/main.ts';
const { platform, env: environment } = process;
const words = process.argv.slice(2);

/** @param {string} sentence */
const tell = (sentence) => process.stderr.write(`${sentence}\n`);

/** @typedef {Extract<ReturnType<typeof readStartWords>, { kind: 'start' }>} StartRequest */

/** @param {StartRequest} request @returns {import('./lib/choose-shell.mjs').Facts} */
const factsOf = (request) => ({
  asked: request.shell,
  switches: request.switches,
  platform,
  environment,
  isRoot: process.getuid?.() === 0,
  hasDesktop: exists('src-main/shells/electron/main.ts'),
});

/** @param {string} binary */
const sandboxOf = (binary) => (platform === 'linux' ? lookAtSandbox(binary) : undefined);

/** @param {string} binary @param {import('./lib/electron-failure.mjs').Ending} ending */
function failureOf(binary, ending) {
  const display = environment.DISPLAY || environment.WAYLAND_DISPLAY || '–';
  return explainFailure(ending, { sandbox: sandboxOf(binary), display });
}

/**
 * Electron's program, fetched where it is missing, and tried once before its first start.
 * @param {string} node @param {StartRequest} request
 * @returns {Promise<import('./lib/electron-fetch.mjs').Brought | { state: 'broken', why: string }>}
 */
async function bringTried(node, request) {
  const around = {
    packageFolder: electronPackage,
    node,
    platform,
    environment,
    isAsked: request.shell === 'electron',
    screen: process.stderr,
  };
  for (const isTorn of [false, true]) {
    const brought = await bringElectron({ ...around, isTorn });
    if (brought.state !== 'there' || environment.ELECTRON_OVERRIDE_DIST_PATH) return brought;
    const { binary } = brought;
    const tried = await tryElectron({ binary, packageFolder: electronPackage, switches: request.switches, environment, isFresh: isTorn });
    if (tried === 'good') return brought;
    if (tried === 'torn') continue;
    const { key, values } = failureOf(binary, { code: 127, signal: undefined, said: tried.said });
    return { state: 'broken', why: say(key, values) };
  }
  throw new Error('a copy that was just fetched twice is never called torn');
}

/**
 * Electron's program if the desktop can be opened with it, or the sentence that says why the web console is opened instead.
 * @param {string} node @param {StartRequest} request
 * @returns {Promise<{ binary: string } | { why: string }>}
 */
async function findDesktop(node, request) {
  const early = whyWeb(factsOf(request));
  if (early !== undefined) return { why: say(early.key, early.values) };
  const brought = await bringTried(node, request);
  if (brought.state === 'away') return { why: say('webNoBinary', { version: electronVersion(), reason: brought.reason }) };
  if (brought.state === 'useless') return { why: say('webOverrideUseless', { path: printable(brought.path) }) };
  if (brought.state === 'broken') return { why: brought.why };
  if (platform === 'linux' && request.shell !== 'electron' && !request.switches.includes('--no-sandbox')) {
    const refusal = whyNoSandbox(lookAtSandbox(brought.binary));
    if (refusal !== undefined) return { why: say(refusal.key, refusal.values) };
  }
  return { binary: brought.binary };
}

/** @param {string} node @param {StartRequest} request */
async function open(node, request) {
  const found = await findDesktop(node, request);
  const isDesktop = 'binary' in found;
  if (!isDesktop && !exists(httpMain)) {
    tell(say('entryMissing', { path: httpMain }));
    return 1;
  }
  if (!(await buildStale(node, isDesktop ? ['agent', 'name-server', 'window', 'electron'] : ['agent', 'name-server', 'window']))) return 1;
  if (!isDesktop) tell(found.why);
  else {
    const { binary } = found;
    tell(say('desktop', { version: electronVersion() }));
    const ended = await runElectron({
      binary,
      parameters: [root, ...desktopWords(request.desktop, { platform, environment })],
      node,
      cwd: root,
      platform,
      environment,
      errors: process.stderr,
      tell: (state) => {
        if (state !== 'shown') tell(say(state === 'late' ? 'desktopLate' : 'desktopElsewhere'));
      },
    });
    if (ended.state === 'ended') return ended.code;
    forgetTried(electronPackage);
    const { key, values } = failureOf(binary, ended);
    tell(say(key, values));
  }
  return runInFront(node, [httpMain, ...request.web], { env: { ...compileCache, ...environment } });
}

async function start() {
  const language = askedLanguage(words);
  if (language !== undefined) speakIn(language);
  const request = readStartWords(words);
  if (request.kind === 'help') {
    process.stdout.write(`${say('usage')}\n`);
    return 0;
  }
  if (request.kind === 'wrong') {
    tell(`${say(request.sentence, request.values)}\n${say('usage')}`);
    return 2;
  }
  if (isRefusedAsRoot(factsOf(request))) {
    tell(say('rootRefused'));
    return 2;
  }
  return open(await ensureInstalled(), request);
}

process.exitCode = await start();

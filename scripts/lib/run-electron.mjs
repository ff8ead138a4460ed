import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitCodeOf, passSignals, runQuietly } from './children.mjs';
import { desktopEnvironment } from './choose-shell.mjs';
import { isTornProgram, missingLibrary } from './electron-failure.mjs';

/** The desktop's own code for "told to the person already" (`src-main/shells/electron`); nothing is opened in its place. */
const toldCode = 70;
const keptCharacters = 16_000;
const lookEveryMs = 100;
const politeMs = 10_000;

/** How a program is ended that somebody told to end: by a signal, its shell's code for one, or Windows' code for Ctrl-C. @param {number | null} code @param {string | null} signal */
const wasToldToEnd = (code, signal) =>
  ['SIGINT', 'SIGTERM', 'SIGHUP'].includes(signal ?? '') || [129, 130, 143, 0xc000013a].includes(code ?? 0);

/** A temporary folder that cannot be taken away is no reason to fail. @param {string} folder */
function clear(folder) {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // The system empties its temporary folder.
  }
}

/**
 * What the desktop wrote when it had something to show; undefined while it has not, or is still at it.
 * @param {string} path
 * @returns {'shown' | 'elsewhere' | undefined}
 */
export function readOpened(path) {
  try {
    const { state } = JSON.parse(readFileSync(path, 'utf8'));
    return state === 'shown' || state === 'elsewhere' ? state : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Ends Electron when we are told to. On Windows a signal would kill it at once, in the middle of whatever it writes: its window is asked to close
 * first, as by its own cross, and it is killed if it does not answer, or takes too long.
 * @param {{ kill: (signal?: NodeJS.Signals) => boolean, pid?: number | undefined }} child
 * @param {string} platform
 * @param {{ run?: typeof runQuietly, politeMs?: number }} [given]
 * @returns {(signal: NodeJS.Signals) => void}
 */
export function createEnder(child, platform, given = {}) {
  if (platform !== 'win32') return (signal) => void child.kill(signal);
  let isAsked = false;
  return (signal) => {
    if (isAsked || child.pid === undefined) return void child.kill(signal);
    isAsked = true;
    const run = given.run ?? runQuietly;
    // https://learn.microsoft.com/windows-server/administration/windows-commands/taskkill: without /f it asks the windows of the process to close.
    run('taskkill', ['/pid', String(child.pid)], { timeoutMs: 5000 }).then(({ code }) => {
      if (code !== 0) child.kill(signal);
    });
    setTimeout(() => child.kill(signal), given.politeMs ?? politeMs).unref();
  };
}

/**
 * @typedef {object} Run
 * @property {string} binary
 * @property {readonly string[]} parameters
 * @property {string} node what agents of the desktop run on
 * @property {string} cwd
 * @property {string} platform
 * @property {NodeJS.ProcessEnv} environment
 * @property {{ write: (text: string | Uint8Array) => unknown }} errors where its standard error is shown
 * @property {(state: 'shown' | 'elsewhere' | 'late') => void} tell
 * @property {number} [patienceMs] after which it is told that nothing came yet
 */

/**
 * Runs the desktop in front until it ends. `ended`: it was open, or ended properly, or said its own failure, or was told to end. `failed`: Electron
 * itself ended before anything was open. Never rejects; leaves nothing behind.
 * @param {Run} options
 * @returns {Promise<{ state: 'ended', code: number } | ({ state: 'failed' } & import('./electron-failure.mjs').Ending)>}
 */
export async function runElectron({ binary, parameters, node, cwd, platform, environment, errors, tell, patienceMs = 30_000 }) {
  /** @param {unknown} error */
  const notBegun = (error) =>
    /** @type {const} */ ({
      state: 'failed',
      code: undefined,
      signal: undefined,
      said: error instanceof Error ? error.message : String(error),
    });
  let folder = '';
  try {
    folder = mkdtempSync(join(tmpdir(), 'farmstead-opened-'));
  } catch (error) {
    return notBegun(error);
  }
  const openedFile = join(folder, 'opened.json');
  let said = '';
  let isOpened = false;
  const look = () => {
    const state = isOpened ? undefined : readOpened(openedFile);
    if (state === undefined) return;
    isOpened = true;
    tell(state);
    clear(folder);
  };
  const looking = setInterval(look, lookEveryMs);
  const late = setTimeout(() => {
    if (!isOpened) tell('late');
  }, patienceMs);
  // Before it is there: a signal that comes just then would end us alone, and leave it running.
  const around = { isTerminal: process.stdin.isTTY === true, platform, hasWindows: true };
  const signals = passSignals((signal) => end(signal), around);
  /** @type {(signal: NodeJS.Signals) => void} */
  let end = () => undefined;
  try {
    const child = spawn(binary, [...parameters], {
      cwd,
      stdio: ['inherit', 'inherit', 'pipe'],
      env: desktopEnvironment(environment, { node, openedFile }),
    });
    end = createEnder(child, platform);
    child.stderr.on('data', (/** @type {Buffer} */ bytes) => {
      errors.write(bytes);
      if (!isOpened) said = `${said}${bytes.toString('utf8')}`.slice(-keptCharacters);
    });
    /** @type {{ code: number | null, signal: NodeJS.Signals | null } | Error} */
    const ending = await new Promise((resolve) => {
      child.once('error', resolve);
      // What it has started may hold its standard error open long after it.
      child.once('exit', (code, signal) => setTimeout(() => resolve({ code, signal }), 250));
      child.once('close', (code, signal) => resolve({ code, signal }));
    });
    child.stderr.destroy();
    look();
    if (ending instanceof Error) return notBegun(ending);
    const { code, signal } = ending;
    if (isOpened || code === 0 || code === toldCode || signals.hasCome() || wasToldToEnd(code, signal))
      return { state: 'ended', code: exitCodeOf(code, signal) };
    return { state: 'failed', code: code ?? undefined, signal: signal ?? undefined, said };
  } catch (error) {
    // Some of what cannot be run at all is thrown, not told as an event.
    return notBegun(error);
  } finally {
    signals.stop();
    clearInterval(looking);
    clearTimeout(late);
    clear(folder);
  }
}

/**
 * Before a fetched program is started for the first time: does it run at all? What it says is believed only where there is a cure: a library that is
 * missing, or a copy that is not whole; anything else shows when it is started for real. `good` is remembered beside the package.
 * `isFresh`: it was just fetched a second time, so that a third would bring the same.
 * @param {{ binary: string, packageFolder: string, switches: readonly string[], environment: NodeJS.ProcessEnv, isFresh?: boolean, timeoutMs?: number }} around
 * @returns {Promise<'good' | 'torn' | { said: string }>}
 */
export async function tryElectron({ binary, packageFolder, switches, environment, isFresh = false, timeoutMs = 15_000 }) {
  const stamp = join(packageFolder, '.farmstead-tried');
  let mark = '';
  try {
    const { size, mtimeMs } = statSync(binary);
    mark = `${size} ${mtimeMs}`;
  } catch (error) {
    // Found a moment ago: a virus scanner took it, or another start fetches it anew.
    return isFresh ? { said: String(error) } : 'torn';
  }
  try {
    if (readFileSync(stamp, 'utf8') === mark) return 'good';
  } catch {
    // Not tried yet.
  }
  const parameters = ['--version', ...switches.filter((word) => word === '--no-sandbox')];
  const { output } = await runQuietly(binary, parameters, {
    env: desktopEnvironment(environment, { node: '', openedFile: '' }),
    timeoutMs,
  });
  if (missingLibrary(output) !== undefined) return { said: output };
  if (isTornProgram(output) && !isFresh) return 'torn';
  try {
    writeFileSync(stamp, mark);
  } catch {
    // Whoever may not write here tries it each time.
  }
  return 'good';
}

/** The next start tries the program again before it is opened. @param {string} packageFolder */
export function forgetTried(packageFolder) {
  try {
    rmSync(join(packageFolder, '.farmstead-tried'), { force: true });
  } catch {
    // Not ours to write; then there is no stamp either.
  }
}

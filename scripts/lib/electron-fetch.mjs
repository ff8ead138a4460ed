import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { executableOf, lookForElectron } from './electron.mjs';
import { fetchEnvironment, wayOf, withoutSecrets } from './electron-proxy.mjs';
import { printable } from './printable.mjs';
import { say } from './words.mjs';

/**
 * Brings Electron's program: fetched beside its place, watched, and put there whole. Killed at any moment it leaves a staging folder, which the next
 * try takes away, or a copy without its `path.txt`, which does not count.
 * @typedef {object} Around
 * @property {string} packageFolder
 * @property {string} node what the fetcher runs on: 22.12 or newer
 * @property {string} platform
 * @property {NodeJS.ProcessEnv} environment
 * @property {boolean} isAsked the person asked for the window: a refusal of before does not count
 * @property {boolean} [isTorn] the copy that is here looks whole, and was found not to be
 * @property {{ write: (text: string) => unknown, isTTY?: boolean | undefined }} screen
 * @property {{ silentMs: number, mostMs: number, sayEveryMs?: number }} [limits]
 * @property {() => number} [nowMs]
 * @typedef {{ state: 'there', binary: string, isNew: boolean } | { state: 'away', reason: string } | { state: 'useless', path: string }} Brought
 */

/** A slow line is no failure; one on which nothing comes is. */
const usualLimits = { silentMs: 60_000, mostMs: 15 * 60_000 };
/** After this time what was refused is asked for again: networks come and go. */
const rememberMs = 3_600_000;
const stagingName = '.farmstead-new-';
const downloadScript = fileURLToPath(new URL('electron-download.mjs', import.meta.url));

/**
 * What is as likely to fail the next time, and is therefore not tried at every start:
 * - an answer that says no: 4xx, but 408 (too slow), 425 and 429 (later), of the place or of a proxy;
 * - no way there: the name is unknown, nobody listens, no route, no connection in time;
 * - a certificate that is not trusted;
 * - all that was announced came, and it is another thing than this version of Electron.
 * Everything else (cut, silent, too slow, 5xx, a full disk) is tried again at the next start.
 * @param {{ code: string, status: number | undefined, reason: string, isComplete: boolean }} failure
 */
export function isRefusal({ code, status, reason, isComplete }) {
  if (status !== undefined) return status >= 400 && status < 500 && ![408, 425, 429].includes(status);
  if (
    /^(?:ENOTFOUND|EAI_AGAIN|EAI_FAIL|EAI_NONAME|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL|ENETDOWN|UND_ERR_CONNECT_TIMEOUT)$/u.test(
      code,
    )
  )
    return true;
  if (/^(?:CERT_|ERR_TLS_CERT|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO)/u.test(code)) return true;
  return isComplete && /checksum/iu.test(reason);
}

/** @param {string} packageFolder */
const stampOf = (packageFolder) => join(packageFolder, '.farmstead-refused.json');

/** The reason of an earlier refusal that still stands. @param {Around} around @param {string} version @param {number} nowMs */
function refusedBefore({ packageFolder, environment }, version, nowMs) {
  try {
    const stamp = JSON.parse(readFileSync(stampOf(packageFolder), 'utf8'));
    const isSame = stamp.version === version && stamp.way === wayOf(environment) && nowMs - stamp.atMs < rememberMs && nowMs >= stamp.atMs;
    return isSame && typeof stamp.reason === 'string' ? printable(stamp.reason) : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} path @param {string} text */
function writeWhole(path, text) {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

/** @param {string} path */
const clear = (path) => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });

/** @param {number} processId */
function isRunning(processId) {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Takes away what a killed fetch has left. @param {string} packageFolder */
function sweep(packageFolder) {
  for (const name of readdirSync(packageFolder).filter((entry) => entry.startsWith(stagingName)))
    if (!isRunning(Number(name.slice(stagingName.length).split('-')[0]))) clear(join(packageFolder, name));
}

/** A virus scanner holds fresh folders for a moment. @param {string} from @param {string} to */
async function rename(from, to) {
  for (let left = 20; ; left -= 1) {
    try {
      return renameSync(from, to);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : '';
      if (left === 0 || !['EPERM', 'EACCES', 'EBUSY'].includes(String(code))) throw error;
      await delay(250);
    }
  }
}

/** Puts the unpacked folder in its place. `path.txt` comes last: until then the copy does not count. @param {Around} around @param {string} staging */
async function put({ packageFolder, platform, environment }, staging) {
  if (lookForElectron({ packageFolder, platform, environment }).state === 'whole') return;
  clear(join(packageFolder, 'path.txt'));
  clear(join(packageFolder, 'dist'));
  await rename(join(staging, 'dist'), join(packageFolder, 'dist'));
  writeWhole(join(packageFolder, 'path.txt'), executableOf(platform));
}

/** Progress in place on a terminal, and now and then a line elsewhere. @param {Around} around */
function progressOn({ screen, limits }) {
  const everyMs = limits?.sayEveryMs ?? (screen.isTTY ? 1000 : 10_000);
  let saidAtMs = performance.now();
  let isOpen = false;
  return {
    /** @param {number} transferredBytes @param {number | undefined} totalBytes */
    show: (transferredBytes, totalBytes) => {
      if (performance.now() - saidAtMs < everyMs) return;
      saidAtMs = performance.now();
      const megabytes = Math.round(transferredBytes / 1_000_000);
      const said =
        totalBytes === undefined
          ? say('fetchedSoFar', { megabytes })
          : say('fetchedOf', {
              megabytes,
              total: Math.round(totalBytes / 1_000_000),
              percent: Math.floor((transferredBytes * 100) / totalBytes),
            });
      screen.write(screen.isTTY ? `\r${said}\u001b[K` : `${said}\n`);
      isOpen = screen.isTTY === true;
    },
    close: () => {
      if (isOpen) screen.write('\n');
      isOpen = false;
    },
  };
}

/**
 * @param {Around} around
 * @param {string} staging
 * @param {AbortSignal} stop
 * @returns {Promise<{ kind: 'done' } | import('./electron-download.mjs').Failed>}
 */
function download(around, staging, stop) {
  const { silentMs, mostMs } = around.limits ?? usualLimits;
  const child = spawn(around.node, ['--use-system-ca', downloadScript, around.packageFolder, staging], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: fetchEnvironment(around.environment),
    windowsHide: true,
  });
  const progress = progressOn(around);
  let printed = '';
  child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    printed = `${printed}${text}`.slice(-4000);
  });
  return new Promise((resolve) => {
    /** @type {import('./electron-download.mjs').Failed | { kind: 'done' } | undefined} */
    let outcome;
    /** @param {string} reason */
    const failed = (reason) =>
      /** @type {const} */ ({ kind: 'failed', reason, code: '', status: undefined, isComplete: false, transferredBytes: 0 });
    /** @param {import('./words.mjs').WordKey} key @param {number} ms */
    const giveUp = (key, ms) => {
      outcome ??= failed(say(key, { seconds: Math.round(ms / 1000), minutes: Math.round(ms / 60_000) }));
      child.kill('SIGKILL');
    };
    const startSilence = () => setTimeout(() => giveUp('fetchSilent', silentMs), silentMs);
    /** @type {NodeJS.Timeout | undefined} */
    let silence = startSilence();
    const end = setTimeout(() => giveUp('fetchTooLong', mostMs), mostMs);
    child.on('message', (received) => {
      const message = /** @type {import('./electron-download.mjs').Message} */ (received);
      clearTimeout(silence);
      if (message.kind === 'progress') progress.show(message.transferredBytes, message.totalBytes);
      if (message.kind === 'progress') silence = startSilence();
      else if (message.kind !== 'unpacking') outcome ??= message;
    });
    /** @param {string} reason */
    const finish = (reason) => {
      clearTimeout(silence);
      clearTimeout(end);
      progress.close();
      resolve(outcome ?? failed(reason));
    };
    child.once('error', (error) => finish(error.message));
    child.once('close', (code, signal) => finish(printed.trim().split('\n').at(-1) || String(signal ?? code)));
    stop.addEventListener('abort', () => child.kill('SIGKILL'));
  });
}

/**
 * Runs `work`, and takes the folder away however it ends, by Ctrl-C too.
 * @template Result
 * @param {string} staging
 * @param {(stop: AbortSignal) => Promise<Result>} work
 */
async function withStaging(staging, work) {
  const controller = new AbortController();
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  /** @param {NodeJS.Signals} signal */
  const leave = (signal) => {
    controller.abort();
    for (const other of signals) process.off(other, leave);
    try {
      clear(staging);
    } finally {
      process.kill(process.pid, signal);
    }
  };
  for (const signal of signals) process.on(signal, leave);
  try {
    return await work(controller.signal);
  } finally {
    for (const signal of signals) process.off(signal, leave);
    clear(staging);
  }
}

/** Undici's words for a connection that breaks ("other side closed", "terminated") tell little by themselves. @param {import('./electron-download.mjs').Failed} failure */
function reasonOf({ reason, code, status, isComplete, transferredBytes }) {
  const isCut = status === undefined && !isComplete && transferredBytes > 0 && /^(?:UND_ERR_|ECONN|EPIPE|ETIMEDOUT)/u.test(code);
  return isCut ? say('fetchCut', { megabytes: Math.round(transferredBytes / 1_000_000), reason }) : reason;
}

/** @param {Around} around @param {string} version @returns {Promise<Brought>} */
async function fetchNow(around, version) {
  const { packageFolder, platform, environment } = around;
  /** @param {string} reason */
  const away = (reason) => /** @type {const} */ ({ state: 'away', reason: printable(withoutSecrets(reason, environment)) });
  try {
    sweep(packageFolder);
    const staging = mkdtempSync(join(packageFolder, `${stagingName}${process.pid}-`));
    return await withStaging(staging, async (stop) => {
      const outcome = await download(around, staging, stop);
      if (outcome.kind === 'failed') {
        const failure = away(reasonOf(outcome));
        const stamp = { version, way: wayOf(environment), atMs: (around.nowMs ?? Date.now)(), reason: failure.reason };
        if (isRefusal(outcome)) writeWhole(stampOf(packageFolder), JSON.stringify(stamp));
        return failure;
      }
      await put(around, staging);
      clear(stampOf(packageFolder));
      const copy = lookForElectron({ packageFolder, platform, environment });
      return copy.state === 'whole' ? { state: 'there', binary: copy.binary, isNew: true } : away(say('fetchOther', { version }));
    });
  } catch (error) {
    // A folder that cannot be written, a full disk.
    return away(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Electron's program: the copy that is here, else one fetched now. A copy that is not whole is taken away and fetched again. What was refused is not
 * asked for again for an hour, unless the person asks for the window, or the way there has changed. Never rejects; says what takes time on `screen`.
 * @param {Around} around
 * @returns {Promise<Brought>}
 */
export async function bringElectron(around) {
  const { packageFolder, platform, environment, screen } = around;
  const copy = lookForElectron({ packageFolder, platform, environment });
  const isTorn = copy.state === 'torn' || (copy.state === 'whole' && copy.isOwn && around.isTorn === true);
  if (copy.state === 'whole' && !isTorn) return { state: 'there', binary: copy.binary, isNew: false };
  if (copy.state === 'useless') return copy;
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  if (isTorn) {
    screen.write(`${say('electronTorn', { version })}\n`);
    try {
      clear(join(packageFolder, 'path.txt'));
      clear(join(packageFolder, 'dist'));
    } catch (error) {
      return { state: 'away', reason: printable(error instanceof Error ? error.message : String(error)) };
    }
  } else if (!around.isAsked && existsSync(stampOf(packageFolder))) {
    const reason = refusedBefore(around, version, (around.nowMs ?? Date.now)());
    if (reason !== undefined) return { state: 'away', reason };
  }
  screen.write(`${say('fetchingElectron', { version })}\n`);
  return fetchNow(around, version);
}

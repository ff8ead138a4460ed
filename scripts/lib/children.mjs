import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { root } from './root.mjs';

/** @param {string} signal */
const codeOf = (signal) => 128 + (constants.signals[/** @type {NodeJS.Signals} */ (signal)] ?? 1);

/** What a shell calls the end of a process: its code, or 128 + n when signal n ended it. @param {number | null} code @param {string | null} signal */
export const exitCodeOf = (code, signal) => code ?? codeOf(signal ?? 'SIGTERM');

const ends = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * Whether a signal must be passed on to the program in front. Ctrl-C in a terminal reaches the whole group by itself, but not a program of Windows'
 * that has windows: it belongs to no console.
 * @param {NodeJS.Signals} signal
 * @param {{ isTerminal: boolean, platform: string, hasWindows: boolean }} around
 */
export const mustPass = (signal, { isTerminal, platform, hasWindows }) =>
  signal !== 'SIGINT' || !isTerminal || (platform === 'win32' && hasWindows);

/**
 * Calls `pass` for each signal that ends us and that the program in front would not get by itself. Returns what stops it, and whether one came.
 * @param {(signal: NodeJS.Signals) => void} pass
 * @param {{ isTerminal: boolean, platform: string, hasWindows: boolean }} around
 */
export function passSignals(pass, around) {
  let hasCome = false;
  const stops = ends.map((signal) => {
    const came = () => {
      hasCome = true;
      if (mustPass(signal, around)) pass(signal);
    };
    process.on(signal, came);
    return () => process.off(signal, came);
  });
  return {
    hasCome: () => hasCome,
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}

/**
 * Runs a program in front: it has our terminal, gets our signals, and its exit code is returned (128 + n when signal n ended it).
 * @param {string} command
 * @param {readonly string[]} parameters
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, stdio?: import('node:child_process').StdioOptions }} [options]
 * @returns {Promise<number>}
 */
export function runInFront(command, parameters, options = {}) {
  // Before the program is there: a signal that comes just then would end us alone, and leave it running.
  const around = { isTerminal: process.stdin.isTTY === true, platform: process.platform, hasWindows: false };
  const signals = passSignals((signal) => child.kill(signal), around);
  const child = spawn(command, parameters, {
    cwd: options.cwd ?? root,
    stdio: options.stdio ?? 'inherit',
    env: options.env ?? process.env,
  });
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      signals.stop();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      signals.stop();
      resolve(exitCodeOf(code, signal));
    });
  });
}

/**
 * Runs a program and keeps what it prints; for steps that run beside one another.
 * @param {string} command
 * @param {readonly string[]} parameters
 * @param {{ env?: NodeJS.ProcessEnv, timeoutMs?: number }} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export function runQuietly(command, parameters, options = {}) {
  const child = spawn(command, parameters, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: options.env ?? process.env,
    windowsHide: true,
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs, killSignal: 'SIGKILL' }),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      output += text;
    });
  }
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 127, output: `${output}${error.message}\n` }));
    child.once('close', (code, signal) => resolve({ code: exitCodeOf(code, signal ?? 'SIGKILL'), output }));
  });
}

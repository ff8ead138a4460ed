import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { root } from './root.mjs';

/** @param {NodeJS.Signals} signal */
const codeOf = (signal) => 128 + (constants.signals[signal] ?? 1);

/**
 * Runs a program in front: it has our terminal, gets our signals, and its exit code is returned (128 + n when signal n ended it).
 * Ctrl-C in a terminal reaches the whole group by itself, so it is passed on only where there is no terminal.
 * @param {string} command
 * @param {readonly string[]} parameters
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, stdio?: import('node:child_process').StdioOptions }} [options]
 * @returns {Promise<number>}
 */
export function runInFront(command, parameters, options = {}) {
  const child = spawn(command, parameters, {
    cwd: options.cwd ?? root,
    stdio: options.stdio ?? 'inherit',
    env: options.env ?? process.env,
  });
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  const forward = signals.map((signal) => {
    const pass = () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    process.on(signal, pass);
    return () => process.off(signal, pass);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const stop of forward) stop();
      resolve(code ?? codeOf(signal ?? 'SIGTERM'));
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
    child.once('close', (code, signal) => resolve({ code: code ?? codeOf(signal ?? 'SIGKILL'), output }));
  });
}

import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { root } from '../root.mjs';
import { readOpened } from '../run-electron.mjs';
import { say } from '../words.mjs';
import { lastLines } from './texts.mjs';
import { waitFor } from './wait.mjs';

const mostSaid = 64 * 1024;

/** @typedef {{ code: number | null, signal: string | null }} Ending */

/** @param {Ending} ending */
export const endingText = ({ code, signal }) =>
  signal === null ? say('problem.code', { code: code ?? -1 }) : say('problem.signal', { signal });

/**
 * One program of the desktop from its start to its end.
 * @param {{ command: string, parameters: readonly string[], environment: NodeJS.ProcessEnv, openedFile: string }} given
 */
export function startProgram({ command, parameters, environment, openedFile }) {
  rmSync(openedFile, { force: true });
  const startedMs = performance.now();
  const child = spawn(command, parameters, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...environment, FARM_OPENED_FILE: openedFile },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(-mostSaid);
    });
  /** @type {Ending | undefined} */
  let ending;
  child.once('error', (error) => {
    said += `${error.message}\n`;
    ending = { code: 127, signal: null };
  });
  child.once('close', (code, signal) => {
    ending ??= { code, signal };
  });
  return {
    ms: () => Math.round(performance.now() - startedMs),
    said: () => said,
    ending: () => ending,
    /** What it told the start script, as soon as it did. */
    opened: () => readOpened(openedFile),
    /** Undefined when it still runs. @param {number} limitMs @param {AbortSignal} [signal] */
    waitForEnd: (limitMs, signal) => waitFor({ limitMs, signal }, () => ending),
    kill: () => child.kill('SIGKILL'),
    /** Asks a program that minds signals. */
    end: () => child.kill('SIGTERM'),
    /** How it ended, with the last that it said. @param {Ending} how */
    lastWords: (how) => {
      const last = lastLines(said, 3).replaceAll('\n', ' / ');
      return say('problem.ended', { ending: last === '' ? endingText(how) : `${endingText(how)}; ${last}` });
    },
  };
}
/** @typedef {ReturnType<typeof startProgram>} Program */

/** What a full disk cut off is passed over. @param {string} line @returns {any[]} */
function parsed(line) {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}

/** Lines of the results that have come since the last look; half a line waits for its other half. @param {string} path */
export function followLines(path) {
  let taken = 0;
  return () => {
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    const fresh = lines.slice(taken);
    taken = lines.length;
    return fresh.flatMap(parsed);
  };
}

/** The trial inside the program looks for this file: it ends a program on every system, unlike signals. @param {string} results */
export const askToQuit = (results) => writeFileSync(`${results}.quit`, '');

import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { runQuietly } from '../children.mjs';

const cli = join('src-main', 'shells', 'cli', 'main.ts');
const callLimitMs = 60_000;

/**
 * The command line, as a person types it. @param {string} node @param {string} home @param {readonly string[]} words
 * @returns {Promise<{ code: number, output: string }>}
 */
export function farm(node, home, words) {
  const environment = { ...process.env, FARM_HOME: home };
  return runQuietly(node, [cli, ...words, '--home', home, '--json'], { env: environment, timeoutMs: callLimitMs });
}

/** @param {string} path @returns {any} */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** How a command line finds the program of a home. @param {string} home @returns {{ token?: string } | undefined} */
export const readLink = (home) => readJson(join(home, 'link.json'));

/** Processes of the demo's agents, as they have written them down. @param {string} home @returns {number[]} */
export function agentProcesses(home) {
  const folder = join(home, 'agents');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => readJson(join(folder, name, 'agent.json'))?.processId)
    .filter((processId) => typeof processId === 'number');
}

/** @param {number} processId */
export function isRunning(processId) {
  try {
    process.kill(processId, 0);
    // A dead one that nobody has asked for its end is still there for `kill`.
    return !existsSync(`/proc/${processId}/stat`) || !/\) [ZX] /u.test(readFileSync(`/proc/${processId}/stat`, 'latin1'));
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** @param {() => string} look */
function quietly(look) {
  try {
    return look();
  } catch {
    return '';
  }
}

/** Linux only: whatever names the folder on its command line or in its environment, or stands in it. @param {string} folder @returns {number[]} */
export function processesOf(folder) {
  if (!existsSync('/proc/self/cmdline')) return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((processId) => processId > 0 && processId !== process.pid)
    .filter((processId) => {
      const place = `/proc/${processId}`;
      const texts = ['cmdline', 'environ'].map((name) => quietly(() => readFileSync(`${place}/${name}`, 'latin1')));
      return [...texts, quietly(() => readlinkSync(`${place}/cwd`))].some((text) => text.includes(folder));
    });
}

/**
 * Asks an address of this computer over TLS, by its own name, trusting one authority and no other. Throws what went wrong.
 * @param {string} url @param {string} authority PEM
 * @returns {Promise<number>} the status
 */
export function visit(url, authority) {
  const { hostname, host, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port: port === '' ? 443 : port,
        servername: hostname,
        path: '/',
        headers: { host },
        ca: authority,
        agent: false,
        timeout: 5000,
      },
      (answer) => {
        answer.resume();
        answer.once('end', () => resolve(answer.statusCode ?? 0));
        answer.once('error', reject);
      },
    );
    asked.once('timeout', () => asked.destroy(new Error('ETIMEDOUT')));
    asked.once('error', reject);
    asked.end();
  });
}

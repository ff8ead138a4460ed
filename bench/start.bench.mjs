/**
 * What a person waits for: `npm start` in a fresh clone with a warm npm cache, until the console answers; and the second start. Peer: a bare
 * `npm ci` of the same clone. Nothing may be fetched but from npm's cache: npm is told to stay offline.
 *   npm run bench -- start
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endFolder } from '../e2e/fixtures/end-folder.ts';
import { findNpm } from '../src-main/drivers/packages/find-npm.ts';
import { say, sayMachine, sayTarget } from './lib/say.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const patienceMs = 240_000;
const folder = mkdtempSync(join(tmpdir(), 'farmstead-bench-start-'));
const clone = join(folder, 'clone');
const home = join(folder, 'home');
const npm = await findNpm(process.env);
if (npm === undefined) throw new Error('no npm here');
const node = process.env['npm_node_execpath'] ?? process.execPath;

/** As in a person's terminal: nothing of the npm that runs us, and no word to any registry. */
const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
const environment = { ...process.env, PATH: path.join(delimiter), npm_config_offline: 'true', LANG: 'C.UTF-8' };
for (const name of Object.keys(environment))
  if (/^npm_(lifecycle|package|node_execpath|execpath|command)/.test(name)) delete environment[name];

/** Programs of earlier starts: what one of them left, or still says while it ends, is no answer of this one. */
const earlier = new Set();

function linkOf() {
  const link = join(home, 'link.json');
  if (!existsSync(link)) return undefined;
  try {
    return JSON.parse(readFileSync(link, 'utf8'));
  } catch {
    return undefined; // half written
  }
}

async function answers() {
  const link = linkOf();
  if (link === undefined || earlier.has(link.processId)) return undefined;
  try {
    const response = await fetch(`${link.origin}/api/v1/settings`, { headers: { authorization: `Bearer ${link.token}` } });
    return response.ok ? link : undefined;
  } catch {
    return undefined; // not listening yet
  }
}

/** The program may outlive npm for a moment: it ends in order. @param {number} processId */
async function untilGone(processId) {
  for (const untilMs = performance.now() + 20_000; existsSync(`/proc/${processId}`); await delay(20))
    if (performance.now() > untilMs) throw new Error(`the program ${processId} did not end within 20 s`);
}

/** `npm start` until the console answers; then it is ended as a person ends it. Returns seconds. */
async function start() {
  const startedMs = performance.now();
  const parameters = ['start', '--', '--shell=http', '--no-open', '--home', home, '--demo'];
  const child = spawn(node, [npm, ...parameters], { cwd: clone, env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
  const over = new Promise((resolve) => child.once('exit', resolve));
  let seconds = 0;
  let link;
  try {
    while (link === undefined) {
      if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}:\n${said}`);
      if (performance.now() - startedMs > patienceMs) throw new Error(`nothing answered in ${patienceMs / 1000} s:\n${said}`);
      await delay(20);
      link = await answers();
    }
    seconds = (performance.now() - startedMs) / 1000;
  } finally {
    if (child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
    await over;
  }
  earlier.add(link.processId);
  await untilGone(link.processId);
  return seconds;
}

sayMachine('before');
try {
  const cloned = spawnSync('git', ['clone', '-q', root, clone], { encoding: 'utf8' });
  if (cloned.status !== 0) throw new Error(`git clone: ${cloned.stderr}`);
  const ciStartedMs = performance.now();
  const ci = spawnSync(node, [npm, 'ci', '--prefer-offline', '--loglevel=error'], { cwd: clone, env: environment, encoding: 'utf8' });
  if (ci.status !== 0) throw new Error(`npm's cache is not warm: run npm ci once with a network.\n${ci.stderr}`);
  const ciSeconds = (performance.now() - ciStartedMs) / 1000;
  rmSync(join(clone, 'node_modules'), { recursive: true, force: true });
  const first = await start();
  const second = await start();
  sayTarget('npm start in a fresh clone, warm npm cache, until the console answers', { measured: first, atMost: 90, unit: 's', digits: 1 });
  say(`       npm ci alone ${ciSeconds.toFixed(1)} s; start / npm ci ${(first / ciSeconds).toFixed(2)}`);
  sayTarget('second npm start, until the console answers', { measured: second, atMost: 5, unit: 's' });
} finally {
  await endFolder(home);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  sayMachine('after');
}

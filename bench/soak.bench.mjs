/**
 * Slow clients: 2,000 slow readers, writers and followers of streams at one instance, while 20 requests a second go to it and 20 to a neighbour behind the same edge.
 * Proof: none of those is lost. The peers are the same requests to both before the crowd comes.
 *   npm run bench -- soak      (more: node_modules/.bin/node bench/soak.bench.mjs [--seconds 600] [--clients 2000] [--calm 20] [--coming 300])
 */
import { fork } from 'node:child_process';
import { Agent, request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { route } from '../agent/edge/testing/visitor.ts';
import { memoryOf } from './lib/edge/load.ts';
import { createStage } from './lib/edge/proxies.ts';
import { say, sayMachine, sayTarget } from './lib/say.ts';

const text = /** @type {const} */ ({ type: 'string' });
const { values } = parseArgs({ options: { seconds: text, clients: text, calm: text, coming: text } });
const seconds = Number(values.seconds ?? 600);
const clients = Number(values.clients ?? 2000);
const calmSeconds = Number(values.calm ?? 20);
/** So long the crowd may take to come. */
const comingSeconds = Number(values.coming ?? 300);
const perSecond = 20;
/** A machine that has other things to do is slow, and loses nothing. */
const patienceMs = 60_000;
const [crowded, neighbour] = ['crowded.farm.localhost', 'neighbour.farm.localhost'];

const children = [];
const start = (file, args = [], stdio = ['ignore', 'ignore', 'inherit', 'ipc']) => {
  const child = fork(fileURLToPath(new URL(`./lib/soak/${file}`, import.meta.url)), args, { stdio });
  children.push(child);
  return child;
};
const application = () =>
  new Promise((resolve) => {
    start('application.ts').once('message', ({ port }) => resolve(port));
  });

/** One request; resolves with how long it took, or why it is lost. */
function ask(edge, host, ca, agent) {
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const lost = (why) => resolve({ lost: why });
    const asked = request({ host: '127.0.0.1', port: edge.port, servername: host, ca, agent, path: '/', headers: { host } }, (answer) => {
      let body = '';
      answer.setEncoding('latin1');
      answer.on('data', (piece) => (body += piece));
      answer.on('error', (error) => lost(String(error)));
      answer.on('end', () =>
        answer.statusCode === 200 && body === 'good'
          ? resolve({ ms: performance.now() - startedMs })
          : lost(`answered ${answer.statusCode}`),
      );
    });
    asked.on('error', (error) => lost(String(error)));
    asked.setTimeout(patienceMs, () => asked.destroy(new Error('no answer in time')));
    asked.end();
  });
}

/** So many a second to both, for so long; every tenth over a connection of its own. */
async function probe(edge, ca, forSeconds) {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const results = { [crowded]: [], [neighbour]: [] };
  const waiting = [];
  const startedMs = performance.now();
  for (let number = 0; number < forSeconds * perSecond; number += 1) {
    for (const host of [crowded, neighbour])
      waiting.push(ask(edge, host, ca, number % 10 === 0 ? false : agent).then((result) => results[host].push(result)));
    await delay(Math.max(0, startedMs + ((number + 1) * 1000) / perSecond - performance.now()));
  }
  await Promise.all(waiting);
  agent.destroy();
  return results;
}

const summary = (results) => {
  const times = results.flatMap(({ ms }) => (ms === undefined ? [] : [ms])).toSorted((one, other) => one - other);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  return {
    count: results.length,
    lost: results.filter(({ lost }) => lost !== undefined),
    p50: at(0.5),
    p99: at(0.99),
    most: times.at(-1) ?? Number.NaN,
  };
};

sayMachine('before');
const stage = await createStage(undefined, undefined);
try {
  const ports = { [crowded]: await application(), [neighbour]: await application() };
  const edge = await stage.edge(0, { routes: Object.entries(ports).map(([host, port]) => route(host, port)) });
  const show = (what, results) => {
    for (const [host, list] of Object.entries(results)) {
      const { count, lost, p50, p99, most } = summary(list);
      say(
        `${what}, ${host}: ${count} requests, ${lost.length} lost, p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, longest ${most.toFixed(0)} ms`,
      );
      for (const why of new Set(lost.slice(0, 20).map((one) => one.lost))) say(`  ${why}`);
    }
  };
  show('calm', await probe(edge, stage.certificatePem, calmSeconds));
  const crowd = start('slow-clients.ts', [String(edge.port), crowded, String(clients)], ['ignore', 'pipe', 'inherit', 'ipc']);
  const counts = [];
  let last = { begun: 0, refused: 0, ended: 0 };
  crowd.stdout.setEncoding('utf8').on('data', (lines) => {
    for (const line of lines.split('\n').filter(Boolean)) {
      const said = JSON.parse(line);
      counts.push(said.open);
      last = said;
    }
  });
  let reached = 0;
  // A busy machine takes its time for so many handshakes: measured is what holds while they are there.
  const comingFromMs = performance.now();
  while (reached < clients && performance.now() - comingFromMs < comingSeconds * 1000) {
    await delay(1000);
    reached = counts.at(-1) ?? 0;
  }
  say(`slow clients connected: ${reached} of ${clients} after ${((performance.now() - comingFromMs) / 1000).toFixed(0)} s`);
  counts.length = 0;
  let peakMb = 0;
  const timer = setInterval(() => (peakMb = Math.max(peakMb, memoryOf(edge))), 2000);
  const results = await probe(edge, stage.certificatePem, seconds);
  clearInterval(timer);
  show('crowd', results);
  const settled = counts.toSorted((one, other) => one - other);
  say(
    `slow clients connected meanwhile: least ${settled[0]}, median ${settled[Math.floor(settled.length / 2)]}, most ${settled.at(-1)}; ${last.begun} connections begun, ${last.ended} ended (the floor of speed sends them away), ${last.refused} told that it is busy; edge at most ${peakMb.toFixed(0)} MB with all its processes`,
  );
  sayTarget('slow clients that came', { measured: reached, atLeast: clients, unit: `of ${clients}`, digits: 0 });
  for (const host of [crowded, neighbour])
    sayTarget(`lost at ${host}`, {
      measured: summary(results[host]).lost.length,
      atMost: 0,
      unit: `of ${summary(results[host]).count}`,
      digits: 0,
    });
} finally {
  for (const child of children) child.kill('SIGTERM');
  await stage.close();
  sayMachine('after');
}
process.exit(0);

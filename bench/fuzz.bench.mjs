/**
 * Fuzz: the edge with its main process and two workers (bytes of HTTP/1.1, frames of HTTP/2, answers of an application), an agent's port, the built-in name server, the console (bytes, calls,
 * socket) and archives. Every case comes from its seed, target and number, so that it can be done again. Proof: no crash, no fault of ours in a log, a
 * proper request answered after each round, no turn above 100 ms of the process's own CPU time.
 *   npm run bench -- fuzz      (more: node_modules/.bin/node bench/fuzz.bench.mjs [--seconds 120] [--seed 1] [--only edge-http2,console] [--from 100 --count 1] [--flags='--cpu-prof'])
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { webConsole } from './lib/fuzz/console-attacks.ts';
import { edgeHttp1, edgeHttp2, edgeUpstream } from './lib/fuzz/edge-attacks.ts';
import { startMadUpstream } from './lib/fuzz/mad-upstream.ts';
import { agentLink, archives, nameServer } from './lib/fuzz/other-attacks.ts';
import { createRandom, seedOf } from './lib/fuzz/random.ts';
import { say, sayMachine, sayTarget } from './lib/say.ts';

const text = /** @type {const} */ ({ type: 'string' });
const { values } = parseArgs({ options: { seconds: text, seed: text, only: text, from: text, count: text, rounds: text, flags: text } });
const seconds = Number(values.seconds ?? 120);
const seed = Number(values.seed ?? 1);
const first = Number(values.from ?? 0);
const most = Number(values.count ?? Number.POSITIVE_INFINITY);
const atOnce = 6;
const shown = 5;
/** A process that starts, and its end. */
const startMs = 2000;

const upstream = await startMadUpstream();
const kinds = {
  'edge-http1': { victim: 'edge', open: edgeHttp1 },
  'edge-http2': { victim: 'edge', open: edgeHttp2 },
  'edge-upstream': { victim: 'edge', open: (at) => edgeUpstream(at, upstream) },
  'agent-link': { victim: 'agent', open: agentLink },
  'name-server': { victim: 'names', open: nameServer },
  console: { victim: 'web', open: webConsole },
  archives: { victim: 'archives', open: archives },
};
const chosen = Object.keys(kinds).filter((name) => values.only === undefined || values.only.split(',').includes(name));
/** An hour goes round all of them several times, each time with a new process. */
const rounds = Number(values.rounds ?? Math.max(1, Math.min(6, Math.floor(seconds / chosen.length / 15))));

const results = Object.fromEntries(
  chosen.map((name) => [name, { cases: 0, longestMs: 0, long: [], crashes: [], bugs: [], stuck: [], peakMb: 0, next: first }]),
);

/** One process under attack, and what it says. */
async function startVictim(name, result) {
  const child = spawn(
    process.execPath,
    [
      ...(values.flags ?? '').split(' ').filter(Boolean),
      fileURLToPath(new URL('./lib/fuzz/victim.ts', import.meta.url)),
      kinds[name].victim,
    ],
    {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, UPSTREAM_PORT: String(upstream.port) },
    },
  );
  const underWay = new Set();
  const waiting = new Map();
  let asked = 0;
  let isEnding = false;
  const cases = () => [...underWay].join(' ');
  const ready = new Promise((resolve, reject) => {
    child.on('message', (said) => {
      if (said.say === 'ready') resolve(said.at);
      else if (said.say === 'done') waiting.get(said.id)?.(said.result);
      else if (said.say === 'crash') result.crashes.push(`cases ${cases()}: ${said.text}`);
      else if (said.say === 'bug') {
        result.bugs.push(`cases ${cases()}: ${said.text}`);
        for (const done of waiting.values()) done('bug');
      } else {
        result.longestMs = Math.max(result.longestMs, said.cpuMs);
        if (said.isTooLong) result.long.push(`${said.cpuMs.toFixed(0)} ms at cases ${cases()}`);
      }
    });
    child.once('exit', (code, signal) => {
      if (!isEnding) result.crashes.push(`ended with ${code ?? signal} at cases ${cases()}`);
      for (const done of waiting.values()) done('gone');
      reject(new Error(`${name} could not start`));
    });
  });
  const tell = (ask) =>
    new Promise((resolve) => {
      asked += 1;
      const id = asked;
      waiting.set(id, (outcome) => {
        waiting.delete(id);
        resolve(outcome);
      });
      child.send({ id, ask }, (error) => error && waiting.get(id)?.('gone'));
    });
  return {
    at: await ready,
    underWay,
    tell,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    memoryMb: () => {
      const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ').filter(Boolean);
      const peakKb = (id) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0);
      return [child.pid, ...children].reduce((sum, id) => sum + peakKb(id), 0) / 1024;
    },
    end: async () => {
      isEnding = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.disconnect();
      await Promise.race([once(child, 'exit'), delay(5000).then(() => child.kill('SIGKILL'))]);
    },
  };
}

/** One target for its share of the time. */
async function slice(name, sliceMs) {
  const result = results[name];
  const victim = await startVictim(name, result);
  const attack = await kinds[name].open(victim.at, victim.tell);
  const check = async () => {
    const wrong = victim.isAlive() ? await attack.check() : undefined;
    if (wrong !== undefined) result.stuck.push(`before case ${result.next}: ${wrong}`);
  };
  await check();
  const until = performance.now() + sliceMs;
  const last = first + most;
  const work = async () => {
    while (performance.now() < until && result.next < last && victim.isAlive()) {
      const number = result.next;
      result.next += 1;
      victim.underWay.add(number);
      await attack.once(createRandom(seedOf(seed, name, number)));
      victim.underWay.delete(number);
      result.cases += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  // Late faults belong to this target, too.
  await delay(500);
  await check();
  if (victim.isAlive()) result.peakMb = Math.max(result.peakMb, victim.memoryMb());
  attack.close();
  await victim.end();
}

sayMachine('before');
say(`seed ${seed}, ${seconds} s, ${rounds} rounds of ${chosen.length} targets, ${atOnce} strangers at a time`);
const startedMs = performance.now();
const slices = Array.from({ length: rounds }, () => chosen).flat();
for (const [at, name] of slices.entries())
  await slice(name, Math.max(1000, (startedMs + seconds * 1000 - performance.now()) / (slices.length - at) - startMs));
upstream.close();

for (const [name, { cases, longestMs, long, crashes, bugs, stuck, peakMb }] of Object.entries(results)) {
  say(
    `${name.padEnd(14)} ${String(cases).padStart(8)} cases  longest turn ${longestMs.toFixed(0).padStart(4)} ms of CPU  peak ${peakMb.toFixed(0)} MB`,
  );
  for (const [what, list] of Object.entries({ 'crash:': crashes, 'fault:': bugs, 'no proper answer': stuck, 'long turn:': long })) {
    for (const line of list.slice(0, shown)) say(`  ${what} ${line.slice(0, 1500)}`);
    if (list.length > shown) say(`  ${what} and ${list.length - shown} more`);
  }
}
const all = Object.values(results);
const sum = (of) => all.reduce((total, result) => total + of(result), 0);
say(`${sum(({ cases }) => cases)} cases in ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
sayTarget('crashes', { measured: sum(({ crashes }) => crashes.length), atMost: 0, unit: '', digits: 0 });
sayTarget('faults of ours in a log', { measured: sum(({ bugs }) => bugs.length), atMost: 0, unit: '', digits: 0 });
sayTarget('proper requests without a proper answer', { measured: sum(({ stuck }) => stuck.length), atMost: 0, unit: '', digits: 0 });
sayTarget('longest turn, of its own CPU time', {
  measured: Math.max(...all.map(({ longestMs }) => longestMs)),
  atMost: 100,
  unit: 'ms',
  digits: 0,
});
sayMachine('after');
process.exit(0);

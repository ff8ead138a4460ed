/**
 * The edge beside Debian's nginx, Caddy and HAProxy, in one run: 200 hosts, kept TLS, forwarded headers, the proxy on one core, upstream and load on the
 * other. Requests per second of the proxy's own CPU come first: other programs cannot take them away. Needs nginx, caddy, haproxy, wrk, h2load and taskset,
 * and at least two cores; installs nothing itself (`npm run bench` does, as root on Debian).
 *   npm run bench -- edge      (more: node_modules/.bin/node bench/edge.bench.mjs [--seconds 2] [--rounds 5] [--only edge,caddy] [--lines 'HTTP/2, 150 B;handshakes, full']
 *                               [--bundle dist/agent/edge.cjs] [--flags='…'])
 */
import { parseArgs } from 'node:util';
import { createLoads, memoryOf } from './lib/edge/load.ts';
import { createStage } from './lib/edge/proxies.ts';
import { median, say, sayMachine, sayTarget } from './lib/say.ts';

const text = /** @type {const} */ ({ type: 'string' });
const { values } = parseArgs({
  options: { seconds: text, rounds: text, only: text, lines: text, bundle: text, connections: text, flags: text },
});
const seconds = Number(values.seconds ?? 2);
const rounds = Number(values.rounds ?? 5);
const connections = Number(values.connections ?? 64);
const loadCore = '1';

sayMachine('before');
const stage = await createStage('0', loadCore);
try {
  const upstream = await stage.upstream();
  const starters = {
    edge: () => stage.edge(upstream, { bundle: values.bundle, flags: values.flags }),
    nginx: () => stage.nginx(upstream),
    caddy: () => stage.caddy(upstream),
    haproxy: () => stage.haproxy(upstream),
  };
  const names = Object.keys(starters).filter((name) => values.only === undefined || values.only.split(',').includes(name));
  const proxies = [];
  for (const name of names) proxies.push(await starters[name]());
  const { loads, warmUp } = createLoads(stage, { seconds, loadCore, connections });
  const lines = Object.keys(loads).filter((line) => values.lines === undefined || values.lines.split(';').includes(line));
  /** @type {Record<string, Record<string, import('./lib/edge/load.ts').Measured[]>>} */
  const results = Object.fromEntries(lines.map((line) => [line, Object.fromEntries(names.map((name) => [name, []]))]));
  let peakMb = 0;
  await Promise.all(proxies.map(warmUp));
  // Round by round, so that whatever else this machine does hits all of them alike; the first round only warms up.
  for (let round = 0; round <= rounds; round += 1) {
    for (const line of lines) {
      for (const proxy of proxies) {
        const measured = await loads[line](proxy, round);
        if (round > 0) results[line][proxy.name].push(measured);
        if (measured.bad > 0) say(`${line}, ${proxy.name}: ${measured.bad} bad answers or errors`);
        if (proxy.name === 'edge') peakMb = Math.max(peakMb, memoryOf(proxy));
      }
    }
  }
  const of = (line, name, what) => median((results[line]?.[name] ?? []).map((measured) => measured[what] ?? Number.NaN));
  say(`medians of ${rounds} rounds of ${seconds} s, ${connections} connections`);
  for (const line of lines) {
    say(line);
    for (const name of names) {
      const p99 = of(line, name, 'p99Ms');
      const more = Number.isNaN(p99) ? `${of(line, name, 'perSecond').toFixed(0).padStart(7)} a second` : `p99 ${p99.toFixed(1)} ms`;
      const ratio =
        name === 'edge' || !names.includes('edge')
          ? ''
          : `  edge / ${name} ${(of(line, 'edge', 'perCpuSecond') / of(line, name, 'perCpuSecond')).toFixed(2)}`;
      say(`  ${name.padEnd(8)} ${of(line, name, 'perCpuSecond').toFixed(0).padStart(7)} per second of CPU  ${more}${ratio}`);
    }
  }
  const goal = (line, atLeast) => {
    if (!lines.includes(line) || !names.includes('edge') || !names.includes('caddy')) return;
    const measured = of(line, 'edge', 'perCpuSecond') / of(line, 'caddy', 'perCpuSecond');
    sayTarget(`edge / caddy, per second of CPU, ${line}`, { measured, atLeast, unit: 'times' });
  };
  goal('HTTP/1.1, 150 B', 1.5);
  goal('HTTP/2, 150 B', 1.2);
  for (const line of lines.filter((name) => name.endsWith('requests/s')))
    if (names.includes('edge') && names.includes('caddy'))
      sayTarget(`p99, ${line}`, { measured: of(line, 'edge', 'p99Ms'), atMost: of(line, 'caddy', 'p99Ms'), unit: 'ms', digits: 1 });
  if (names.includes('edge'))
    sayTarget('edge, memory under load (shared pages of the program once)', { measured: peakMb, atMost: 120, unit: 'MB', digits: 0 });
} finally {
  await stage.close();
  sayMachine('after');
}

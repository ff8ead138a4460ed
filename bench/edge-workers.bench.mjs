/**
 * Two workers of the edge beside one, each held to a quarter of a core by the kernel: what a second worker brings where cores are what is short. Needs root, cgroup v1
 * (cpu), wrk and taskset, and at least two cores.
 *   npm run bench -- edge-workers      (more: node_modules/.bin/node bench/edge-workers.bench.mjs [--seconds 4] [--rounds 5])
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createLoads, family } from './lib/edge/load.ts';
import { createStage } from './lib/edge/proxies.ts';
import { median, say, sayMachine, sayTarget } from './lib/say.ts';

const text = /** @type {const} */ ({ type: 'string' });
const { values } = parseArgs({ options: { seconds: text, rounds: text } });
const rounds = Number(values.rounds ?? 5);
const root = '/sys/fs/cgroup/cpu';
const periodUs = 100_000;

if (!existsSync(join(root, 'cpu.cfs_quota_us'))) {
  say('no cgroup v1 with a limit of CPU here: left out');
  process.exit(0);
}
sayMachine('before');
const stage = await createStage(undefined, '1');
const groups = [];
/** @param {number} processId */
function holdToQuarter(processId) {
  const group = join(root, `farmstead-bench-${process.pid}-${processId}`);
  mkdirSync(group);
  groups.push(group);
  writeFileSync(join(group, 'cpu.cfs_period_us'), String(periodUs));
  writeFileSync(join(group, 'cpu.cfs_quota_us'), String(periodUs / 4));
  writeFileSync(join(group, 'cgroup.procs'), String(processId));
}

try {
  const upstream = await stage.upstream();
  const { loads, warmUp } = createLoads(stage, { seconds: Number(values.seconds ?? 4), loadCore: '1', connections: 64 });
  const edges = [];
  for (const workers of [1, 2]) {
    const edge = await stage.edge(upstream, { workers });
    await delay(2000);
    await warmUp(edge);
    const serving = family(edge.processId).filter(
      (id) => id !== edge.processId && readFileSync(`/proc/${id}/cmdline`, 'utf8').includes('worker'),
    );
    for (const id of serving) holdToQuarter(id);
    say(`${workers} asked for, ${serving.length} worker processes, each held to a quarter of a core`);
    edges.push({ workers, edge, speeds: [] });
  }
  for (let round = 0; round < rounds; round += 1)
    for (const { edge, speeds } of edges) speeds.push((await loads['HTTP/1.1, 150 B'](edge, round)).perSecond);
  const [one, two] = edges.map(({ speeds }) => median(speeds));
  say(`one ${one.toFixed(0)}, two ${two.toFixed(0)} requests a second; medians of ${rounds} rounds`);
  sayTarget('two workers / one, each with a quarter of a core', { measured: two / one, atLeast: 1.8, unit: 'times' });
} finally {
  await stage.close();
  await delay(500);
  for (const group of groups) if (existsSync(group)) rmdirSync(group);
  sayMachine('after');
}

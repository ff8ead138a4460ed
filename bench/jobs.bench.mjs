/**
 * What the core itself costs: jobs, rehearsals, reconnecting servers, a thousand agents at once, and the bytes that a window is sent. The store is the
 * real SQLite in a folder of its own; agents and the name server are in memory and answer at once, or `--round-trip` later, so that what is measured is ours.
 *   npm run bench -- jobs      (more: node_modules/.bin/node bench/jobs.bench.mjs --only create,rehearse,reconnect,agents,rows --rounds 15 --agents 1000)
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { FarmError } from '../contract/errors.ts';
import { bareCommits } from './lib/bare-commits.ts';
import { listOf, totalOf } from '../src-main/testing/counting-store.ts';
import { createWorld, openFarm, openStore } from './lib/farm-in-memory.ts';
import { longestCpu } from './lib/longest-cpu.ts';
import { dialled, fillWorld } from './lib/many-copies.ts';
import { median, say, sayMachine, sayTarget } from './lib/say.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'create,rehearse,reconnect,agents,rows' },
    rounds: { type: 'string', default: '15' },
    agents: { type: 'string', default: '1000' },
    'round-trip': { type: 'string', default: '30' },
  },
});
const parts = values.only.split(',');
const rounds = Number(values.rounds);
const agentCount = Number(values.agents);
const roundTripMs = Number(values['round-trip']);

const quantile = (numbers, share) => numbers.toSorted((one, other) => one - other)[Math.ceil(numbers.length * share) - 1] ?? Number.NaN;
const spread = (numbers) => `median ${median(numbers).toFixed(1)}, p95 ${quantile(numbers, 0.95).toFixed(1)}`;
const countBy = (names) => {
  const counts = new Map();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
};

/** A world with servers and instances, made before and removed after. */
async function within(size, work) {
  const world = createWorld();
  try {
    const startedMs = performance.now();
    const names = size === undefined ? [] : await fillWorld(world, size);
    say(
      `made: ${names.length} servers with ${size?.instancesEach ?? 0} instances each, in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`,
    );
    await work(world, names);
  } finally {
    world.dispose();
  }
}

async function withFarm(world, options, work) {
  const farm = await openFarm(world, options);
  try {
    await farm.start();
    await work(farm);
    if (farm.bugs.length > 0)
      say(`MISSED the program found ${farm.bugs.length} faults of its own, the first: ${farm.bugs[0]?.slice(0, 400)}`);
  } finally {
    await farm.close();
  }
}

/** Waits until every server is followed: no command was given for so long. */
async function untilQuiet(farm, quietMs, limitMs) {
  const endMs = performance.now() + limitMs;
  while (performance.now() < endMs) {
    const last = farm.commands.at(-1)?.atMs ?? 0;
    if (farm.commands.length > 0 && performance.now() - last > quietMs) return;
    await pause(20);
  }
  throw new Error(`commands were still given after ${limitMs} ms`);
}

async function createRounds(world, roundTrip) {
  const times = [];
  const counts = { commits: [], reads: [], cpuMs: [] };
  let last;
  await withFarm(world, { roundTripMs: roundTrip }, async (farm) => {
    await untilQuiet(farm, 300, 30_000);
    const { client, key, counting } = farm;
    for (let round = 0; round <= rounds; round += 1) {
      counting.reset();
      const commandsBefore = farm.commands.length;
      const dnsBefore = farm.dnsCalls.length;
      const cpuBefore = process.cpuUsage();
      const startedMs = performance.now();
      const job = await farm.done(
        await client.instances.create({ name: `round-${roundTrip}-${round}`, packageId: 'static-site', requestKey: key() }),
      );
      const ms = performance.now() - startedMs;
      const { user, system } = process.cpuUsage(cpuBefore);
      const commands = farm.commands.slice(commandsBefore).map(({ command }) => command);
      last = {
        readList: listOf(counting.counts.reads),
        writeList: listOf(counting.counts.writes),
        commands,
        dns: farm.dnsCalls.slice(dnsBefore),
      };
      const seen = { commits: counting.counts.commits, reads: totalOf(counting.counts.reads) };
      await farm.done(await client.instances.remove({ instanceId: job.subject.id, requestKey: key() }));
      if (round === 0) continue; // only warms up
      times.push(ms);
      counts.commits.push(seen.commits);
      counts.reads.push(seen.reads);
      counts.cpuMs.push((user + system) / 1000);
    }
  });
  return { times, commits: median(counts.commits), reads: median(counts.reads), cpuMs: counts.cpuMs, ...last };
}

async function benchCreate() {
  for (const instancesEach of [1, 200]) {
    await within({ servers: 1, instancesEach }, async (world) => {
      const near = await createRounds(world, 0);
      const bare = bareCommits(world.home, { count: near.commits, sizeBytes: 2000, times: rounds });
      say(
        `create: ${near.commits} commits, ${near.reads} reads, ${near.commands.length} commands, ${near.dns.length} calls of the name server`,
      );
      say(`  CPU of one, agent and name server in memory included: ${spread(near.cpuMs)} ms`);
      say(`  reads: ${near.readList}`);
      say(`  writes: ${near.writeList}`);
      say(
        `  bare node:sqlite, as many commits of 2 kB: ${spread(bare)} ms; ours ${spread(near.times)} ms, ${(median(near.times) / median(bare)).toFixed(1)} times`,
      );
      sayTarget(`create on a server with ${instancesEach} more, ours (median of ${rounds})`, {
        measured: median(near.times) / 1000,
        atMost: 0.2,
        unit: 's',
        digits: 3,
      });
      if (instancesEach !== 200) return;
      const far = await createRounds(world, roundTripMs);
      say(`create with ${roundTripMs} ms of round trip: ${spread(far.times)} ms`);
      say(`  commands: ${far.commands.join(', ')}`);
      say(`  name server: ${far.dns.join(', ')}`);
      sayTarget(`create with ${roundTripMs} ms of round trip to agent and name server (median of ${rounds})`, {
        measured: median(far.times) / 1000,
        atMost: 0.5,
        unit: 's',
        digits: 3,
      });
    });
  }
}

async function benchRehearse() {
  await within({ servers: 5, instancesEach: 200 }, async (world) => {
    await withFarm(world, {}, async (farm) => {
      await untilQuiet(farm, 500, 30_000);
      const { client, counting } = farm;
      const { servers } = await client.servers.list();
      const { domains } = await client.domains.list();
      const [instanceId] = [...world.agents.get(dialled('Server1')).instances.keys()];
      const serverId = servers.find(({ name }) => name === 'Server2').id;
      const acts = {
        create: { type: 'create', name: 'rehearsed', packageId: 'static-site' },
        remove: { type: 'remove', instanceId },
        suspend: { type: 'suspend', instanceId },
        'remove-server': { type: 'remove-server', serverId },
        'remove-domain': { type: 'remove-domain', domainId: domains[0].id },
      };
      for (const [name, act] of Object.entries(acts)) {
        const times = [];
        let changes = 0;
        for (let round = -5; round < 50; round += 1) {
          if (round === 0) counting.reset();
          const startedMs = performance.now();
          ({ length: changes } = (await client.jobs.rehearse({ act })).changes);
          if (round >= 0) times.push(performance.now() - startedMs);
        }
        const scans = (counting.counts.reads.get('jobs.find') ?? 0) + (counting.counts.reads.get('jobs.newest') ?? 0);
        say(
          `rehearsal of ${name}: ${changes} changes, ${spread(times)} ms; store a time: ${totalOf(counting.counts.reads) / 50} reads (${listOf(counting.counts.reads)} of 50)`,
        );
        sayTarget(`rehearsal of ${name} at 1,000 instances, median of 50`, { measured: median(times), atMost: 50, unit: 'ms', digits: 1 });
        sayTarget(`rehearsal of ${name} at 1,000 instances, p95 of 50`, {
          measured: quantile(times, 0.95),
          atMost: 50,
          unit: 'ms',
          digits: 1,
        });
        sayTarget(`rehearsal of ${name}, scans of jobs`, { measured: scans, atMost: 0, unit: 'scans', digits: 0 });
      }
    });
  });
}

const followed = new Set(['servers.facts', 'instances.watch', 'servers.watch', 'monitoring.measuredSince', 'monitoring.watchMeasured']);

async function benchReconnect() {
  await within({ servers: 1, instancesEach: 200 }, async (world, [name]) => {
    await withFarm(world, {}, async (farm) => {
      const address = dialled(name);
      await untilQuiet(farm, 500, 30_000);
      const times = [];
      let given = [];
      for (let round = 0; round < 10; round += 1) {
        farm.links.cut(address, true);
        world.agents.get(address).endWatching();
        await pause(50);
        farm.commands.length = 0;
        const startedMs = performance.now();
        farm.links.cut(address, false);
        await untilQuiet(farm, 300, 10_000);
        given = farm.commands.map(({ command }) => command);
        times.push((farm.commands.at(-1).atMs - startedMs) / 1000);
      }
      const put = given.filter((command) => !followed.has(command));
      say(
        `reconnect: followed with ${given.filter((command) => followed.has(command)).join(', ')}; put in order with ${put.join(', ') || 'nothing'}`,
      );
      sayTarget('reconnect with 200 instances and nothing to put in order, to the last command (slowest of 10)', {
        measured: Math.max(...times),
        atMost: 2,
        unit: 's',
        digits: 3,
      });
      sayTarget('reconnect, commands to find that nothing is to be put in order', {
        measured: put.length,
        atMost: 5,
        unit: 'commands',
        digits: 0,
      });
    });
  });
}

/** When the last server was given the last of these commands; `missing`: how many were never given. */
function endOf(farm, wanted, servers, startedMs) {
  const first = new Map();
  for (const { address, command, atMs } of farm.commands)
    if (wanted.includes(command) && !first.has(`${address} ${command}`)) first.set(`${address} ${command}`, atMs);
  const isWhole = first.size === servers * wanted.length;
  return isWhole ? (Math.max(...first.values()) - startedMs) / 1000 : Number.POSITIVE_INFINITY;
}
const ofFollowing = ['servers.facts', 'instances.watch', 'servers.watch', 'monitoring.watchMeasured'];
const ofOrder = ['certificates.list', 'packages.list', 'edge.routes', 'instances.list'];
const msOf = (nanoseconds) => nanoseconds / 1e6;

/** Everything that follows once so many agents are there at once, until no command is given any more. */
async function allAtOnce(farm, what, servers, begin) {
  const loop = monitorEventLoopDelay({ resolution: 5 });
  farm.commands.length = 0;
  farm.counting.reset();
  const cpuBefore = process.cpuUsage();
  loop.enable();
  const turns = longestCpu();
  const startedMs = performance.now();
  await begin();
  const isWhole = () => Number.isFinite(endOf(farm, [...ofFollowing, ...ofOrder], servers, startedMs));
  const fewest = servers * (ofFollowing.length + ofOrder.length);
  while ((farm.commands.length < fewest || !isWhole()) && performance.now() - startedMs < 70_000) await pause(200);
  const cpuMs = turns.stop();
  loop.disable();
  const { user, system } = process.cpuUsage(cpuBefore);
  const { counts } = farm.counting;
  say(`${what}: ${farm.commands.length} commands (${listOf(countBy(farm.commands.map(({ command }) => command)))})`);
  say(`  store: ${counts.commits} commits, ${totalOf(counts.reads)} reads (${listOf(counts.reads)})`);
  say(
    `  event loop delay: median ${msOf(loop.percentile(50)).toFixed(0)} ms, p99.9 ${msOf(loop.percentile(99.9)).toFixed(0)} ms; ${((user + system) / 1e6).toFixed(1)} s of CPU, the agents' own included`,
  );
  sayTarget(`${what}, all followed`, { measured: endOf(farm, ofFollowing, servers, startedMs), atMost: 20, unit: 's' });
  sayTarget(`${what}, all put in order`, { measured: endOf(farm, ofOrder, servers, startedMs), atMost: 60, unit: 's' });
  sayTarget(`${what}, event loop delay, p99`, { measured: msOf(loop.percentile(99)), atMost: 50, unit: 'ms', digits: 0 });
  sayTarget(`${what}, event loop delay, longest`, { measured: msOf(loop.max), atMost: 50, unit: 'ms', digits: 0 });
  sayTarget(`${what}, the most CPU of one turn, which a busy machine does not move`, {
    measured: cpuMs,
    atMost: 50,
    unit: 'ms',
    digits: 0,
  });
}

async function benchAgents() {
  await within({ servers: agentCount, instancesEach: 1 }, async (world, names) => {
    const idle = monitorEventLoopDelay({ resolution: 5 });
    idle.enable();
    await pause(1000);
    idle.disable();
    say(
      `peer: event loop delay of an idle process, p99 ${msOf(idle.percentile(99)).toFixed(0)} ms, longest ${msOf(idle.max).toFixed(0)} ms`,
    );
    const servers = names.length + 1;
    const farm = await openFarm(world);
    const stop = new AbortController();
    try {
      await allAtOnce(farm, `${agentCount} agents, the home is opened`, servers, () => farm.start());
      let events = 0;
      const opened = Promise.withResolvers();
      const watching = (async () => {
        for await (const event of await farm.client.monitoring.watch(undefined, { signal: stop.signal })) {
          events += 1;
          if (event.kind === 'snapshot') opened.resolve();
        }
      })().catch(() => undefined);
      await opened.promise;
      for (const [address, agent] of world.agents) {
        farm.links.cut(address, true);
        agent.endWatching();
      }
      await pause(1000);
      events = 0;
      await allAtOnce(farm, `${agentCount} agents come back, a window open`, servers, async () => {
        // each over a socket of its own
        for (const address of world.agents.keys()) {
          farm.links.cut(address, false);
          await turn();
        }
      });
      say(`  the window was told ${events} times`);
      stop.abort();
      await watching;
      if (farm.bugs.length > 0)
        say(`MISSED the program found ${farm.bugs.length} faults of its own, the first: ${farm.bugs[0]?.slice(0, 400)}`);
    } finally {
      stop.abort();
      await farm.close();
    }
  });
}

/** One value in what a job remembers of every part, before and after. */
const large = 'large-fact-'.repeat(100_000);

async function benchRows() {
  await within({ servers: 1, instancesEach: 1 }, async (world) => {
    let jobId;
    await withFarm(world, {}, async (farm) => {
      await untilQuiet(farm, 300, 30_000);
      for (const agent of world.agents.values())
        agent.failNext('instances.start', new FarmError('PORT_TAKEN', { port: 1, owner: 'bench' }), 100);
      const job = await farm.settled(
        await farm.client.instances.create({ name: 'stopped', packageId: 'static-site', requestKey: farm.key() }),
      );
      if (job.state !== 'stopped') throw new Error(`the create ended ${job.state} and should have stopped`);
      jobId = job.id;
    });
    const store = await openStore(world);
    let parts = 0;
    for (const step of await store.jobSteps.find({ jobId })) {
      const saved = Object.entries(step.checkpoint.parts ?? {}).map(([key, part]) => {
        const enlarged = (facts) => (typeof facts === 'object' && facts !== null ? { ...facts, large } : facts);
        parts += 1;
        return [key, { ...part, before: enlarged(part.before), after: enlarged(part.after) }];
      });
      if (saved.length > 0) await store.jobSteps.patch(step.id, { checkpoint: { ...step.checkpoint, parts: Object.fromEntries(saved) } });
    }
    await store.close();
    await withFarm(world, {}, async (farm) => {
      await untilQuiet(farm, 300, 30_000);
      const stop = new AbortController();
      let snapshot = '';
      let patch = '';
      let patches = 0;
      try {
        for await (const event of await farm.client.monitoring.watch(undefined, { signal: stop.signal })) {
          if (event.kind === 'snapshot') {
            snapshot = JSON.stringify(event);
            for (const agent of world.agents.values())
              agent.failNext('instances.start', new FarmError('PORT_TAKEN', { port: 1, owner: 'bench' }), 0);
            await farm.client.jobs.undo({ jobId, requestKey: farm.key() });
            continue;
          }
          const ours = event.patches.filter(({ table, id }) => table === 'jobs' && id === jobId);
          for (const one of ours) {
            patches += 1;
            const text = JSON.stringify(one);
            if (text.length > patch.length) patch = text;
          }
          if (ours.some(({ value }) => ['undone', 'stopped', 'done'].includes(value?.state) && value.direction === 'back')) break;
        }
      } finally {
        stop.abort();
      }
      if (!snapshot.includes(jobId) || patches === 0) throw new Error('the job is not in the live rows: nothing was measured');
      say(
        `live rows: ${parts} parts with ${large.length} bytes before and after; snapshot ${snapshot.length} bytes, largest of ${patches} patches of the job ${patch.length} bytes`,
      );
      const leaks = [snapshot, patch].filter((text) => text.includes('large-fact')).length;
      sayTarget('live rows that carry a before or an after', { measured: leaks, atMost: 0, unit: 'rows', digits: 0 });
    });
  });
}

const all = { create: benchCreate, rehearse: benchRehearse, reconnect: benchReconnect, agents: benchAgents, rows: benchRows };
sayMachine('before');
for (const part of parts) {
  const run = all[part];
  if (run === undefined) throw new Error(`--only knows ${Object.keys(all).join(', ')}, not ${part}`);
  await run();
}
sayMachine('after');

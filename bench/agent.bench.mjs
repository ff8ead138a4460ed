/**
 * What an agent costs the server that it stands on: memory, settled after 15,000 calls with three instances, and processor while nothing happens
 * (a core listens, as always). Peer: a bare Node that does nothing, in the same run. And the edge's memory while 64 visitors ask.
 *   npm run bench -- agent      (more: node_modules/.bin/node bench/agent.bench.mjs --calls 15000 --settle 15 --idle 30 --load 10)
 */
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startAgentWithInstances } from './lib/agent-with-instances.ts';
import { cpuSeconds, memoryMb } from './lib/process-cost.ts';
import { median, say, sayMachine, sayTarget } from './lib/say.ts';
import { visitFor } from './lib/tls-load.ts';

const number = (value) => ({ type: 'string', default: String(value) });
const { values } = parseArgs({ options: { calls: number(15_000), settle: number(15), idle: number(30), load: number(10) } });
const [calls, settleSeconds, idleSeconds, loadSeconds] = [values.calls, values.settle, values.idle, values.load].map(Number);
const atOnce = 8;

sayMachine('before');
const bare = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)'], { stdio: 'ignore' });
let agent;
try {
  agent = await startAgentWithInstances();
  const { client, names, agentProcess, edgeProcess } = agent;
  let left = calls;
  const startedMs = performance.now();
  const caller = async () => {
    while (left > 0) {
      left -= 1;
      await client.instances.describe({ instanceId: names[left % names.length] });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  const callMs = (performance.now() - startedMs) / (calls / atOnce);
  const afterMb = memoryMb(agentProcess);
  await delay(settleSeconds * 1000);
  const settled = memoryMb(agentProcess);
  const bareMb = memoryMb(bare.pid);

  const before = { agent: cpuSeconds(agentProcess), bare: cpuSeconds(bare.pid), edge: cpuSeconds(edgeProcess) };
  await delay(idleSeconds * 1000);
  const share = (name, processId) => ((cpuSeconds(processId) - before[name]) / idleSeconds) * 100;
  const idle = { agent: share('agent', agentProcess), bare: share('bare', bare.pid), edge: share('edge', edgeProcess) };

  const edgeIdleMb = memoryMb(edgeProcess);
  const memory = [];
  const timer = setInterval(() => memory.push(memoryMb(edgeProcess)), 200);
  const hosts = names.map((name) => `${name}.farm.localhost`);
  const load = { port: agent.edgePort, hosts, authorityPem: agent.authorityPem, visitors: 64, forMs: loadSeconds * 1000 };
  const visits = await visitFor(load);
  clearInterval(timer);

  say(`three instances; ${calls} calls, ${atOnce} at once, ${callMs.toFixed(2)} ms each; ${afterMb.toFixed(0)} MB right after them`);
  sayTarget(`agent, memory ${settleSeconds} s later`, { measured: settled, atMost: 80, unit: 'MB', digits: 1 });
  say(`       a bare Node ${bareMb.toFixed(1)} MB; agent / bare ${(settled / bareMb).toFixed(2)}`);
  sayTarget(`agent, share of a core over ${idleSeconds} idle s`, { measured: idle.agent, atMost: 0.5, unit: '%' });
  say(`       a bare Node ${idle.bare.toFixed(2)} %, the edge ${idle.edge.toFixed(2)} %`);
  sayTarget(`edge, most memory under load`, { measured: Math.max(...memory), atMost: 120, unit: 'MB', digits: 1 });
  say(
    `       ${(visits / loadSeconds).toFixed(0)} visits/s by 64 visitors over kept TLS; median ${median(memory).toFixed(1)} MB, ${edgeIdleMb.toFixed(1)} MB before`,
  );
} finally {
  bare.kill('SIGKILL');
  await agent?.close();
  sayMachine('after');
}

/**
 * What we add to an application's own start. Baseline: TiddlyWiki's `--init server` and start to its first answer, by hand. Ours: the request over
 * REST until the job is green, the payload being on the server. Alternating on one demo farm with three servers, so that whatever else this
 * machine does hits both alike.
 *   npm run bench -- create      (more: node_modules/.bin/node bench/create.bench.mjs --rounds 10)
 */
import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createInstance, removeInstance, settled } from '../e2e/fixtures/farm-calls.ts';
import { demoReady, startProgram } from '../e2e/fixtures/program.ts';
import { endFolder } from '../e2e/fixtures/end-folder.ts';
import { processesOf } from '../e2e/fixtures/sweep.ts';
import { startByHand } from './lib/by-hand.ts';
import { followJob } from './lib/follow-job.ts';
import { median, say, sayMachine, sayTarget } from './lib/say.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '10' } } });
const rounds = Number(values.rounds);
const home = mkdtempSync(join(tmpdir(), 'farmstead-bench-create-'));

/** The unpacked payload on one of the servers, and the Node that its agent runs instances with. */
function whatTheServerUses() {
  const instance = processesOf(home).find(({ command }) => command.includes('tiddlywiki.js') && command.includes('--listen'));
  if (instance === undefined) throw new Error('no instance runs');
  const [, payload] = /\s(\S+)\/node_modules\/tiddlywiki\/tiddlywiki\.js/.exec(instance.command) ?? [];
  if (payload === undefined) throw new Error(`no payload in: ${instance.command}`);
  return { node: realpathSync(`/proc/${instance.processId}/exe`), payload };
}

sayMachine('before');
let program;
try {
  program = await startProgram({ home, isDemo: true });
  await demoReady(program);
  const running = program;
  const create = (name) => createInstance(running, name, { packageId: 'tiddlywiki' });
  // one on each server: then the payload is on all of them, and stays
  for (const name of ['seed-a', 'seed-b', 'seed-c']) {
    const { state, failure } = await settled(running, (await create(name)).id);
    if (state !== 'done') throw new Error(`the first create ended ${state}: ${JSON.stringify(failure)}`);
  }
  const { node, payload } = whatTheServerUses();
  const byHand = [];
  const ours = [];
  const handSteps = {};
  const steps = {};
  const note = (all, name, ms) => {
    all[name] = [...(all[name] ?? []), ms];
  };
  const told = (all) =>
    Object.entries(all)
      .map(([name, numbers]) => `${name} ${median(numbers).toFixed(0)}`)
      .join(', ');
  for (let round = 0; round <= rounds; round += 1) {
    const hand = await startByHand(node, payload);
    const startedMs = performance.now();
    const job = await followJob(running, (await create(`round-${round}`)).id);
    const oursMs = performance.now() - startedMs;
    if (job.state !== 'done') throw new Error(`a create ended ${job.state}: ${JSON.stringify(job.failure)}`);
    await settled(running, (await removeInstance(running, job.subject.id)).id);
    if (round === 0) continue; // only warms up
    byHand.push(hand.initMs + hand.startMs);
    for (const [name, ms] of Object.entries({ init: hand.initMs, start: hand.startMs })) note(handSteps, name, ms);
    ours.push(oursMs);
    for (const step of job.steps) note(steps, step.name, step.endedAtMs - step.startedAtMs);
    note(steps, '(request and the last word)', oursMs - (job.endedAtMs - job.createdAtMs));
  }
  const share = median(ours.map((ms, at) => ms - byHand[at]));
  say(`by hand, median ms: ${told(handSteps)}`);
  say(`ours, median ms a step: ${told(steps)}`);
  say(
    `by hand ${(median(byHand) / 1000).toFixed(2)} s, ours ${(median(ours) / 1000).toFixed(2)} s, ours / by hand ${(median(ours) / median(byHand)).toFixed(2)} (medians of ${rounds}, alternating)`,
  );
  sayTarget('create, our share (median of the differences)', { measured: share / 1000, atMost: 1, unit: 's' });
} finally {
  await program?.stop();
  await endFolder(home);
  sayMachine('after');
}

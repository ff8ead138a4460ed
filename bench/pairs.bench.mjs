/**
 * Every pair of jobs on one object, and those that take the ground from under another, several times with other seeds: `npm test` does round 0 of them.
 * What is found is printed with its round; `FARM_ROUND=<round> npm test -- src-main/jobs/pairs` does that one again.
 *   npm run bench -- pairs      (more: node_modules/.bin/node bench/pairs.bench.mjs --from 1 --rounds 10)
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runPairs } from '../src-main/testing/orders/run-pairs.ts';
import { say, sayMachine, sayTarget } from './lib/say.ts';

const { values } = parseArgs({ options: { from: { type: 'string', default: '1' }, rounds: { type: 'string', default: '5' } } });
const from = Number(values.from);
const rounds = Number(values.rounds);

// A process a round: farms that a core died in are never collected whole (see `orders`).
if (rounds > 1) {
  let failed = 0;
  for (let round = from; round < from + rounds; round += 1) {
    const one = ['--from', String(round), '--rounds', '1'];
    if (spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...one], { stdio: 'inherit' }).status !== 0) failed += 1;
  }
  say(`rounds ${from} to ${from + rounds - 1} of pairs: ${failed} with something that went wrong`);
  process.exit(failed === 0 ? 0 : 1);
}

sayMachine('before');
const startedMs = performance.now();
const { runs, seeds, bad } = await runPairs(from);
for (const one of bad) say(one);
say(`round ${from}: ${runs} runs, seeds ${seeds.join(' to ')}, ${((performance.now() - startedMs) / runs).toFixed(1)} ms each`);
sayTarget(`pairs of round ${from} that went wrong`, { measured: bad.length, atMost: 0, unit: 'runs', digits: 0 });
sayMachine('after');
if (bad.length > 0) process.exitCode = 1;

/**
 * A hundred thousand random orders in farms in memory: everything that can be done to a farm, with deaths between commits, checked by an oracle. What is
 * found is printed with its seed; `FARM_SEED=<seed> npm test -- src-main/jobs/any-order` does that one again, step by step. Goes on where it was stopped
 * with `--from <seed>`; every thousandth seed is printed.
 *   npm run bench -- orders      (more: node_modules/.bin/node bench/orders.bench.mjs --from 1 --count 100000)
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runOrder, tell } from '../src-main/testing/orders/run-order.ts';
import { say, sayMachine, sayTarget } from './lib/say.ts';

const { values } = parseArgs({ options: { from: { type: 'string', default: '1' }, count: { type: 'string', default: '100000' } } });
const from = Number(values.from);
const count = Number(values.count);

/** Farms that a core died in are never collected whole (0.4 MB each, measured 2026-11-29): a process does this many orders, and another goes on. */
const mostInOne = 2000;
if (count > mostInOne) {
  let failed = 0;
  for (let first = from; first < from + count; first += mostInOne) {
    const pieces = ['--from', String(first), '--count', String(Math.min(mostInOne, from + count - first))];
    if (spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...pieces], { stdio: 'inherit' }).status !== 0) failed += 1;
  }
  say(`orders ${from} to ${from + count - 1}: ${failed} pieces of ${mostInOne} with something that went wrong`);
  process.exit(failed === 0 ? 0 : 1);
}

sayMachine('before');
const startedMs = performance.now();
let bad = 0;
for (let seed = from; seed < from + count; seed += 1) {
  const result = await runOrder(seed);
  if (result.faults.length > 0) {
    bad += 1;
    say(tell(result));
  }
  const done = seed - from + 1;
  if (done % 1000 === 0) say(`seed ${seed}: ${bad} of ${done} went wrong, ${((performance.now() - startedMs) / done).toFixed(1)} ms each`);
}
sayTarget(`orders ${from} to ${from + count - 1} that went wrong`, { measured: bad, atMost: 0, unit: 'orders', digits: 0 });
sayMachine('after');
if (bad > 0) process.exitCode = 1;

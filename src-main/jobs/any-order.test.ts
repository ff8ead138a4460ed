import { expect, test } from 'vitest';
import { jobTypes } from '#contract/catalogue/jobs.ts';
import { sequelTypes } from '../testing/orders/moves.ts';
import { type OrderResult, runOrder, tell } from '../testing/orders/run-order.ts';

/**
 * Everything that can be done with a farm, in any order, by several at once, while links break, agents refuse and the core dies between two commits.
 * `FARM_SEED=<seed>` does that one again and prints how it went; `FARM_ORDERS=<count>` does more of them, `npm run bench -- orders` a hundred thousand.
 */
const only = process.env.FARM_SEED;
const count = Number(process.env.FARM_ORDERS ?? 2000);

test('whatever is done in whatever order, nothing is lost, doubled or left over, and nobody is locked out', async () => {
  const seeds = only === undefined ? Array.from({ length: count }, (_, at) => at + 1) : [Number(only)];
  const counts: Record<string, number> = {};
  /** In how many orders a type of job took part. */
  const orders: Record<string, number> = {};
  const bad: OrderResult[] = [];
  const startedMs = performance.now();
  for (const seed of seeds) {
    const result = await runOrder(seed);
    for (const [what, times] of Object.entries(result.counts)) counts[what] = (counts[what] ?? 0) + times;
    for (const type of new Set(Object.keys(result.counts).map((what) => what.split(' ')[0] ?? ''))) orders[type] = (orders[type] ?? 0) + 1;
    if (result.faults.length > 0) bad.push(result);
    if (only !== undefined) console.info([tell(result), ...result.trace].join('\n'));
  }
  const total = Object.entries(counts).sort();
  console.info(
    `${seeds.length} orders, ${((performance.now() - startedMs) / seeds.length).toFixed(1)} ms each: ${total.map(([what, times]) => `${what} ${times}`).join(', ')}`,
  );
  expect(bad.map(tell).join('\n\n')).toBe('');
  // each type of job took part
  const took = new Set(total.map(([what]) => what.split(' ')[0]));
  if (only !== undefined) return;
  expect(jobTypes.filter((type) => !took.has(type))).toEqual([]);
  // those that need another done before them came about in a few orders of thousands, and met hardly any other
  const seldom = sequelTypes.filter((type) => (orders[type] ?? 0) < seeds.length / 20);
  expect(seldom.map((type) => `${type} in ${orders[type] ?? 0} of ${seeds.length}`)).toEqual([]);
}, 900_000);

test('the same seed has the same course, to the last step', async () => {
  const one = await runOrder(7);
  expect(await runOrder(7)).toEqual(one);
  expect((await runOrder(8)).trace).not.toEqual(one.trace);
});

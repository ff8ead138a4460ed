import { expect, test } from 'vitest';
import { jobTypes } from '#contract/catalogue/jobs.ts';
import { allPairs, besides } from '../testing/orders/pairs.ts';
import { runMoves, tell } from '../testing/orders/run-order.ts';

/** How far the first has come when the second begins, in steps: at once, in the middle, near its end. */
const afters = [0, 12, 50];

test('every pair of jobs on one object, and those that take the ground from under another, each with reconcile, a dying link and a death beside', async () => {
  const pairs = allPairs(afters);
  const bad: string[] = [];
  const begun = new Set<string>();
  for (const [at, { name, moves }] of pairs.entries()) {
    const result = await runMoves(at, moves);
    for (const what of Object.keys(result.counts)) begun.add(what.split(' ')[0] ?? '');
    if (result.faults.length > 0) bad.push(`${name}\n${tell(result)}`);
  }
  console.info(
    `${pairs.length / besides.length / afters.length} pairs, ${besides.length} things beside, ${afters.length} moments: ${pairs.length} runs`,
  );
  expect(bad.join('\n\n')).toBe('');
  expect(jobTypes.filter((type) => !begun.has(type))).toEqual([]);
}, 600_000);

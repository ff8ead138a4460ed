import { expect, test } from 'vitest';
import { jobTypes } from '#contract/catalogue/jobs.ts';
import { besides } from '../testing/orders/pairs.ts';
import { pairMoments, runPairs } from '../testing/orders/run-pairs.ts';

/** `FARM_ROUND=<round>` does that round again; `npm run bench -- pairs` does several. */
const round = Number(process.env.FARM_ROUND ?? 0);

test('every pair of jobs on one object, and those that take the ground from under another, each with reconcile, a dying link and a death beside', async () => {
  const { runs, seeds, bad, begun } = await runPairs(round);
  console.info(
    `${runs / besides.length / pairMoments.length} pairs, ${besides.length} things beside, ${pairMoments.length} moments: ${runs} runs, seeds ${seeds.join(' to ')}`,
  );
  expect(bad.join('\n\n')).toBe('');
  expect(jobTypes.filter((type) => !begun.has(type))).toEqual([]);
}, 600_000);

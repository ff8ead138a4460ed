import { afterAll, expect, test } from 'vitest';
import { allPairs } from '../testing/orders/pairs.ts';
import { planted } from '../testing/orders/planted.ts';
import { type Plant, runMoves, runOrder } from '../testing/orders/run-order.ts';

const mostSeeds = 120;
const found: string[] = [];
afterAll(() => console.info(found.join('\n')));

/** Who finds it first: the random orders by their seeds, then the pairs in their order. */
async function findIt(plant: Plant): Promise<string | undefined> {
  for (let seed = 1; seed <= mostSeeds; seed += 1) {
    const { faults } = await runOrder(seed, plant);
    if (faults.length > 0) return `seed ${seed}: ${faults[0]}`;
  }
  for (const [at, { name, moves }] of allPairs([12]).entries()) {
    const { faults } = await runMoves(at, moves, plant);
    if (faults.length > 0) return `pair ${name}: ${faults[0]}`;
  }
  return undefined;
}

test.each(Object.entries(planted))(
  '%s: that is found',
  async (name, plant) => {
    const by = await findIt(plant);
    found.push(`${name} – ${by}`);
    expect(by).toBeDefined();
  },
  300_000,
);

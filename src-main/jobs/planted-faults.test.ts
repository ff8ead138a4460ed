import { afterAll, expect, test } from 'vitest';
import { allPairs } from '../testing/orders/pairs.ts';
import { pairMoments } from '../testing/orders/run-pairs.ts';
import { planted } from '../testing/orders/planted.ts';
import { foundBy } from '../testing/orders/found-by.ts';
import { firstDeaths, runScenario } from '../testing/orders/run-scenario.ts';
import { type Plant, runMoves, runOrder } from '../testing/orders/run-order.ts';

const found: string[] = [];
afterAll(() => console.info(found.join('\n')));

/** How far the second of a pair lets the first come, in steps: as in `pairs.test.ts`. */
const pairs = allPairs(pairMoments);
const mostSeeds = 150;

async function faultOfSeed(seed: number, plant: Plant): Promise<string | undefined> {
  const [fault] = (await runOrder(seed, plant)).faults;
  return fault === undefined ? undefined : `seed ${seed}: ${fault}`;
}
async function faultOfPair(wanted: string, plant: Plant): Promise<string | undefined> {
  const at = pairs.findIndex(({ name }) => name === wanted);
  const pair = pairs[at];
  if (pair === undefined) return undefined;
  const [fault] = (await runMoves(at, pair.moves, plant)).faults;
  return fault === undefined ? undefined : `pair ${wanted}: ${fault}`;
}

async function faultOfDeath(wanted: string, plant: Plant): Promise<string | undefined> {
  const death = firstDeaths.find(({ name }) => name === wanted);
  if (death === undefined) return undefined;
  try {
    const [fault] = (await runScenario(death, 1, plant)).faults;
    return fault === undefined ? undefined : `${wanted}: ${fault}`;
  } catch (error) {
    return `${wanted}: ${String(error)}`;
  }
}

/** Where it was found the last time; a change of the course moves that, and then it is looked for from the beginning. */
async function findIt(name: string, plant: Plant): Promise<string | undefined> {
  const last = foundBy[name];
  const again =
    typeof last === 'number'
      ? await faultOfSeed(last, plant)
      : last && ((await faultOfDeath(last, plant)) ?? (await faultOfPair(last, plant)));
  if (again !== undefined) return again;
  for (let seed = 1; seed <= mostSeeds; seed += 1) {
    const fault = await faultOfSeed(seed, plant);
    if (fault !== undefined) return fault;
  }
  for (const { name: death } of firstDeaths) {
    const fault = await faultOfDeath(death, plant);
    if (fault !== undefined) return fault;
  }
  for (const { name: pair } of pairs) {
    const fault = await faultOfPair(pair, plant);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** `FARM_PLANTED=all`: also those of which nobody knows where they are found, which takes a minute each. */
const isAll = process.env.FARM_PLANTED === 'all';

test.each(Object.entries(planted).filter(([name]) => isAll || foundBy[name] !== undefined))(
  '%s: that is found by the random orders, by the deaths or by the pairs',
  async (name, plant) => {
    const by = await findIt(name, plant);
    found.push(`${name} – ${by}`);
    expect(by).toBeDefined();
  },
  300_000,
);

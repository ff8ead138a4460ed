import { allPairs } from './pairs.ts';
import { runMoves, tell } from './run-order.ts';

/** How far the first has come when the second begins, in steps: at once, in the middle, near its end. */
export const pairMoments = [0, 12, 50];

export type PairsResult = {
  readonly runs: number;
  /** Seeds of the first and the last run. */
  readonly seeds: readonly [first: number, last: number];
  /** What went wrong, each with its pair and its seed. */
  readonly bad: readonly string[];
  /** Types of jobs that were begun. */
  readonly begun: ReadonlySet<string>;
};

/** Every pair of jobs once. Another round is the same pairs with other seeds: what is slow, refused or answered in another order differs. */
export async function runPairs(round: number): Promise<PairsResult> {
  const pairs = allPairs(pairMoments);
  const bad: string[] = [];
  const begun = new Set<string>();
  const first = round * pairs.length;
  for (const [at, { name, moves }] of pairs.entries()) {
    const result = await runMoves(first + at, moves);
    for (const what of Object.keys(result.counts)) begun.add(what.split(' ')[0] ?? '');
    if (result.faults.length > 0) bad.push(`round ${round}, ${name}\n${tell(result)}`);
  }
  return { runs: pairs.length, seeds: [first, first + pairs.length - 1], bad, begun };
}

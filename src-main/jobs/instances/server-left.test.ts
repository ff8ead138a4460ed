import { expect, test } from 'vitest';
import type { Move, Timed } from '../../testing/orders/moves.ts';
import { runMoves, tell } from '../../testing/orders/run-order.ts';
import { create, scenarios } from '../../testing/orders/scenarios.ts';

/**
 * A removal has no row any more, and stands before its end because the core died. Nothing holds its server in the farm: that leaves, and the removal is
 * continued all the same.
 */
const rest: Timed = { move: { do: 'rest' }, steps: 0, who: 'window' };
const timed = (move: Move): Timed => ({ move, steps: 0, who: 'window' });
const commits = Array.from({ length: 24 }, (_, at) => at + 1);

test('a removal that was cut off after its row had gone comes to its end when its server has left the farm', async () => {
  const bad: string[] = [];
  let overlapped = 0;
  for (const after of commits) {
    const die = timed({ do: 'die', after, isDurable: true });
    const acts = [create('anna', 'Pine'), scenarios['remove-server'].act] as const;
    const moves = [timed(acts[0]), rest, die, { ...timed({ do: 'remove', name: 'anna' }), steps: 300 }, timed(acts[1]), rest];
    const result = await runMoves(after, moves);
    if (result.counts['died at a commit'] !== undefined && result.counts['remove-server done'] !== undefined) overlapped += 1;
    if (result.faults.length > 0) bad.push(tell(result));
  }
  console.info(`its server left ${overlapped} times`);
  expect(bad.join('\n\n')).toBe('');
  expect(overlapped).toBeGreaterThan(0);
}, 300_000);

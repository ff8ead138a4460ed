import { expect, test } from 'vitest';
import type { Act } from '../testing/orders/acts.ts';
import type { Move, Timed } from '../testing/orders/moves.ts';
import { runMoves, tell } from '../testing/orders/run-order.ts';
import { create, scenarios } from '../testing/orders/scenarios.ts';

/**
 * What is removed comes back under the same name while its removal has not ended: between the row that makes the name free and the proof that nothing
 * is left. What the new one made is not a leftover of the old one.
 */
const rest: Timed = { move: { do: 'rest' }, steps: 0, who: 'window' };
const timed = (move: Move, steps: number, who = 'window'): Timed => ({ move, steps, who });
const ends: readonly (readonly ['remove' | 'remove-domain' | 'remove-server', Act])[] = [
  ['remove', create('anna')],
  ['remove-domain', { do: 'add-domain', domain: 'shop.test' }],
  ['remove-server', { do: 'join-server', server: 'Pine' }],
];
const commits = Array.from({ length: 24 }, (_, at) => at + 1);
const waits = [0, 8, 160];

test.each(ends)(
  '%s, and the same name again while it stands before its end',
  async (type, again) => {
    const { before, act } = scenarios[type];
    const bad: string[] = [];
    let overlapped = 0;
    for (const after of commits)
      for (const wait of waits) {
        const moves = [
          ...before.flatMap((one) => [timed(one, 0), rest]),
          timed({ do: 'die', after, isDurable: true }, 0),
          timed(act, 300),
          timed({ do: 'wait', ms: 0 }, wait),
          timed(again, 300, 'panel'),
        ];
        const result = await runMoves(after, moves);
        if (result.counts['died at a commit'] !== undefined && result.counts[`${again.do} done`] !== undefined) overlapped += 1;
        if (result.faults.length > 0) bad.push(tell(result));
      }
    console.info(`${type}: ${overlapped} came back while it had not ended`);
    expect(bad.join('\n\n')).toBe('');
    expect(overlapped).toBeGreaterThan(0);
  },
  300_000,
);

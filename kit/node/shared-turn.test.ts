import { expect, it } from 'vitest';
import { createSharedTurn } from './shared-turn.ts';

/** How many pieces were done in each turn of the event loop. */
async function turnsOf(pieces: number, pieceMs: number, longestMs: number): Promise<number[]> {
  let nowMs = 0;
  const shared = createSharedTurn(longestMs, () => nowMs);
  const turns = [0];
  let isOver = false;
  const turn = (): void => {
    if (isOver) return;
    turns.push(0);
    setImmediate(turn);
  };
  setImmediate(turn);
  for (let at = 0; at < pieces; at += 1) {
    await shared.share();
    nowMs += pieceMs;
    turns[turns.length - 1] = (turns.at(-1) ?? 0) + 1;
  }
  isOver = true;
  return turns.filter((count) => count > 0);
}

it('the event loop goes on when the pieces of one turn took their time', async () => {
  const turns = await turnsOf(100, 3, 10);
  expect(turns.reduce((sum, count) => sum + count, 0)).toBe(100);
  expect(Math.max(...turns)).toBe(4);
  expect(turns).toHaveLength(25);
});

it('pieces that are short share one turn', async () => {
  expect(await turnsOf(100, 0.01, 10)).toEqual([100]);
});

it('one that takes longer than a turn may is done, and the next waits', async () => {
  expect(await turnsOf(3, 50, 10)).toEqual([1, 1, 1]);
});

it('a turn that is over begins anew', async () => {
  let nowMs = 0;
  const shared = createSharedTurn(10, () => nowMs);
  await shared.share();
  await new Promise((resolve) => setImmediate(resolve));
  nowMs += 1000;
  let isDone = false;
  void shared.share().then(() => {
    isDone = true;
  });
  await Promise.resolve();
  await Promise.resolve();
  expect(isDone).toBe(true);
});

import { expect, test } from 'vitest';
import { clockWatch } from './clock-watch.ts';

/** What is told of an agent 5 ms away whose beats arrived so: the agent's clock minus ours. */
const told = (...arrivedMs: number[]): number[] => {
  const jumps: number[] = [];
  const watch = clockWatch(0, 5, (offsetMs) => jumps.push(offsetMs));
  for (const one of arrivedMs) watch(one);
  return jumps;
};

test.each<[string, number[], number[]]>([
  ['nothing of beats as usual', [-5, -6, -40, -5], []],
  ['nothing of one beat that was held up', [-5, -9_000, -5, -5], []],
  ['nothing of a drift below half a second', [-5, -450, -450], []],
  ['a clock that was set, once two beats agree', [-5, 59_995, 59_994, 59_995], [60_000]],
  ['a clock that was set back', [-5, -60_005, -60_005], [-60_000]],
  ['each time that it is set', [-5, 9_995, 9_995, -5, -5], [10_000, 0]],
  ['nothing of what a core that slept finds waiting', [-5, -9_000, -6_000, -3_000, -5, -5], []],
])('%s', (_what, arrivedMs, jumps) => {
  expect(told(...arrivedMs)).toEqual(jumps);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  breakAtGaps,
  chartBounds,
  chartGaps,
  distinctLabels,
  gapsSince,
  loneSamples,
  niceTop,
  timeTicks,
  usualStepMs,
} from './chart-shape.ts';

const times = [0, 10, 20, 60, 70];

test('the usual step is not stretched by a hole', () => {
  expect(usualStepMs(times)).toBe(10);
  expect(usualStepMs([5])).toBe(0);
});

test.each([
  ['no hole', [0, 10, 20], [[1, 2, 3]], undefined, []],
  ['samples missing', times, [[1, 1, 1, 1, 1]], undefined, [{ fromMs: 20, toMs: 60 }]],
  ['values missing', [0, 10, 20, 30, 40], [[1, null, null, null, 5]], undefined, [{ fromMs: 0, toMs: 40 }]],
  [
    'one series still has values',
    [0, 10, 20, 30, 40],
    [
      [1, null, null, null, 5],
      [1, 1, 1, 1, 1],
    ],
    undefined,
    [],
  ],
  [
    'nothing before the first and after the last',
    [100, 110, 120],
    [[1, 1, 1]],
    { fromMs: 0, toMs: 200 },
    [
      { fromMs: 0, toMs: 100 },
      { fromMs: 120, toMs: 200 },
    ],
  ],
  ['nothing at all', [], [[]], { fromMs: 0, toMs: 9 }, [{ fromMs: 0, toMs: 9 }]],
] as const)('gaps: %s', (_name, timesMs, series, range, expected) => {
  expect(chartGaps(timesMs, series, range)).toEqual(expected);
});

test('a line is broken inside a hole and nowhere else', () => {
  expect(breakAtGaps(times, [[1, 2, 3, 4, 5]])).toEqual({ timesMs: [0, 10, 20, 30, 60, 70], series: [[1, 2, 3, null, 4, 5]] });
});

test('breaking keeps every sample and the rising order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 60 }), (steps) => {
      let at = 0;
      const timesMs = steps.map((step) => {
        at += step;
        return at;
      });
      const values = timesMs.map((_, index) => index);
      const broken = breakAtGaps(timesMs, [values]);
      expect(broken.timesMs).toEqual([...new Set(broken.timesMs)].sort((a, b) => a - b));
      expect(broken.series[0]?.filter((value) => value !== null)).toEqual(values);
    }),
  );
});

test.each([
  [0, 1],
  [-3, 1],
  [0.07, 0.08],
  [1, 1],
  [187, 200],
  [1024, 1200],
  [1106, 1200],
  [9_999, 10_000],
])('the top above %d is %d', (value, top) => {
  expect(niceTop(value)).toBe(top);
});

test('bounds: a limit is inside, given bounds win, a flat zero still has height', () => {
  expect(chartBounds([[645, null]], [1024])).toEqual({ min: 0, max: 1200 });
  expect(chartBounds([[645]], [], { max: 50 })).toEqual({ min: 0, max: 50 });
  expect(chartBounds([[-30, 10]], [])).toEqual({ min: -30, max: 10 });
  expect(chartBounds([[0, 0]], [], { max: 0 })).toEqual({ min: 0, max: 1 });
});

test('ticks are round local times that leave both ends free', () => {
  const from = new Date(2026, 10, 11, 14, 32).getTime();
  const to = from + 86_400_000;
  const ticks = timeTicks(from, to, 4);
  expect(ticks.map((tick) => new Date(tick).getHours())).toEqual([18, 0, 6, 12]);
  expect(timeTicks(from, to, 4, 0.2).map((tick) => new Date(tick).getHours())).toEqual([18, 0, 6]);
  expect(timeTicks(to, from, 4)).toEqual([]);
});

test('nothing is missing before the thing existed', () => {
  const gaps = [
    { fromMs: 0, toMs: 10 },
    { fromMs: 20, toMs: 40 },
    { fromMs: 50, toMs: 60 },
  ];
  expect(gapsSince(gaps, 30)).toEqual([
    { fromMs: 30, toMs: 40 },
    { fromMs: 50, toMs: 60 },
  ]);
  expect(gapsSince(gaps, 0)).toEqual(gaps);
});

test('a sample that no line leads to is found', () => {
  expect(loneSamples([1, null, 2, 3, null, 0])).toEqual([0, 5]);
  expect(loneSamples([null, 0, undefined])).toEqual([1]);
  expect(loneSamples([])).toEqual([]);
});

test('labels that read the same stand once', () => {
  expect(distinctLabels(['0 %', '1 %', '1 %'])).toEqual(['0 %', '', '1 %']);
  expect(distinctLabels(['0 B', '0 B', '1 B'])).toEqual(['0 B', '', '1 B']);
  expect(distinctLabels(['0', '50', '100 %'])).toEqual(['0', '50', '100 %']);
});

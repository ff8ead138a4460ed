import { describe, expect, test } from 'vitest';
import { binned, median, quantile } from './history.ts';
import { busiestOf, withMeasurement } from './peaks.ts';

describe('history', () => {
  test('means fall into their step and a missing step is a gap', () => {
    const samples = [
      { atMs: 1000, values: { cpu: 10 } },
      { atMs: 6000, values: { cpu: 30 } },
      { atMs: 31_000, values: { cpu: 50 } },
    ];
    const bins = binned(samples, ['cpu', 'answer'], 0, 40_000, 4);
    expect(bins.stepMs).toBe(10_000);
    expect(bins.lines.cpu).toEqual([20, null, null, 50]);
    expect(bins.lines.answer).toEqual([null, null, null, null]);
  });

  test('a step is never finer than two samples', () => {
    expect(binned([], ['cpu'], 0, 60_000, 1000).stepMs).toBe(10_000);
  });

  test('quantiles of nothing are undefined', () => {
    expect(median([])).toBeUndefined();
    expect(quantile([5, 1, 9], 0.95)).toBe(9);
  });
});

describe('peaks', () => {
  test('what was not measured is no zero in the busiest hour, and comes when it is measured', () => {
    const hour = 3_600_000;
    const without = withMeasurement(new Map(), 0, { cpuMillicores: 5 });
    expect(busiestOf(without)).toEqual({ cpuMillicores: 5 });
    expect(busiestOf(withMeasurement(without, hour, { memoryBytes: 7 }))).toEqual({ cpuMillicores: 5, memoryBytes: 7 });
    expect(busiestOf(new Map())).toBeUndefined();
  });

  test('the busiest hour is forgotten after a day', () => {
    const hour = 3_600_000;
    const some = { memoryBytes: 5, cpuMillicores: 50, diskBytes: 1 };
    const peaks = withMeasurement(withMeasurement(new Map(), 0, { ...some, memoryBytes: 90 }), 5 * hour, some);
    expect(busiestOf(peaks)?.memoryBytes).toBe(90);
    expect(busiestOf(withMeasurement(peaks, 24 * hour, some))?.memoryBytes).toBe(5);
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { askedRange, keptActive, leastWidthPx, ROWS_PER_BLOCK } from './table-range.ts';

test.each([
  [0, 25, 10_000, { start: 0, end: 100 }],
  [100, 125, 10_000, { start: 50, end: 200 }],
  [9_980, 9_999, 10_000, { start: 9_950, end: 10_000 }],
  [0, 3, 4, { start: 0, end: 4 }],
  [0, 0, 0, { start: 0, end: 0 }],
  // Rows went while the list stood far below.
  [900, 920, 120, { start: 50, end: 120 }],
])('rows %d to %d of %d', (first, last, count, expected) => {
  expect(askedRange(first, last, count)).toEqual(expected);
});

test('what is visible is always asked for, in whole blocks', () => {
  fc.assert(
    fc.property(fc.nat(20_000), fc.nat(60), fc.integer({ min: 1, max: 20_000 }), (first, height, count) => {
      const top = Math.min(first, count - 1);
      const bottom = Math.min(top + height, count - 1);
      const { start, end } = askedRange(top, bottom, count);
      expect(start).toBeLessThanOrEqual(top);
      expect(end).toBeGreaterThan(bottom);
      expect(end).toBeLessThanOrEqual(count);
      expect(start % ROWS_PER_BLOCK).toBe(0);
    }),
  );
});

test('the active row stays inside', () => {
  expect(keptActive(50, 10)).toBe(9);
  expect(keptActive(3, 10)).toBe(3);
  expect(keptActive(3, 0)).toBe(0);
});

test('the least width counts the pixels each track insists on', () => {
  expect(leastWidthPx(['40px', 'minmax(120px, 1fr)', '1fr'])).toBe(160);
});

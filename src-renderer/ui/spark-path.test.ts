import { expect, test } from 'vitest';
import { sparkPaths } from './spark-path.ts';

test('a rising line goes from bottom left to top right, its area closes at the floor', () => {
  const { line, area } = sparkPaths([0, 10], 96, 24);
  expect(line).toBe('M0 21.2L96 2.8');
  expect(area).toBe('M0 21.2L96 2.8L96 24L0 24Z');
});

test('a hole breaks the line', () => {
  expect(sparkPaths([1, 2, null, 3, 4], 100, 20).line.match(/M/gu)).toHaveLength(2);
});

test('a flat line lies in the middle; nothing known draws nothing', () => {
  expect(sparkPaths([5, 5], 96, 24).line).toBe('M0 12L96 12');
  expect(sparkPaths([null, Number.NaN], 96, 24)).toEqual({ line: '', area: '' });
  expect(sparkPaths([1], 96, 24).line).toBe('');
});

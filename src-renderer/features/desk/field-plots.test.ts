import { expect, test } from 'vitest';
import { cellsOf, worstOf } from './field-plots.ts';

test('one square a letter; a letter of a newer core is not known', () => {
  expect(cellsOf('gwabpuz')).toEqual(['good', 'working', 'warning', 'bad', 'paused', 'unknown', 'unknown']);
});

test.each([
  ['good', ['good', 'bad'], 'bad'],
  ['warning', ['good'], 'warning'],
  ['good', ['paused', 'working'], 'good'],
  ['paused', ['good', 'paused'], 'paused'],
  ['paused', ['warning'], 'warning'],
  ['bad', [], 'bad'],
] as const)('a server in %s with %j shows %s', (server, cells, worst) => {
  expect(worstOf(server, cells)).toBe(worst);
});

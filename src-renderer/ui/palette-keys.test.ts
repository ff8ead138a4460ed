import { expect, test } from 'vitest';
import { matchRanges, nextInPalette } from './palette-keys.ts';

const counts = [3, 0, 2];

test.each([
  ['ArrowDown', false, 4, 0],
  ['ArrowUp', false, 0, 4],
  ['Home', false, 3, 0],
  ['End', false, 0, 4],
  ['Tab', false, 1, 3],
  ['Tab', false, 4, 0],
  ['Tab', true, 3, 0],
  ['Tab', true, 1, 3],
])('%s (shift %s) from %d leads to %d', (key, isShift, from, to) => {
  expect(nextInPalette(key, isShift, from, counts)).toBe(to);
});

test('letters are typed, and nothing is chosen among nothing', () => {
  expect(nextInPalette('a', false, 0, counts)).toBeNull();
  expect(nextInPalette('ArrowDown', false, 0, [0, 0])).toBeNull();
});

test.each([
  ['kest', 'Kestrel Dental', [[0, 4]]],
  [
    'dental kest',
    'Kestrel Dental',
    [
      [0, 4],
      [8, 14],
    ],
  ],
  ['берёз', 'Дачный союз «Берёзка»', [[13, 18]]],
  ['kes estr', 'kestrel', [[0, 5]]],
  ['oak', 'Elm', null],
  ['  ', 'Elm', []],
  // Its small letter is two characters long: found, but not marked.
  ['istanbul', 'İstanbul istanbul', []],
] as const)('"%s" in "%s"', (query, text, expected) => {
  expect(matchRanges(query, text)).toEqual(expected);
});

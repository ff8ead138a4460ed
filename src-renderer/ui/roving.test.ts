import { expect, test } from 'vitest';
import { nextInGroup, tabStopOfGroup } from './roving.ts';

const group = [true, false, true, true, false];

test.each([
  ['ArrowDown', 0, 2],
  ['ArrowRight', 3, 0],
  ['ArrowUp', 2, 0],
  ['ArrowLeft', 0, 3],
  ['Home', 3, 0],
  ['End', 0, 3],
])('%s from %d leads to %d', (key, from, to) => {
  expect(nextInGroup(key, from, group)).toBe(to);
});

test('other keys and groups without a choice lead nowhere', () => {
  expect(nextInGroup('x', 0, group)).toBeNull();
  expect(nextInGroup('ArrowDown', 0, [false, false])).toBeNull();
  expect(nextInGroup('ArrowDown', 0, [])).toBeNull();
});

test('a lone choice stays where it is', () => {
  expect(nextInGroup('ArrowDown', 0, [true])).toBe(0);
});

test('the tab stop is the chosen one, or the first that can be chosen', () => {
  expect(tabStopOfGroup(2, group)).toBe(2);
  expect(tabStopOfGroup(1, group)).toBe(0);
  expect(tabStopOfGroup(-1, [false, true])).toBe(1);
  expect(tabStopOfGroup(-1, [false])).toBe(0);
});

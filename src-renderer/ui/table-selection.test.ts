import { expect, test } from 'vitest';
import { allSelected, headState, isSelected, nothingSelected, selectedCount, setSelected } from './table-selection.ts';

test('single rows are ticked and unticked', () => {
  const two = setSelected(nothingSelected, ['a', 'b'], true);
  expect([isSelected(two, 'a'), isSelected(two, 'c'), selectedCount(two, 100)]).toEqual([true, false, 2]);
  expect(selectedCount(setSelected(two, ['a'], false), 100)).toBe(1);
});

test('all of ten thousand needs no list, and remembers exceptions', () => {
  const butOne = setSelected(allSelected, ['a'], false);
  expect([isSelected(butOne, 'a'), isSelected(butOne, 'never loaded'), selectedCount(butOne, 10_000)]).toEqual([false, true, 9_999]);
  expect(setSelected(butOne, ['a'], true)).toEqual(allSelected);
});

test('what is given is not changed', () => {
  setSelected(nothingSelected, ['a'], true);
  expect(selectedCount(nothingSelected, 5)).toBe(0);
});

test.each([
  [nothingSelected, 5, false],
  [allSelected, 5, true],
  [allSelected, 0, false],
  [setSelected(allSelected, ['a'], false), 5, 'some'],
  [setSelected(nothingSelected, ['a'], true), 5, 'some'],
  [setSelected(nothingSelected, ['a'], true), 1, true],
] as const)('the head shows what is selected (%#)', (selection, count, expected) => {
  expect(headState(selection, count)).toBe(expected);
});

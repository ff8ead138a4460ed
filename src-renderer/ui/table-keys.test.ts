import { expect, test } from 'vitest';
import { indicesBetween, tableAct, type TableAct } from './table-keys.ts';

const place = { active: 5, rowCount: 100, pageRows: 20, canSelect: true };
const press = (key: string, held: 'shift' | 'control' | 'none' = 'none', at = place): TableAct | null =>
  tableAct({ key, isShift: held === 'shift', isControl: held === 'control' }, at);

test.each([
  ['ArrowDown', 6],
  ['ArrowUp', 4],
  ['PageDown', 24],
  ['PageUp', 0],
  ['Home', 0],
  ['End', 99],
])('%s moves to %d', (key, to) => {
  expect(press(key)).toEqual({ act: 'move', to, isExtending: false });
});

test('moving stops at both ends', () => {
  expect(press('ArrowUp', 'none', { ...place, active: 0 })).toMatchObject({ to: 0 });
  expect(press('ArrowDown', 'none', { ...place, active: 99 })).toMatchObject({ to: 99 });
});

test('space ticks, Enter opens, Ctrl+A takes all, Escape none; a plain letter is not ours', () => {
  expect(press(' ')).toEqual({ act: 'toggle' });
  expect(press('Enter')).toEqual({ act: 'open' });
  expect(press('a', 'control')).toEqual({ act: 'select-all' });
  expect(press('Escape')).toEqual({ act: 'clear' });
  expect(press('a')).toBeNull();
});

test('shift extends only where rows can be selected', () => {
  expect(press('ArrowDown', 'shift')).toMatchObject({ isExtending: true });
  const fixed = { ...place, canSelect: false };
  expect(press('ArrowDown', 'shift', fixed)).toMatchObject({ isExtending: false });
  expect(press(' ', 'none', fixed)).toBeNull();
  expect(press('Escape', 'none', fixed)).toBeNull();
});

test('an empty table answers no key', () => {
  expect(press('ArrowDown', 'none', { ...place, rowCount: 0 })).toBeNull();
});

test('indices between two rows, in either direction', () => {
  expect(indicesBetween(3, 6)).toEqual([3, 4, 5, 6]);
  expect(indicesBetween(6, 3)).toEqual([3, 4, 5, 6]);
  expect(indicesBetween(4, 4)).toEqual([4]);
});

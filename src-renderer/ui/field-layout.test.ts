import { expect, test } from 'vitest';
import { fieldLayout, plotCells, type FieldPlot } from './field-layout.ts';

function plot(id: string, extra: Partial<FieldPlot> = {}): FieldPlot {
  return { id, name: id, state: 'good', says: '', cells: [], roomCount: 0, ...extra };
}

const many = (count: number, groupId?: string): FieldPlot[] =>
  Array.from({ length: count }, (_, index) => plot(`${groupId ?? 'p'}${index}`, groupId === undefined ? {} : { groupId }));

const groups = [
  { id: 'fra', title: 'Frankfurt', note: '' },
  { id: 'hel', title: 'Helsinki', note: '' },
  { id: 'none', title: 'Nowhere', note: '' },
];

test('up to 24 servers are one section of large plots, whatever their places', () => {
  const plots = many(24, 'fra');
  expect(fieldLayout(plots, groups)).toEqual({ isSmall: false, sections: [{ group: undefined, plots }] });
});

test('from 25 on places get headings in their given order; empty places and strangers get none', () => {
  const plots = [...many(10, 'hel'), ...many(14, 'fra'), plot('stranger', { groupId: 'mars' }), plot('homeless')];
  const layout = fieldLayout(plots, groups);
  expect(layout.isSmall).toBe(true);
  expect(layout.sections.map((section) => [section.group?.id, section.plots.length])).toEqual([
    ['fra', 14],
    ['hel', 10],
    [undefined, 2],
  ]);
});

test('25 servers without places are one small section', () => {
  const layout = fieldLayout(many(25), []);
  expect(layout.isSmall).toBe(true);
  expect(layout.sections).toHaveLength(1);
});

test('small plots draw no room; old plots lose their colours', () => {
  const one = plot('a', { cells: ['good', 'bad'], roomCount: 3 });
  expect(plotCells(one, false)).toEqual({ cells: ['good', 'bad'], roomCount: 3 });
  expect(plotCells(one, true).roomCount).toBe(0);
  expect(plotCells({ ...one, isOld: true }, false).cells).toEqual(['unknown', 'unknown']);
});

test('a plot with more squares than fit keeps every alert', () => {
  const cells = Array.from({ length: 500 }, (_, index) => (index === 499 ? ('bad' as const) : ('good' as const)));
  const drawn = plotCells(plot('a', { cells, roomCount: 9 }), false, 100);
  expect(drawn.cells).toHaveLength(100);
  expect(drawn.cells).toContain('bad');
  expect(drawn.roomCount).toBe(0);
});

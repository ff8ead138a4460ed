import { expect, test } from 'vitest';
import type { History } from '#contract/api/monitoring.ts';
import { chartGroups } from '#contract/catalogue/metrics.ts';
import { createFormat } from './format/format.ts';
import { chartsOf, sayValue } from './metric-charts.ts';

const history = (series: History['series']): History => ({ atMs: [1, 2, 3], stepMs: 1, isSimulated: false, clockOffsetMs: 0, series });
const line = (metric: string, values: (number | null)[], more: Partial<History['series'][number]> = {}) => ({
  metric,
  unit: 'bytes' as const,
  minimum: 0,
  values,
  ...more,
});

test('charts and lines stand in the catalogue’s order, whatever order the core sends', () => {
  const sent = history([line('networkIn', [1]), line('networkOut', [2]), line('disk', [3]), line('memory', [5]), line('cpu', [4])]);
  // A further chart or line of the catalogue changes nothing of the order of these.
  const isSent = (metric: string): boolean => sent.series.some((one) => one.metric === metric);
  const drawn = chartsOf('server', sent).map(({ group, lines }) => [group, ...lines.map(({ metric }) => metric).filter(isSent)]);
  expect(drawn.filter(({ length }) => length > 1)).toEqual([
    ['processor', 'cpu'],
    ['memory', 'memory'],
    ['disk', 'disk'],
    ['network', 'networkOut', 'networkIn'],
  ]);
  expect(chartsOf('instance', history([])).map(({ group, look }) => [group, look.isWide])).toEqual(
    Object.entries(chartGroups.instance).map(([group, { isWide }]) => [group, isWide]),
  );
});

test('on a chart of shares values are percent of what bounds them, and a gap stays a gap', () => {
  const [processor, memory] = chartsOf(
    'server',
    history([line('cpu', [50, null, 25], { unit: 'percent', maximum: 100 }), line('memory', [5, null, 10], { maximum: 10 })]),
  );
  expect(processor?.lines[0]).toMatchObject({ unit: 'percent', values: [50, null, 25] });
  expect(memory?.lines[0]).toMatchObject({ unit: 'percent', values: [50, null, 100] });
});

test('what an older core does not send is a line without values, never zeros; what a newer one sends besides is not drawn', () => {
  const [answer] = chartsOf('instance', history([line('sessions', [1])]));
  expect(answer?.lines).toMatchObject([{ metric: 'answer', unit: 'milliseconds', values: [] }]);
});

test.each([
  ['percent', 41, '41 %'],
  ['share', 0.41, '41 %'],
  ['millicores', 410, '41 %'],
  ['bytes', 1_048_576, '1 MB'],
  ['milliseconds', 104, '104 ms'],
] as const)('a value in %s is said with its unit', (unit, value, said) => {
  expect(sayValue(createFormat('en', 'UTC'), unit, value).replaceAll('\u00a0', ' ')).toBe(said);
});

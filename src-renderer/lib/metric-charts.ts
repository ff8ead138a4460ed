import type { History } from '#contract/api/monitoring.ts';
import {
  type ChartGroup,
  type ChartGroupRow,
  chartGroups,
  type DrawnMetric,
  drawnMetricsOf,
  groupsOf,
  type MetricRow,
  type MetricRows,
  type MetricSubject,
  metricCatalogue,
} from '#contract/catalogue/metrics.ts';
import type { Format } from './format/format.ts';

type Values = readonly (number | null)[];
type Unit = History['series'][number]['unit'];

export type MetricLine<Subject extends MetricSubject> = {
  readonly metric: DrawnMetric<Subject>;
  readonly row: MetricRow;
  readonly unit: Unit;
  /** In `unit`; on a chart of shares in percent of the bound. Empty where the core does not know the metric. */
  readonly values: Values;
};
export type MetricChart<Subject extends MetricSubject> = {
  readonly group: ChartGroup<Subject>;
  readonly look: ChartGroupRow;
  /** The first gives the number in the chart's head. */
  readonly lines: readonly [MetricLine<Subject>, ...MetricLine<Subject>[]];
};

function lineOf<Subject extends MetricSubject>(
  history: History,
  metric: DrawnMetric<Subject>,
  row: MetricRow,
  look: ChartGroupRow,
): MetricLine<Subject> {
  const series = history.series.find((one) => one.metric === metric);
  const unit = series?.unit ?? (row.told === 'as-is' ? row.unit : 'percent');
  const values = series?.values ?? [];
  if (look.axis !== 'share' || unit === 'percent') return { metric, row, unit, values };
  const whole = Math.max(1, series?.maximum ?? 1);
  return { metric, row, unit: 'percent', values: values.map((value) => (value === null ? null : (value / whole) * 100)) };
}

/** The charts of a subject's page from the catalogue's groups. A group without a metric is left out; a metric that only the core knows is not drawn. */
export function chartsOf<Subject extends MetricSubject>(subject: Subject, history: History): readonly MetricChart<Subject>[] {
  const rows: MetricRows = metricCatalogue[subject];
  const looks: Readonly<Record<string, ChartGroupRow>> = chartGroups[subject];
  return groupsOf(subject).flatMap((group) => {
    const look = looks[group];
    if (look === undefined) return [];
    const [first, ...others] = drawnMetricsOf(subject).flatMap((metric) => {
      const row = rows[metric];
      return row?.group === group ? [lineOf<Subject>(history, metric, row, look)] : [];
    });
    return first === undefined ? [] : [{ group, look, lines: [first, ...others] }];
  });
}

/** A value of a line as people read it, with its unit. */
export function sayValue(format: Format, unit: Unit, value: number): string {
  switch (unit) {
    case 'percent':
      return format.percent(value / 100);
    case 'share':
      return format.percent(value);
    case 'millicores':
      return format.percent(value / 1000);
    case 'bytes':
      return format.bytes(value);
    case 'bytesPerSecond':
      return format.bytesPerSecond(value);
    case 'milliseconds':
      return format.answer(value);
  }
}

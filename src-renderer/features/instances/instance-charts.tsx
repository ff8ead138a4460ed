import { useState } from 'react';
import type { InstanceView } from '#contract/api/instances.ts';
import type { History } from '#contract/api/monitoring.ts';
import type { Translate } from '#words/translate.ts';
import { sayFailure } from '../../lib/failure.ts';
import { chartSentence, newestValue } from '../../lib/format/chart-words.ts';
import type { Format } from '../../lib/format/format.ts';
import { chartsOf, type MetricChart, sayValue } from '../../lib/metric-charts.ts';
import { useQuery } from '../../lib/use-query.ts';
import { sizeText } from '../../lib/format/size.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { coreNowMs } from '../../stores/snapshot.ts';
import { Banner } from '../../ui/banner.tsx';
import { Chart } from '../../ui/chart.tsx';
import { Columns, Stack } from '../../ui/page.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Segments } from '../../ui/segments.tsx';
import { SkeletonRows } from '../../ui/skeleton-rows.tsx';

const spans = { '1h': { ms: 3_600_000, everyMs: 10_000 }, '24h': { ms: 86_400_000, everyMs: 60_000 } } as const;
type Span = keyof typeof spans;
const POINTS = 240;

type ChartsProps = { readonly history: History; readonly instance: InstanceView; readonly range: { fromMs: number; toMs: number } };
type InstanceChart = MetricChart<'instance'>;
const NARROW_PX = 76;

/** The number in the chart's head, and what stands beside it: its unit, or of how much it is a part. */
function headOf({ lines: [{ row, unit, values }] }: InstanceChart, { limits }: InstanceView, words: Translate, format: Format) {
  const newest = newestValue(values);
  if (row.told === 'percent-of-core')
    return { value: newest === undefined ? '–' : format.number(Math.round(newest)), unit: words('instances.page.charts.ofCore') };
  const said = newest === undefined ? '–' : sayValue(format, unit, newest);
  if (row.bound !== null && row.bound !== 'cpuMillicores')
    return { value: said, unit: words('instances.page.charts.ofSize', { size: sizeText(format, limits[row.bound]) }) };
  const [value = '', ownUnit = ''] = said.split('\u00a0');
  return { value, unit: ownUnit };
}

function OneChart({ history, instance, range, chart }: ChartsProps & { readonly chart: InstanceChart }) {
  const words = useWords();
  const format = useFormat();
  const { group, look, lines } = chart;
  const [{ row, values, unit }] = lines;
  const say = (value: number): string => sayValue(format, unit, value);
  const plan = { label: words('instances.page.charts.plan', { plan: instance.plan.key }) };
  return (
    <Chart
      timesMs={history.atMs}
      stepMs={history.stepMs}
      range={range}
      existsSinceMs={instance.createdAtMs}
      syncKey="instance"
      nowLabel={words('instances.page.charts.now')}
      min={0}
      title={words(`monitoring.group.instance.${group}`)}
      {...headOf(chart, instance, words, format)}
      says={chartSentence({ atMs: history.atMs, stepMs: history.stepMs, values }, words, format, say)}
      series={lines.map((line) => ({ label: words(`monitoring.metric.instance.${line.metric}`), values: line.values }))}
      limits={look.limit === 'plan' && row.bound !== null ? [{ ...plan, value: instance.limits[row.bound] }] : []}
      formatValue={say}
      {...(look.isWide ? {} : { heightPx: NARROW_PX })}
    />
  );
}

function Charts(props: ChartsProps) {
  const charts = chartsOf('instance', props.history);
  const drawn = (isWide: boolean) =>
    charts.filter(({ look }) => look.isWide === isWide).map((chart) => <OneChart key={chart.group} {...props} chart={chart} />);
  return (
    <Stack>
      {drawn(true)}
      <Columns look="two">{drawn(false)}</Columns>
    </Stack>
  );
}

/** A chart for each group of the catalogue, under one cursor. What was not measured is a hole, never a line. */
export function InstanceCharts({ instance }: { instance: InstanceView }) {
  const words = useWords();
  const [span, setSpan] = useState<Span>('1h');
  const { ms, everyMs } = spans[span];
  const history = useQuery(
    `instances.history.${instance.id}.${span}`,
    (core, options) => {
      const untilMs = coreNowMs();
      return core.monitoring.instanceHistory({ instanceId: instance.id, sinceMs: untilMs - ms, untilMs, points: POINTS }, options);
    },
    { everyMs },
  );
  const toMs = history.data?.atMs.at(-1) ?? coreNowMs();
  return (
    <Panel
      title={words(`instances.page.charts.${span}`)}
      look="open"
      acts={
        <Segments
          label={words('instances.page.span')}
          size="small"
          value={span}
          onChange={(id) => setSpan(id === '24h' ? '24h' : '1h')}
          segments={[
            { id: '1h', text: words('instances.page.span.1h') },
            { id: '24h', text: words('instances.page.span.24h') },
          ]}
        />
      }
    >
      {history.failure !== undefined && <Banner state="unknown" title={sayFailure(words, history.failure)} />}
      {history.data === undefined ? (
        history.failure === undefined && <SkeletonRows label={words('instances.page.charts.loading', { name: instance.name })} />
      ) : (
        <Charts history={history.data} instance={instance} range={{ fromMs: toMs - ms, toMs }} />
      )}
    </Panel>
  );
}

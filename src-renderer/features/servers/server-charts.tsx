import { useState } from 'react';
import type { History } from '#contract/api/monitoring.ts';
import type { ServerView } from '#contract/api/servers.ts';
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
import { Chart, type ChartLimit } from '../../ui/chart.tsx';
import { Columns, Stack } from '../../ui/page.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Segments } from '../../ui/segments.tsx';
import { SkeletonRows } from '../../ui/skeleton-rows.tsx';

const spans = {
  '10min': { ms: 600_000, everyMs: 3_000 },
  '1h': { ms: 3_600_000, everyMs: 10_000 },
  '24h': { ms: 86_400_000, everyMs: 60_000 },
} as const;
type Span = keyof typeof spans;
const POINTS = 240;

/** From so much of its disk on a server is a warning. */
const WARNING_PERCENT = 90;

type ChartsProps = { readonly history: History; readonly server: ServerView; readonly range: { fromMs: number; toMs: number } };
type ServerChart = MetricChart<'server'>;

/** The line across a chart of shares: what is reserved for instances, or where the warning begins. */
function limitsOf(
  { look, lines: [{ row }] }: ServerChart,
  server: ServerView,
  words: Translate,
  say: (value: number) => string,
): ChartLimit[] {
  if (look.limit === 'warning')
    return [{ value: WARNING_PERCENT, label: words('servers.page.chart.limit', { share: say(WARNING_PERCENT) }) }];
  if (look.limit !== 'reserved' || row.bound === null) return [];
  const value = Math.round((server.promised[row.bound] / Math.max(1, server.capacity[row.bound])) * 100);
  return value > 0 ? [{ value, label: words('servers.page.chart.promised', { share: say(value) }) }] : [];
}

/** What stands beside the number: of how much it is a part, or which line it is of. */
function unitOf(
  { look, lines: [{ row, metric }, ...others] }: ServerChart,
  { capacity }: ServerView,
  words: Translate,
  format: Format,
): string {
  if (look.axis === 'value' || row.bound === null) return others.length > 0 ? words(`monitoring.metric.server.${metric}`) : '';
  if (row.bound === 'cpuMillicores') return words('servers.page.chart.ofCores', { cores: Math.round(capacity.cpuMillicores / 1000) });
  return words('servers.page.chart.ofSize', { size: sizeText(format, capacity[row.bound]) });
}

function OneChart({ history, server, range, chart }: ChartsProps & { readonly chart: ServerChart }) {
  const words = useWords();
  const format = useFormat();
  const { group, look, lines } = chart;
  const [{ values, unit }] = lines;
  const say = (value: number): string => sayValue(format, unit, value);
  const bare = (value: number): string => format.number(Math.round(value));
  const newest = newestValue(values);
  const axis = look.axis === 'share' ? { min: 0, max: 100, formatValue: say, formatTick: bare } : { min: 0, formatValue: say };
  return (
    <Chart
      {...axis}
      timesMs={history.atMs}
      stepMs={history.stepMs}
      range={range}
      existsSinceMs={server.joinedAtMs}
      syncKey="server"
      nowLabel={words('servers.page.chart.now')}
      headingLevel={3}
      title={words(`monitoring.group.server.${group}`)}
      value={newest === undefined ? '–' : (look.axis === 'share' ? bare : say)(newest)}
      unit={unitOf(chart, server, words, format)}
      says={chartSentence({ atMs: history.atMs, stepMs: history.stepMs, values }, words, format, say)}
      series={lines.map((line) => ({ label: words(`monitoring.metric.server.${line.metric}`), values: line.values }))}
      limits={limitsOf(chart, server, words, say)}
    />
  );
}

function Charts(props: ChartsProps) {
  return (
    <Columns look="two">
      {chartsOf('server', props.history).map((chart) => (
        <Panel key={chart.group}>
          <OneChart {...props} chart={chart} />
        </Panel>
      ))}
    </Columns>
  );
}

/** A chart for each group of the catalogue, with one cursor. What was not measured is a hole, never a line. */
export function ServerCharts({ server }: { server: ServerView }) {
  const words = useWords();
  const [span, setSpan] = useState<Span>('1h');
  const { ms, everyMs } = spans[span];
  const history = useQuery(
    `servers.history.${server.id}.${span}`,
    (core, options) => {
      const untilMs = coreNowMs();
      return core.monitoring.serverHistory({ serverId: server.id, sinceMs: untilMs - ms, untilMs, points: POINTS }, options);
    },
    { everyMs },
  );
  const toMs = history.data?.atMs.at(-1) ?? coreNowMs();
  return (
    <Stack>
      <div className="row">
        <span className="spring" />
        <Segments
          label={words('servers.page.span')}
          size="small"
          value={span}
          onChange={(id) => setSpan(id as Span)}
          segments={[
            { id: '10min', text: words('servers.page.span.10min') },
            { id: '1h', text: words('servers.page.span.1h') },
            { id: '24h', text: words('servers.page.span.24h') },
          ]}
        />
      </div>
      {history.failure !== undefined && <Banner state="unknown" title={sayFailure(words, history.failure)} />}
      {history.data === undefined ? (
        history.failure === undefined && <SkeletonRows label={words('servers.page.chart.loading', { name: server.name })} />
      ) : (
        <Charts history={history.data} server={server} range={{ fromMs: toMs - ms, toMs }} />
      )}
    </Stack>
  );
}

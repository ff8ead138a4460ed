import { useState } from 'react';
import type { History } from '#contract/api/monitoring.ts';
import type { ServerView } from '#contract/api/servers.ts';
import { sayFailure } from '../../lib/failure.ts';
import { chartSentence, newestValue } from '../../lib/format/chart-words.ts';
import { useQuery } from '../../lib/use-query.ts';
import { sizeText } from '../../lib/format/size.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { coreNowMs } from '../../stores/mirror.ts';
import { Banner } from '../../ui/banner.tsx';
import { Chart } from '../../ui/chart.tsx';
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

type Series = History['series'][number];
const lineOf = (history: History, metric: Series['metric']): Series | undefined =>
  history.series.find((series) => series.metric === metric);
/** Values as percent of what the server has, whatever unit they came in. */
const asPercent = (series: Series | undefined, whole: number): (number | null)[] =>
  (series?.values ?? []).map((value) => (value === null ? null : series?.unit === 'percent' ? value : (value / Math.max(1, whole)) * 100));

function Charts({ history, server, range }: { history: History; server: ServerView; range: { fromMs: number; toMs: number } }) {
  const words = useWords();
  const format = useFormat();
  const say = (value: number): string => format.percent(value / 100);
  const bare = (value: number): string => format.number(Math.round(value));
  const common = {
    timesMs: history.atMs,
    stepMs: history.stepMs,
    range,
    existsSinceMs: server.joinedAtMs,
    syncKey: 'server',
    nowLabel: words('servers.page.chart.now'),
    headingLevel: 3,
  } as const;
  const sentence = (values: readonly (number | null)[], speak: (value: number) => string): string =>
    chartSentence({ atMs: history.atMs, stepMs: history.stepMs, values }, words, format, speak);
  const now = (values: readonly (number | null)[], speak: (value: number) => string): string => {
    const newest = newestValue(values);
    return newest === undefined ? '–' : speak(newest);
  };
  const cpu = asPercent(lineOf(history, 'cpu'), server.capacity.cpuMillicores);
  const memory = asPercent(lineOf(history, 'memory'), server.capacity.memoryBytes);
  const disk = asPercent(lineOf(history, 'disk'), server.capacity.diskBytes);
  const out = lineOf(history, 'networkOut')?.values ?? [];
  const into = lineOf(history, 'networkIn')?.values ?? [];
  const rate = (value: number): string => format.bytesPerSecond(value);
  const promised = Math.round((server.promised.memoryBytes / Math.max(1, server.capacity.memoryBytes)) * 100);
  const percent = { min: 0, max: 100, formatValue: say, formatTick: bare } as const;
  return (
    <Columns look="two">
      <Panel>
        <Chart
          {...common}
          {...percent}
          title={words('servers.page.chart.processor')}
          value={now(cpu, bare)}
          unit={words('servers.page.chart.ofCores', { cores: Math.round(server.capacity.cpuMillicores / 1000) })}
          says={sentence(cpu, say)}
          series={[{ label: words('servers.page.chart.processor'), values: cpu }]}
        />
      </Panel>
      <Panel>
        <Chart
          {...common}
          {...percent}
          title={words('servers.page.chart.memory')}
          value={now(memory, bare)}
          unit={words('servers.page.chart.ofSize', { size: sizeText(format, server.capacity.memoryBytes) })}
          says={sentence(memory, say)}
          series={[{ label: words('servers.page.chart.memory'), values: memory }]}
          limits={promised > 0 ? [{ value: promised, label: words('servers.page.chart.promised', { share: say(promised) }) }] : []}
        />
      </Panel>
      <Panel>
        <Chart
          {...common}
          {...percent}
          title={words('servers.page.chart.disk')}
          value={now(disk, bare)}
          unit={words('servers.page.chart.ofSize', { size: sizeText(format, server.capacity.diskBytes) })}
          says={sentence(disk, say)}
          series={[{ label: words('servers.page.chart.disk'), values: disk }]}
          limits={[{ value: 90, label: words('servers.page.chart.limit', { share: say(90) }) }]}
        />
      </Panel>
      <Panel>
        <Chart
          {...common}
          title={words('servers.page.chart.network')}
          value={now(out, rate)}
          unit={words('servers.page.chart.perSecond')}
          says={sentence(out, rate)}
          series={[
            { label: words('servers.page.chart.out'), values: out },
            { label: words('servers.page.chart.in'), values: into },
          ]}
          min={0}
          formatValue={rate}
        />
      </Panel>
    </Columns>
  );
}

/** Four charts with one cursor. What was not measured is a hole, never a line. */
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

import { useState } from 'react';
import type { InstanceView } from '#contract/api/instances.ts';
import type { History } from '#contract/api/monitoring.ts';
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

const spans = { '1h': { ms: 3_600_000, everyMs: 10_000 }, '24h': { ms: 86_400_000, everyMs: 60_000 } } as const;
type Span = keyof typeof spans;
const POINTS = 240;

function Charts({ history, instance, range }: { history: History; instance: InstanceView; range: { fromMs: number; toMs: number } }) {
  const words = useWords();
  const format = useFormat();
  const valuesOf = (metric: History['series'][number]['metric']) => history.series.find((series) => series.metric === metric)?.values ?? [];
  const common = {
    timesMs: history.atMs,
    stepMs: history.stepMs,
    range,
    existsSinceMs: instance.createdAtMs,
    syncKey: 'instance',
    nowLabel: words('instances.page.charts.now'),
    min: 0,
  } as const;
  const sentence = (values: readonly (number | null)[], say: (value: number) => string): string =>
    chartSentence({ atMs: history.atMs, stepMs: history.stepMs, values }, words, format, say);
  const [answer, memory, cpu] = [valuesOf('answer'), valuesOf('memory'), valuesOf('cpu')];
  const sayAnswer = (value: number): string => format.answer(value);
  const sayMemory = (value: number): string => format.bytes(value);
  const sayShare = (value: number): string => format.percent(value / 100);
  const parts = (value: number | undefined, say: (value: number) => string): readonly string[] =>
    value === undefined ? ['–', ''] : say(value).split('\u00a0');
  const [answerNow, answerUnit] = parts(newestValue(answer), sayAnswer);
  const memoryNow = newestValue(memory);
  const cpuNow = newestValue(cpu);
  return (
    <Stack>
      <Chart
        {...common}
        title={words('instances.page.charts.answer')}
        value={answerNow}
        unit={answerUnit}
        says={sentence(answer, sayAnswer)}
        series={[{ label: words('instances.page.charts.answer'), values: answer }]}
        formatValue={sayAnswer}
      />
      <Columns look="two">
        <Chart
          {...common}
          title={words('instances.page.charts.memory')}
          value={memoryNow === undefined ? '–' : sayMemory(memoryNow)}
          unit={words('instances.page.charts.ofSize', { size: sizeText(format, instance.limits.memoryBytes) })}
          says={sentence(memory, sayMemory)}
          series={[{ label: words('instances.page.charts.memory'), values: memory }]}
          limits={[{ value: instance.limits.memoryBytes, label: words('instances.page.charts.plan', { plan: instance.plan.key }) }]}
          formatValue={sayMemory}
          heightPx={76}
        />
        <Chart
          {...common}
          title={words('instances.page.charts.processor')}
          value={cpuNow === undefined ? '–' : format.number(Math.round(cpuNow))}
          unit={words('instances.page.charts.ofCore')}
          says={sentence(cpu, sayShare)}
          series={[{ label: words('instances.page.charts.processor'), values: cpu }]}
          formatValue={sayShare}
          heightPx={76}
        />
      </Columns>
    </Stack>
  );
}

/** Answer time, memory and processor under one cursor. What was not measured is a hole, never a line. */
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

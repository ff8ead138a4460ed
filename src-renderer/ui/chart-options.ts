import type uPlot from 'uplot';
import type { ChartProps } from './chart.tsx';
import { breakAtGaps, chartBounds, chartGaps, distinctLabels, gapsSince, loneSamples, timeTicks, usualStepMs } from './chart-shape.ts';

const AXIS_GAP_PX = 8;
const AXIS_HEIGHT_PX = 20;
const TOP_PX = 8;
/* Room for half a dot at "now". */
const RIGHT_PX = 4;
const LONE_PX = 5;
/* Left free at the right end for the word "now", and between two labels. */
const NOW_PX = 56;

type Latest = { readonly current: ChartProps };

export function plotData(props: ChartProps): uPlot.AlignedData {
  const stepMs = props.stepMs ?? usualStepMs(props.timesMs);
  const broken = breakAtGaps(
    props.timesMs,
    props.series.map((one) => one.values),
    stepMs,
  );
  return [broken.timesMs, ...broken.series];
}

function boundsOf(props: ChartProps): { min: number; max: number } {
  return chartBounds(
    props.series.map((one) => one.values),
    (props.limits ?? []).map((limit) => limit.value),
    { ...(props.min !== undefined && { min: props.min }), ...(props.max !== undefined && { max: props.max }) },
  );
}

function rangeOf(props: ChartProps): [number, number] {
  if (props.range !== undefined) return [props.range.fromMs, props.range.toMs];
  const first = props.timesMs[0] ?? 0;
  const last = props.timesMs.at(-1) ?? first + 1;
  return [first, last > first ? last : first + 1];
}

/* Tokens as the document has them now: the plot is made again when the theme changes. */
function tokens(element: HTMLElement): (name: string) => string {
  const style = getComputedStyle(element);
  return (name) => style.getPropertyValue(name).trim();
}

function drawGaps(plot: uPlot, props: ChartProps, colour: string): void {
  const [fromMs, toMs] = rangeOf(props);
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = colour;
  const gaps = chartGaps(
    props.timesMs,
    props.series.map((one) => one.values),
    { fromMs, toMs },
    props.stepMs ?? usualStepMs(props.timesMs),
  );
  for (const gap of gapsSince(gaps, props.existsSinceMs ?? fromMs)) {
    const left = plot.valToPos(gap.fromMs, 'x', true);
    ctx.fillRect(left, bbox.top, plot.valToPos(gap.toMs, 'x', true) - left, bbox.height);
  }
  ctx.restore();
}

function drawLimits(plot: uPlot, props: ChartProps, line: string, text: string, font: string): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = line;
  ctx.fillStyle = text;
  ctx.lineWidth = scale;
  ctx.font = font;
  ctx.textAlign = 'left';
  for (const limit of props.limits ?? []) {
    const y = Math.round(plot.valToPos(limit.value, 'y', true)) + 0.5;
    if (y < bbox.top - 1 || y > bbox.top + bbox.height) continue;
    ctx.setLineDash([3 * scale, 3 * scale]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    // The name stands above its line, or below where the drawing ends.
    const isAtTop = y - bbox.top < 14 * scale;
    ctx.textBaseline = isAtTop ? 'top' : 'bottom';
    ctx.fillText(limit.label, bbox.left + 4 * scale, isAtTop ? y + 4 * scale : y - 4 * scale);
  }
  ctx.restore();
}

/* The flag at the cursor: time and one value per series, on the side where there is room. */
function cursorFlag(latest: Latest, language: string): uPlot.Plugin {
  const clock = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const flag = document.createElement('div');
  flag.className = 'chart-flag';
  flag.hidden = true;
  return {
    hooks: {
      init: (plot: uPlot) => plot.over.append(flag),
      setCursor: (plot: uPlot) => {
        const { idx, left = -1 } = plot.cursor;
        const timeMs = idx === null || idx === undefined ? undefined : plot.data[0][idx];
        flag.hidden = left < 0 || timeMs === undefined;
        if (flag.hidden || timeMs === undefined || idx === null || idx === undefined) return;
        const values = plot.data.slice(1).map((series) => series[idx]);
        const words = values.map((value) => (value === null || value === undefined ? '–' : latest.current.formatValue(value)));
        flag.textContent = [clock.format(timeMs), ...words].join('  ');
        flag.classList.toggle('is-left', left > plot.over.clientWidth * 0.6);
        flag.style.left = `${left}px`;
      },
    },
  };
}

function axes(latest: Latest, token: (name: string) => string, font: string, language: string): uPlot.Axis[] {
  const clock = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const day = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short' });
  const common = { font, stroke: token('--text-3'), ticks: { show: false } };
  return [
    {
      ...common,
      size: AXIS_HEIGHT_PX,
      gap: 4,
      grid: { show: false },
      splits: (plot) => {
        const [fromMs, toMs] = rangeOf(latest.current);
        const most = Math.max(2, Math.floor(plot.width / 130));
        return timeTicks(fromMs, toMs, most, latest.current.nowLabel === undefined ? 0.04 : NOW_PX / Math.max(1, plot.width));
      },
      values: (_, splits) => {
        const [fromMs, toMs] = rangeOf(latest.current);
        const isLong = toMs - fromMs > 3 * 86_400_000;
        return splits.map((split) => (isLong ? day : clock).format(split));
      },
    },
    {
      ...common,
      // As wide as its longest label: no word is cut, in no language.
      size: (plot, values) => {
        plot.ctx.save();
        plot.ctx.font = font;
        const widest = Math.max(0, ...(values ?? []).map((value) => plot.ctx.measureText(value).width));
        plot.ctx.restore();
        return Math.ceil(widest) + AXIS_GAP_PX + 1;
      },
      gap: AXIS_GAP_PX,
      grid: { stroke: token('--grid'), width: 1 },
      splits: () => {
        const { min, max } = boundsOf(latest.current);
        return [min, (min + max) / 2, max];
      },
      values: (_, splits) =>
        distinctLabels(
          splits.map((split, index) =>
            index === splits.length - 1
              ? latest.current.formatValue(split)
              : (latest.current.formatTick ?? latest.current.formatValue)(split),
          ),
        ),
    },
  ];
}

export function makeChartOptions(latest: Latest, element: HTMLElement, language: string): uPlot.Options {
  const token = tokens(element);
  const font = `12px ${token('--font-sans')}`;
  const canvasFont = `${12 * devicePixelRatio}px ${token('--font-sans')}`;
  const props = latest.current;
  const isAlone = props.series.length === 1;
  return {
    width: Math.max(1, element.clientWidth),
    height: (props.heightPx ?? 96) + AXIS_HEIGHT_PX,
    ms: 1,
    padding: [TOP_PX, RIGHT_PX, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: true, range: () => rangeOf(latest.current) },
      y: { range: () => [boundsOf(latest.current).min, boundsOf(latest.current).max] },
    },
    cursor: {
      y: false,
      drag: { x: false, y: false, setScale: false },
      points: { size: 12, width: 2, stroke: token('--surface') },
      ...(props.syncKey !== undefined && { sync: { key: props.syncKey, scales: ['x', null] } }),
    },
    series: [
      {},
      ...props.series.map((one, index) => ({
        label: one.label,
        stroke: token(`--series-${index + 1}`),
        width: 1.5,
        spanGaps: false,
        points: {
          show: true,
          size: LONE_PX,
          width: 0,
          fill: token(`--series-${index + 1}`),
          filter: (plot: uPlot, which: number) => loneSamples([...(plot.data[which] ?? [])]),
        },
        ...(isAlone && { fill: token('--series-1-fill') }),
      })),
    ],
    axes: axes(latest, token, font, language),
    plugins: [cursorFlag(latest, language)],
    hooks: {
      drawClear: [(plot) => drawGaps(plot, latest.current, token('--press'))],
      draw: [(plot) => drawLimits(plot, latest.current, token('--text-3'), token('--text-2'), canvasFont)],
    },
  };
}

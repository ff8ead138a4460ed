import type { Translate } from '#words/translate.ts';
import type { Format } from './format.ts';

type Values = readonly (number | null)[];
export type ChartLine = { readonly atMs: readonly number[]; readonly values: Values; readonly stepMs: number };

/** Less than this share of the highest value is called steady. */
const STEADY_SHARE = 0.06;
/** From this many times the median on, the highest value is a spike. */
const SPIKE_TIMES = 2.5;
const GAP_STEPS = 3;
/** A hole shorter than this is an agent that restarted: drawn, but not worth a sentence. */
const GAP_LEAST_MS = 60_000;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** The newest measured value, or undefined. */
export function newestValue(values: Values): number | undefined {
  return values.findLast((value) => value !== null) ?? undefined;
}

/** The length of all holes between the first and the newest measurement; holes of one or two steps are jitter. */
export function gapMs({ values, stepMs }: ChartLine): number {
  const first = values.findIndex((value) => value !== null);
  const last = values.findLastIndex((value) => value !== null);
  let total = 0;
  let run = 0;
  for (const value of first < 0 ? [] : values.slice(first, last + 1)) {
    if (value === null) run += 1;
    else {
      if (run >= GAP_STEPS) total += run;
      run = 0;
    }
  }
  return total * stepMs >= GAP_LEAST_MS ? total * stepMs : 0;
}

function shape(line: ChartLine, words: Translate, format: Format, say: (value: number) => string): string {
  const known = line.values.flatMap((value, index) => (value === null ? [] : [{ value, atMs: line.atMs[index] ?? 0 }]));
  const first = known[0];
  const last = known.at(-1);
  if (first === undefined || last === undefined) return words('monitoring.chart.none');
  const most = known.reduce((best, one) => (one.value > best.value ? one : best), first);
  const least = known.reduce((best, one) => (one.value < best.value ? one : best), first);
  const usual = median(known.map(({ value }) => value));
  if (say(most.value) === say(least.value) || most.value - least.value <= most.value * STEADY_SHARE) {
    const isRising = last.value - first.value > most.value * 0.02 && say(first.value) !== say(last.value);
    if (isRising && least.value === first.value && most.value === last.value)
      return words('monitoring.chart.rising', { least: say(first.value), most: say(last.value) });
    return words('monitoring.chart.steady', { value: say(last.value) });
  }
  const at = format.time(most.atMs);
  if (usual > 0 && most.value >= usual * SPIKE_TIMES)
    return words('monitoring.chart.spike', { usual: say(usual), most: say(most.value), at });
  return words('monitoring.chart.range', { least: say(least.value), most: say(most.value), at });
}

/** What a chart shows, in a sentence: also what a screen reader reads. Holes are said, because a hole is not a zero. */
export function chartSentence(line: ChartLine, words: Translate, format: Format, say: (value: number) => string): string {
  const gap = gapMs(line);
  const sentence = shape(line, words, format, say);
  return gap === 0 ? sentence : `${sentence} ${words('monitoring.chart.gap', { gap: format.duration(gap) })}`;
}

/* What a chart draws besides its line: where the line breaks, what is shaded, and where its scale ends. */

export type Values = readonly (number | null)[];

export interface Gap {
  fromMs: number;
  toMs: number;
}

/* A hole is longer than this many usual steps. */
const STEPS_UNTIL_GAP = 2.5;

/* The usual distance between samples: the median, so that one hole does not stretch it. */
export function usualStepMs(timesMs: readonly number[]): number {
  const steps: number[] = [];
  for (let index = 1; index < timesMs.length; index += 1) {
    steps.push((timesMs[index] ?? 0) - (timesMs[index - 1] ?? 0));
  }
  steps.sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)] ?? 0;
}

/* Stretches without a value in any series, from the last sample before to the first after; also before the first and after the last. */
export function chartGaps(
  timesMs: readonly number[],
  series: readonly Values[],
  range?: { fromMs: number; toMs: number },
  stepMs = usualStepMs(timesMs),
): Gap[] {
  const known = timesMs.filter((_, index) => series.some((values) => values[index] !== null && values[index] !== undefined));
  if (known.length === 0) return range === undefined ? [] : [{ fromMs: range.fromMs, toMs: range.toMs }];
  const longest = stepMs * STEPS_UNTIL_GAP;
  const edges = range === undefined ? known : [range.fromMs, ...known, range.toMs];
  const gaps: Gap[] = [];
  for (let index = 1; index < edges.length; index += 1) {
    const fromMs = edges[index - 1] ?? 0;
    const toMs = edges[index] ?? 0;
    if (longest > 0 && toMs - fromMs > longest) gaps.push({ fromMs, toMs });
  }
  return gaps;
}

/* What did not exist yet was not missed: gaps begin with the object at the earliest. */
export function gapsSince(gaps: readonly Gap[], sinceMs: number): Gap[] {
  return gaps.filter((gap) => gap.toMs > sinceMs).map((gap) => ({ fromMs: Math.max(gap.fromMs, sinceMs), toMs: gap.toMs }));
}

/* Samples with a hole on either side: no line leads to them, so they need a dot to be seen. */
export function loneSamples(values: readonly (number | null | undefined)[]): number[] {
  const has = (index: number): boolean => values[index] !== null && values[index] !== undefined;
  return values.flatMap((_, index) => (has(index) && !has(index - 1) && !has(index + 1) ? [index] : []));
}

/* Labels of an axis from the bottom: one that reads like the one below it says nothing and is left out; the top always stands. */
export function distinctLabels(labels: readonly string[]): string[] {
  const top = labels.at(-1);
  return labels.map((label, index) => (index < labels.length - 1 && (label === top || label === labels[index - 1]) ? '' : label));
}

export interface BrokenSeries {
  timesMs: number[];
  series: (number | null)[][];
}

/* Puts a sample without value into each hole, because a line joins whatever it is given. */
export function breakAtGaps(timesMs: readonly number[], series: readonly Values[], stepMs = usualStepMs(timesMs)): BrokenSeries {
  const broken: BrokenSeries = { timesMs: [], series: series.map(() => []) };
  timesMs.forEach((timeMs, index) => {
    const before = timesMs[index - 1];
    if (before !== undefined && stepMs > 0 && timeMs - before > stepMs * STEPS_UNTIL_GAP) {
      broken.timesMs.push(before + stepMs);
      for (const values of broken.series) values.push(null);
    }
    broken.timesMs.push(timeMs);
    broken.series.forEach((values, which) => {
      values.push(series[which]?.[index] ?? null);
    });
  });
  return broken;
}

const NICE = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10];

/* The smallest friendly number at or above a value; half of it reads well too. */
export function niceTop(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const nice = NICE.find((step) => step * power >= value * (1 - 1e-9)) ?? 10;
  return Number((nice * power).toPrecision(3));
}

export interface Bounds {
  min: number;
  max: number;
}

/* From the metric's own bounds; without them from zero to a little above what was measured and what limits it. */
export function chartBounds(series: readonly Values[], limits: readonly number[], given: { min?: number; max?: number } = {}): Bounds {
  let most = 0;
  let least = 0;
  for (const values of series) {
    for (const value of values) {
      if (value === null) continue;
      if (value > most) most = value;
      if (value < least) least = value;
    }
  }
  for (const limit of limits) most = Math.max(most, limit * 1.08);
  const min = given.min ?? (least < 0 ? -niceTop(-least) : 0);
  const max = given.max ?? niceTop(most);
  return max > min ? { min, max } : { min, max: min + 1 };
}

const MINUTE_MS = 60_000;
const TICK_STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080].map((minutes) => minutes * MINUTE_MS);

/* Round local times inside a range, at most so many; a share at the right end is left free for the word "now". */
export function timeTicks(fromMs: number, toMs: number, most: number, freeAtEnd = 0.04): number[] {
  const span = toMs - fromMs;
  if (!(span > 0) || most < 1) return [];
  const step = TICK_STEPS_MS.find((candidate) => span / candidate <= most) ?? 7 * 1440 * MINUTE_MS;
  const offset = new Date(fromMs).getTimezoneOffset() * MINUTE_MS;
  const ticks: number[] = [];
  for (let tick = Math.ceil((fromMs - offset) / step) * step + offset; tick < toMs - span * freeAtEnd; tick += step) {
    if (tick > fromMs + span * 0.03) ticks.push(tick);
  }
  return ticks;
}

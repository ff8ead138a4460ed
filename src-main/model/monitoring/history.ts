import type { MetricValues } from '#contract/catalogue/metrics.ts';

/** One stored value of a chart's line. */
export type Point = { readonly atMs: number; readonly values: MetricValues };

export type Bins = { readonly atMs: number[]; readonly stepMs: number; readonly lines: Readonly<Record<string, (number | null)[]>> };

/** Samples come this often; a finer step would show gaps that are none. */
export const sampleEveryMs = 5000;

/**
 * Means of each line in equal steps from `sinceMs` to `untilMs`, at most `points` of them. A step without a sample is null: a gap is shown, never
 * joined. A step is at least two sample intervals wide, so that one late sample makes no gap.
 */
export function binned(samples: readonly Point[], lines: readonly string[], sinceMs: number, untilMs: number, points: number): Bins {
  const stepMs = Math.max(2 * sampleEveryMs, Math.ceil((untilMs - sinceMs) / points));
  const count = Math.max(1, Math.ceil((untilMs - sinceMs) / stepMs));
  const sums = lines.map(() => new Float64Array(count));
  const counts = lines.map(() => new Uint32Array(count));
  for (const sample of samples) {
    const bin = Math.floor((sample.atMs - sinceMs) / stepMs);
    if (bin < 0 || bin >= count) continue;
    lines.forEach((line, index) => {
      const value = sample.values[line];
      if (value === undefined) return;
      const sum = sums[index];
      const seen = counts[index];
      if (sum === undefined || seen === undefined) return;
      sum[bin] = (sum[bin] ?? 0) + value;
      seen[bin] = (seen[bin] ?? 0) + 1;
    });
  }
  const result: Record<string, (number | null)[]> = {};
  lines.forEach((line, index) => {
    result[line] = Array.from({ length: count }, (_, bin) => {
      const seen = counts[index]?.[bin] ?? 0;
      return seen === 0 ? null : (sums[index]?.[bin] ?? 0) / seen;
    });
  });
  return { atMs: Array.from({ length: count }, (_, bin) => sinceMs + bin * stepMs), stepMs, lines: result };
}

export function median(values: readonly number[]): number | undefined {
  return quantile(values, 0.5);
}

/** The value below which `fraction` of the values lie (nearest rank). */
export function quantile(values: readonly number[], fraction: number): number | undefined {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))];
}

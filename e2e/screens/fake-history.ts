import type { History } from '#contract/api/monitoring.ts';
import type { InstanceMetric, ServerMetric } from '#contract/catalogue/metrics.ts';
import { GB, MB, NOW_MS, seeded } from '#contract/testing/made-up-farm/numbers.ts';

type Metric = ServerMetric | InstanceMetric;

const shapes: Record<
  Metric,
  { readonly unit: History['series'][number]['unit']; readonly base: number; readonly swing: number; readonly maximum?: number }
> = {
  cpu: { unit: 'percent', base: 32, swing: 18, maximum: 100 },
  memory: { unit: 'bytes', base: 14 * GB, swing: 2 * GB, maximum: 32 * GB },
  disk: { unit: 'bytes', base: 210 * GB, swing: GB, maximum: 480 * GB },
  networkIn: { unit: 'bytesPerSecond', base: 2 * MB, swing: 1.4 * MB },
  networkOut: { unit: 'bytesPerSecond', base: 6 * MB, swing: 4 * MB },
  answer: { unit: 'milliseconds', base: 84, swing: 30 },
  health: { unit: 'percent', base: 100, swing: 0, maximum: 100 },
};

/** Charts with a daily wave and one gap: the core was away for five minutes. */
export function historyOf(
  span: { readonly sinceMs: number; readonly untilMs: number; readonly points: number },
  metrics: readonly Metric[],
): History {
  const untilMs = Math.min(span.untilMs, NOW_MS + 60_000);
  const stepMs = Math.max(1_000, Math.round((untilMs - span.sinceMs) / span.points));
  const atMs = Array.from({ length: span.points }, (_, index) => span.sinceMs + index * stepMs);
  const gapFrom = Math.floor(span.points * 0.6);
  return {
    atMs,
    stepMs,
    isSimulated: false,
    clockOffsetMs: 12,
    series: metrics.map((metric, seed) => {
      const { unit, base, swing, maximum } = shapes[metric];
      const random = seeded(seed + 3);
      const values = atMs.map((_, index) => {
        if (index >= gapFrom && index < gapFrom + 5) return null;
        return Math.max(0, base + Math.sin((index / span.points) * Math.PI * 4) * swing + (random() - 0.5) * swing * 0.4);
      });
      return { metric, unit, minimum: 0, ...(maximum !== undefined && { maximum }), values };
    }),
  };
}

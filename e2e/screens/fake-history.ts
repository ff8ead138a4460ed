import type { History } from '#contract/api/monitoring.ts';
import { drawnMetricsOf, type MetricRows, type MetricSubject, metricCatalogue } from '#contract/catalogue/metrics.ts';
import { GB, MB, NOW_MS, seeded } from '#contract/testing/made-up-farm/numbers.ts';

type Unit = History['series'][number]['unit'];
type Shape = { readonly base: number; readonly swing: number; readonly maximum?: number };

/** What a metric looks like that asks for nothing of its own. */
const shapes: Readonly<Partial<Record<Unit, Shape>>> = {
  percent: { base: 32, swing: 18, maximum: 100 },
  bytes: { base: 14 * GB, swing: 2 * GB, maximum: 32 * GB },
  bytesPerSecond: { base: 2 * MB, swing: 1.4 * MB },
  milliseconds: { base: 84, swing: 30 },
  millicores: { base: 320, swing: 180 },
  share: { base: 0.4, swing: 0.2, maximum: 1 },
};
const ownShapes: Readonly<Record<string, Shape>> = {
  disk: { base: 210 * GB, swing: GB, maximum: 480 * GB },
  networkOut: { base: 6 * MB, swing: 4 * MB },
};

/** Every drawn metric of the subject with a daily wave and one gap: the core was away for five minutes. */
export function historyOf(
  span: { readonly sinceMs: number; readonly untilMs: number; readonly points: number },
  subject: MetricSubject,
): History {
  const rows: MetricRows = metricCatalogue[subject];
  const untilMs = Math.min(span.untilMs, NOW_MS + 60_000);
  const stepMs = Math.max(1_000, Math.round((untilMs - span.sinceMs) / span.points));
  const atMs = Array.from({ length: span.points }, (_, index) => span.sinceMs + index * stepMs);
  const gapFrom = Math.floor(span.points * 0.6);
  return {
    atMs,
    stepMs,
    isSimulated: false,
    clockOffsetMs: 12,
    series: drawnMetricsOf(subject).map((metric, seed) => {
      const row = rows[metric];
      const unit = row?.told === 'as-is' ? row.unit : 'percent';
      const { base, swing, maximum } = ownShapes[metric] ?? shapes[unit] ?? { base: 1, swing: 0.6 };
      const random = seeded(seed + 3);
      const values = atMs.map((_, index) => {
        if (index >= gapFrom && index < gapFrom + 5) return null;
        return Math.max(0, base + Math.sin((index / span.points) * Math.PI * 4) * swing + (random() - 0.5) * swing * 0.4);
      });
      return { metric, unit, minimum: 0, ...(maximum !== undefined && { maximum }), values };
    }),
  };
}

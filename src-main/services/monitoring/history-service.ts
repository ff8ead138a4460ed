import type { History } from '#contract/api/monitoring.ts';
import type { Resources } from '#contract/api/base.ts';
import type { MetricCatalogue, MetricRow, MetricRows } from '#contract/catalogue/metrics.ts';
import { FarmError } from '#contract/errors.ts';
import { binned } from '../../model/monitoring/history.ts';
import type { Store } from '../../ports/store.ts';

export type Span = { readonly sinceMs: number; readonly untilMs: number; readonly points: number };
type Line = Omit<History['series'][number], 'values'> & { readonly scale: number };
/** What bounds the values of a subject: a server's capacity ends its scale, an instance's plan is a line in it. */
type Bounds = { readonly capacity: Resources } | { readonly plan: { readonly code: string; readonly resources: Resources } | undefined };

const millicoresOfCore = 1000;

function boundOf({ bound }: MetricRow, bounds: Bounds): Partial<Line> {
  if (bound === null) return {};
  if ('capacity' in bounds) return { maximum: bounds.capacity[bound] };
  return bounds.plan === undefined ? {} : { limit: { code: bounds.plan.code, value: bounds.plan.resources[bound] } };
}

function lineOf(metric: string, row: MetricRow, bounds: Bounds): Line {
  const resources = 'capacity' in bounds ? bounds.capacity : bounds.plan?.resources;
  const bound = row.bound === null ? undefined : resources?.[row.bound];
  const whole = row.told === 'percent-of-core' ? millicoresOfCore : bound;
  if (row.told === 'as-is' || whole === undefined) return { metric, unit: row.unit, scale: 1, minimum: 0, ...boundOf(row, bounds) };
  return { metric, unit: 'percent', scale: 100 / whole, minimum: 0, ...(row.told === 'percent-of-bound' && { maximum: 100 }) };
}

/** One line for each metric that is drawn, in the catalogue's order. */
function linesOf(rows: MetricRows, bounds: Bounds): Line[] {
  return Object.entries(rows).flatMap(([metric, row]) => (row.group === null ? [] : lineOf(metric, row, bounds)));
}

async function chart(store: Store, subjectId: string, span: Span, lines: readonly Line[], isSimulated: boolean): Promise<History> {
  const samples = await store.samples.range(subjectId, span.sinceMs, span.untilMs);
  const names = lines.map(({ metric }) => metric);
  const bins = binned(samples, names, span.sinceMs, span.untilMs, span.points);
  return {
    atMs: bins.atMs,
    stepMs: bins.stepMs,
    isSimulated,
    clockOffsetMs: samples.at(-1)?.clockOffsetMs ?? 0,
    series: lines.map(({ scale, ...line }) => ({
      ...line,
      values: (bins.lines[line.metric] ?? []).map((value) => (value === null ? null : value * scale)),
    })),
  };
}

/** Charts from stored samples: unit and bounds travel with each line; what was not measured is null. */
export function createHistoryService(store: Store, metrics: MetricCatalogue) {
  return {
    server: async (serverId: string, span: Span): Promise<History> => {
      const server = await store.servers.get(serverId);
      if (server === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: serverId });
      const { capacity, isSimulated } = server.facts;
      return chart(store, serverId, span, linesOf(metrics.server, { capacity }), isSimulated);
    },
    instance: async (instanceId: string, span: Span): Promise<History> => {
      const instance = await store.instances.get(instanceId);
      if (instance === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name: instanceId });
      const plan = await store.plans.get(instance.planId);
      const bounds = { plan: plan === undefined ? undefined : { code: plan.key, resources: plan } };
      return chart(store, instanceId, span, linesOf(metrics.instance, bounds), false);
    },
  };
}
export type HistoryService = ReturnType<typeof createHistoryService>;

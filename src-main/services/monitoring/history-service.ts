import type { History } from '#contract/api/monitoring.ts';
import { FarmError } from '#contract/errors.ts';
import { binned } from '../../model/monitoring/history.ts';
import type { Store } from '../../ports/store.ts';

export type Span = { readonly sinceMs: number; readonly untilMs: number; readonly points: number };
type Line = Omit<History['series'][number], 'values'> & { readonly from: string; readonly scale?: number };

async function chart(store: Store, subjectId: string, span: Span, lines: readonly Line[], isSimulated: boolean): Promise<History> {
  const samples = await store.samples.range(subjectId, span.sinceMs, span.untilMs);
  const names = lines.map((line) => line.from);
  const bins = binned(samples, names, span.sinceMs, span.untilMs, span.points);
  return {
    atMs: bins.atMs,
    stepMs: bins.stepMs,
    isSimulated,
    clockOffsetMs: samples.at(-1)?.clockOffsetMs ?? 0,
    series: lines.map(({ from, scale, ...line }) => ({
      ...line,
      values: (bins.lines[from] ?? []).map((value) => (value === null ? null : value * (scale ?? 1))),
    })),
  };
}

/** Charts from stored samples: title, unit and bounds travel with each line. */
export function createHistoryService(store: Store) {
  return {
    server: async (serverId: string, span: Span): Promise<History> => {
      const server = await store.servers.get(serverId);
      if (server === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: serverId });
      const { capacity, isSimulated } = server.facts;
      const lines: Line[] = [
        { metric: 'cpu', from: 'cpuMillicores', unit: 'percent', scale: 100 / capacity.cpuMillicores, minimum: 0, maximum: 100 },
        { metric: 'memory', from: 'memoryBytes', unit: 'bytes', minimum: 0, maximum: capacity.memoryBytes },
        { metric: 'disk', from: 'diskBytes', unit: 'bytes', minimum: 0, maximum: capacity.diskBytes },
        { metric: 'networkIn', from: 'networkInBytesPerSecond', unit: 'bytesPerSecond', minimum: 0 },
        { metric: 'networkOut', from: 'networkOutBytesPerSecond', unit: 'bytesPerSecond', minimum: 0 },
      ];
      return chart(store, serverId, span, lines, isSimulated);
    },
    instance: async (instanceId: string, span: Span): Promise<History> => {
      const instance = await store.instances.get(instanceId);
      if (instance === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name: instanceId });
      const plan = await store.plans.get(instance.planId);
      const limit = plan === undefined ? {} : { limit: { code: plan.key, value: plan.memoryBytes } };
      const lines: Line[] = [
        { metric: 'answer', from: 'answerMs', unit: 'milliseconds', minimum: 0 },
        { metric: 'memory', from: 'memoryBytes', unit: 'bytes', minimum: 0, ...limit },
        { metric: 'cpu', from: 'cpuMillicores', unit: 'percent', scale: 0.1, minimum: 0 },
      ];
      return chart(store, instanceId, span, lines, false);
    },
  };
}
export type HistoryService = ReturnType<typeof createHistoryService>;

import type { MetricRows, MetricValues, ServerMetricOn } from '#contract/catalogue/metrics.ts';
import type { ServerCollector } from '../os/host-os.ts';
import type { AgentClock } from '../ports.ts';
import type { AbsentMetrics } from './absent-metrics.ts';
import { createRates } from './rates.ts';

/** A collector that takes longer hangs, as a disk's does whose server is away. It is asked again when it has answered. */
const longestMs = 2000;

export type ServerSamplerOptions = {
  readonly rows: MetricRows;
  readonly collectors: Readonly<Record<string, ServerCollector>>;
  readonly clock: AgentClock;
  readonly absent: AbsentMetrics;
};

/** One look by every collector, side by side. One that fails, hangs or answers no number leaves its own metric out and says so; never another's. */
export function createServerSampler({ rows, collectors, clock, absent }: ServerSamplerOptions) {
  const rate = createRates();
  const busy = new Set<string>();

  const read = async (name: string, collect: ServerCollector, folder: string): Promise<number> => {
    if (busy.has(name)) throw new Error('the collector has not answered yet');
    busy.add(name);
    const reading = Promise.resolve()
      .then(() => collect(folder))
      .finally(() => busy.delete(name));
    let stop = (): void => undefined;
    const late = new Promise<never>((_, reject) => {
      stop = clock.after(longestMs, () => reject(new Error(`the collector did not answer within ${longestMs} ms`)));
    });
    // It may fail long after nobody waits for it any more.
    reading.catch(() => undefined);
    try {
      const value = await Promise.race([reading, late]);
      if (!Number.isFinite(value)) throw new Error('the collector answered no number');
      return value;
    } finally {
      stop();
    }
  };

  return async (folder: string): Promise<MetricValues> => {
    const entries = Object.entries(collectors).map(async ([name, collect]): Promise<[string, number][]> => {
      const row = rows[name];
      if (row === undefined) return [];
      try {
        const count = await read(name, collect, folder);
        absent.measured('server', name);
        const value = row.kind === 'rate' ? rate(name, count, clock.steadyMs()) : count;
        return value === undefined ? [] : [[name, value]];
      } catch (error) {
        absent.failed('server', name, error);
        return [];
      }
    });
    return Object.fromEntries((await Promise.all(entries)).flat());
  };
}

/** What instances use together. What none of them told is absent; with no instance nothing is used. */
export type InstanceTotals = {
  readonly cpuMillicores?: number | undefined;
  readonly memoryBytes?: number | undefined;
  readonly diskBytes?: number | undefined;
  readonly inBytesPerSecond?: number | undefined;
  readonly outBytesPerSecond?: number | undefined;
};

/** A server with simulated capacities shares its machine with others: what it uses is what its instances use, measured. */
export const simulatedCollectors: { readonly [M in ServerMetricOn<'simulated'>]: (totals: InstanceTotals) => number | undefined } = {
  cpu: ({ cpuMillicores }) => cpuMillicores,
  memory: ({ memoryBytes }) => memoryBytes,
  disk: ({ diskBytes }) => diskBytes,
  networkIn: ({ inBytesPerSecond }) => inBytesPerSecond,
  networkOut: ({ outBytesPerSecond }) => outBytesPerSecond,
};

export function simulatedValues(totals: InstanceTotals): MetricValues {
  return Object.fromEntries(
    Object.entries(simulatedCollectors).flatMap(([name, of]): [string, number][] => {
      const value = of(totals);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

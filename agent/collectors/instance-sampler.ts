import type { AgentInstance } from '#contract/agent/instances.ts';
import type { InstanceMeasurement } from '#contract/agent/monitoring.ts';
import type { MetricRows } from '#contract/catalogue/metrics.ts';
import type { AskedMetric, HostOs, ProcessIdentity, ProcessUsage } from '../os/host-os.ts';
import type { AbsentMetrics } from './absent-metrics.ts';
import { createRates } from './rates.ts';
import type { InstanceTotals } from './server-sampler.ts';

export type MeasuredProcess = ProcessIdentity & { readonly instanceId: string };
type Seen = { readonly startMark: string; readonly rate: ReturnType<typeof createRates> };
type Measured = { readonly values: Record<string, number>; readonly inRate: number | undefined; readonly outRate: number | undefined };

/** What the agent asks of an instance itself. Undefined: not asked yet, or not answered. */
export const askedCollectors: { readonly [M in AskedMetric]: (instance: AgentInstance) => number | undefined } = {
  answer: ({ answerMs }) => answerMs,
  health: ({ health }) => (health === 'unknown' ? undefined : Number(health === 'healthy')),
};

export type InstanceSamplerOptions = {
  readonly os: Pick<HostOs, 'usage' | 'transfer' | 'instanceMetrics'>;
  readonly rows: MetricRows;
  readonly absent: AbsentMetrics;
};

/** The sum of what is known; absent where there is something and none of it is known. */
function sumOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 && values.length > 0 ? undefined : known.reduce((sum, value) => sum + value, 0);
}

/** The metrics of each instance, one look at its process tree for all of them. What is not told is not there: nothing is guessed. */
export function createInstanceSampler({ os, rows, absent }: InstanceSamplerOptions) {
  const seen = new Map<string, Seen>();

  /** Undefined when the process is gone. A look that fails leaves its metrics out. */
  const look = (one: MeasuredProcess): { readonly usage: ProcessUsage | undefined } | undefined => {
    try {
      const usage = os.usage(one);
      const isTold = Object.keys(os.instanceMetrics).length > 0;
      return usage === undefined && isTold ? undefined : { usage };
    } catch (error) {
      for (const metric of Object.keys(os.instanceMetrics)) absent.failed(one.instanceId, metric, error);
      return { usage: undefined };
    }
  };

  const measure = (one: MeasuredProcess, instance: AgentInstance, steadyMs: number): Measured | undefined => {
    const looked = look(one);
    if (looked === undefined) return undefined;
    const { usage } = looked;
    const before = seen.get(one.instanceId);
    const { rate } = before?.startMark === one.startMark ? before : { rate: createRates() };
    seen.set(one.instanceId, { startMark: one.startMark, rate });
    const values: Record<string, number> = {};
    const take = (name: string, collect: () => number | undefined): void => {
      const row = rows[name];
      if (row === undefined) return;
      try {
        const count = collect();
        if (count === undefined) return;
        if (!Number.isFinite(count)) throw new Error('the collector answered no number');
        absent.measured(one.instanceId, name);
        const value = row.kind === 'rate' ? rate(name, count, steadyMs) : count;
        if (value !== undefined) values[name] = value;
      } catch (error) {
        absent.failed(one.instanceId, name, error);
      }
    };
    if (usage !== undefined) for (const [name, collect] of Object.entries(os.instanceMetrics)) take(name, () => collect(usage));
    for (const [name, collect] of Object.entries(askedCollectors)) take(name, () => collect(instance));
    const transfer = os.transfer(one);
    const inRate = transfer && rate('transfer.in', transfer.inBytes, steadyMs);
    const outRate = transfer && rate('transfer.out', transfer.outBytes, steadyMs);
    return { values, inRate, outRate };
  };

  return (processes: readonly MeasuredProcess[], describe: (instanceId: string) => AgentInstance, steadyMs: number, atMs: number) => {
    const instances: InstanceMeasurement[] = [];
    const all: Measured[] = [];
    for (const one of processes) {
      const measured = measure(one, describe(one.instanceId), steadyMs);
      if (measured === undefined) continue;
      all.push(measured);
      if (Object.keys(measured.values).length > 0) instances.push({ instanceId: one.instanceId, atMs, values: measured.values });
    }
    const running = new Set(processes.map(({ instanceId }) => instanceId));
    for (const instanceId of seen.keys()) {
      if (running.has(instanceId)) continue;
      seen.delete(instanceId);
      absent.forget(instanceId);
    }
    const totals: InstanceTotals = {
      cpuMillicores: sumOf(all.map(({ values }) => values['cpu'])),
      memoryBytes: sumOf(all.map(({ values }) => values['memory'])),
      inBytesPerSecond: sumOf(all.map(({ inRate }) => inRate)),
      outBytesPerSecond: sumOf(all.map(({ outRate }) => outRate)),
    };
    return { instances, totals };
  };
}

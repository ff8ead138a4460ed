import type { AgentInstance } from '#contract/agent/instances.ts';
import type { InstanceSample } from '#contract/agent/monitoring.ts';
import type { HostOs, ProcessIdentity } from '../os/host-os.ts';
import type { InstanceTotals } from './host-sampler.ts';

export type MeasuredProcess = ProcessIdentity & { readonly instanceId: string };
type Seen = {
  readonly startMark: string;
  readonly steadyMs: number;
  readonly cpuMs: number;
  readonly inBytes: number;
  readonly outBytes: number;
};
type Usage = { readonly cpuMillicores: number; readonly memoryBytes: number; readonly inRate: number; readonly outRate: number };

function healthOf({ health }: AgentInstance): number | null {
  if (health === 'unknown') return null;
  return health === 'healthy' ? 1 : 0;
}

/** CPU and memory of each instance's process tree. What the system does not tell is not there: nothing is guessed. */
export function createInstanceSampler(os: HostOs) {
  const seen = new Map<string, Seen>();

  const measure = (one: MeasuredProcess, steadyMs: number): Usage | undefined => {
    const usage = os.usage(one);
    if (usage === undefined) return undefined;
    const { inBytes, outBytes } = os.transfer(one) ?? { inBytes: 0, outBytes: 0 };
    const before = seen.get(one.instanceId);
    seen.set(one.instanceId, { startMark: one.startMark, steadyMs, cpuMs: usage.cpuMs, inBytes, outBytes });
    const seconds = before?.startMark === one.startMark ? (steadyMs - before.steadyMs) / 1000 : 0;
    // A child that ended takes its time with it, so a sum may fall.
    const rise = (now: number, last: number | undefined): number => (seconds < 0.1 ? 0 : Math.max(0, (now - (last ?? 0)) / seconds));
    return {
      cpuMillicores: Math.round(rise(usage.cpuMs, before?.cpuMs)),
      memoryBytes: usage.memoryBytes,
      inRate: Math.round(rise(inBytes, before?.inBytes)),
      outRate: Math.round(rise(outBytes, before?.outBytes)),
    };
  };

  return (processes: readonly MeasuredProcess[], describe: (instanceId: string) => AgentInstance, steadyMs: number, atMs: number) => {
    const samples: InstanceSample[] = [];
    const totals = { cpuMillicores: 0, memoryBytes: 0, inBytesPerSecond: 0, outBytesPerSecond: 0 };
    for (const one of processes) {
      const usage = measure(one, steadyMs);
      if (usage === undefined) continue;
      const instance = describe(one.instanceId);
      const { cpuMillicores, memoryBytes } = usage;
      samples.push({
        instanceId: one.instanceId,
        atMs,
        cpuMillicores,
        memoryBytes,
        health: healthOf(instance),
        answerMs: instance.answerMs ?? null,
      });
      totals.cpuMillicores += cpuMillicores;
      totals.memoryBytes += memoryBytes;
      totals.inBytesPerSecond += usage.inRate;
      totals.outBytesPerSecond += usage.outRate;
    }
    const running = new Set(processes.map(({ instanceId }) => instanceId));
    for (const instanceId of seen.keys()) if (!running.has(instanceId)) seen.delete(instanceId);
    return { samples, totals: totals satisfies Omit<InstanceTotals, 'diskBytes'> };
  };
}

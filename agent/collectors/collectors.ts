import type { Measurements } from '#contract/agent/monitoring.ts';
import { type MetricCatalogue, metricCatalogue } from '#contract/catalogue/metrics.ts';
import type { HostOs } from '../os/host-os.ts';
import type { AgentClock, AgentFolders, AgentLog, InstanceLogs, SampleSource, Supervisor } from '../ports.ts';
import { createAbsentMetrics } from './absent-metrics.ts';
import { createDiskSampler } from './disk-sampler.ts';
import { createInstanceSampler } from './instance-sampler.ts';
import { openRing } from './ring.ts';
import { measurementsOf } from './ring-line.ts';
import { createServerSampler, simulatedValues } from './server-sampler.ts';

const sampleMs = 5000;
/** Rates need two looks: the second comes soon, so that a new server shows its load at once. */
const secondLookMs = 1000;
/** What the system does not bound is looked at this often: nothing else keeps one instance from taking it all. */
const watchMs = 1000;

export type CollectorOptions = {
  readonly os: HostOs;
  readonly clock: AgentClock;
  readonly log: AgentLog;
  readonly folders: AgentFolders;
  readonly supervisor: Supervisor;
  readonly logs: InstanceLogs;
  /** The capacities are made up: what this server uses is then what its instances use. */
  readonly isSimulated: boolean;
  /** What nothing but the agent keeps instances from taking more of than their plans give. */
  readonly unbounded?: () => { readonly memory: boolean; readonly processes: boolean };
  readonly intervalMs?: number;
  /** The program's, unless a test has other metrics. */
  readonly catalogue?: MetricCatalogue;
};

export type Collectors = SampleSource & {
  /** Forgets every measurement: for a server that leaves its farm. */
  readonly clear: () => void;
  readonly close: () => void;
};

/** Measures host and instances every few seconds, keeps a day of it, and tells who listens. */
export function createCollectors(options: CollectorOptions): Collectors {
  const {
    os,
    clock,
    log,
    folders,
    supervisor,
    logs,
    isSimulated,
    unbounded = () => ({ memory: false, processes: false }),
    intervalMs = sampleMs,
    catalogue = metricCatalogue,
  } = options;
  const ring = openRing({ folder: folders.ring, clock, log });
  const listeners = new Set<(measurements: Measurements) => void>();
  const absent = createAbsentMetrics(log);
  const serverValues = createServerSampler({ rows: catalogue.server, collectors: os.serverMetrics, clock, absent });
  const measureInstances = createInstanceSampler({ os, rows: catalogue.instance, absent });
  const disk = createDiskSampler({
    os,
    clock,
    log,
    folder: folders.instances,
    instances: supervisor.list,
    diskOf: supervisor.diskOf,
    measured: (instanceId, diskBytes) => supervisor.measured(instanceId, { diskBytes }),
  });
  let isClosed = false;
  let stopSampling = (): void => undefined;
  let stopWatching = (): void => undefined;

  const sample = async (isFirst: boolean): Promise<void> => {
    await disk.measureNew();
    const atMs = clock.nowMs();
    const steadyMs = clock.steadyMs();
    const { instances, totals } = measureInstances(supervisor.processes(), supervisor.describe, steadyMs, atMs);
    const values = isSimulated ? simulatedValues({ ...totals, diskBytes: disk.totalBytes() }) : await serverValues(folders.home);
    const server = Object.keys(values).length === 0 ? undefined : values;
    for (const { instanceId, values: own } of instances)
      supervisor.measured(instanceId, { cpuMillicores: own['cpu'], memoryBytes: own['memory'] });
    for (const { instanceId } of supervisor.list()) logs.tend(instanceId);
    // The first look has no rates yet: a chart would begin with a zero that nobody measured.
    if (isFirst || isClosed || (server === undefined && instances.length === 0)) return;
    const moment = { atMs, server, instances };
    ring.append(moment);
    const event = measurementsOf([moment]);
    for (const listener of listeners) listener(event);
  };

  /** A look that fails says nothing of the others; the sampler tells what cannot be measured. */
  const lookAt = <Seen>(look: () => Seen | undefined): Seen | undefined => {
    try {
      return look();
    } catch {
      return undefined;
    }
  };
  const watchUnbounded = (): void => {
    const { memory, processes } = unbounded();
    if (!memory && !processes) return;
    const sizes = processes ? lookAt(os.sessionSizes) : undefined;
    for (const one of supervisor.processes()) {
      const memoryBytes = memory ? lookAt(() => os.usage(one)?.memoryBytes) : undefined;
      supervisor.watched(one.instanceId, { memoryBytes, processes: sizes?.get(one.processId) });
    }
  };
  const sampleAgain = (isFirst: boolean): void => {
    void sample(isFirst)
      .catch((error: unknown) => log.bug(error, { at: 'sample' }))
      .finally(() => {
        if (!isClosed) stopSampling = clock.after(isFirst ? Math.min(secondLookMs, intervalMs) : intervalMs, () => sampleAgain(false));
      });
  };
  const watchAgain = (): void => {
    stopWatching = clock.after(watchMs, () => {
      watchUnbounded();
      watchAgain();
    });
  };
  sampleAgain(true);
  watchAgain();

  return {
    since: ring.since,
    onMeasured: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    clear: ring.clear,
    close: () => {
      isClosed = true;
      stopSampling();
      stopWatching();
      disk.close();
    },
  };
}

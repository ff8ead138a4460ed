import type { Measurements } from '#contract/agent/monitoring.ts';
import { type MetricCatalogue, metricCatalogue } from '#contract/catalogue/metrics.ts';
import type { HostOs } from '../os/host-os.ts';
import type { AgentClock, AgentFolders, AgentLog, InstanceLogs, SampleSource, Supervisor } from '../ports.ts';
import { createAbsentMetrics } from './absent-metrics.ts';
import { folderBytes } from './folder-size.ts';
import { createInstanceSampler } from './instance-sampler.ts';
import { openRing } from './ring.ts';
import { measurementsOf } from './ring-line.ts';
import { createServerSampler, simulatedValues } from './server-sampler.ts';

const sampleMs = 5000;
/** Rates need two looks: the second comes soon, so that a new server shows its load at once. */
const secondLookMs = 1000;
/** Walking folders is dear: seldom, and one instance at a time. */
const diskMs = 600_000;

export type CollectorOptions = {
  readonly os: HostOs;
  readonly clock: AgentClock;
  readonly log: AgentLog;
  readonly folders: AgentFolders;
  readonly supervisor: Supervisor;
  readonly logs: InstanceLogs;
  /** The capacities are made up: what this server uses is then what its instances use. */
  readonly isSimulated: boolean;
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
  const { os, clock, log, folders, supervisor, logs, isSimulated, intervalMs = sampleMs, catalogue = metricCatalogue } = options;
  const ring = openRing({ folder: folders.ring, clock, log });
  const listeners = new Set<(measurements: Measurements) => void>();
  const absent = createAbsentMetrics(log);
  const serverValues = createServerSampler({ rows: catalogue.server, collectors: os.serverMetrics, clock, absent });
  const measureInstances = createInstanceSampler({ os, rows: catalogue.instance, absent });
  const disk = new Map<string, number>();
  let isClosed = false;
  let isWalking = false;
  let stopSampling = (): void => undefined;
  let stopDisk = (): void => undefined;

  const sample = async (isFirst: boolean): Promise<void> => {
    await measureDisk(true);
    const atMs = clock.nowMs();
    const steadyMs = clock.steadyMs();
    const { instances, totals } = measureInstances(supervisor.processes(), supervisor.describe, steadyMs, atMs);
    const diskBytes = [...disk.values()].reduce((sum, bytes) => sum + bytes, 0);
    const values = isSimulated ? simulatedValues({ ...totals, diskBytes }) : await serverValues(folders.home);
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

  /** Every instance now and then; those that were never measured at once. */
  const measureDisk = async (isOnlyNew: boolean): Promise<void> => {
    if (isWalking) return;
    isWalking = true;
    try {
      const instances = supervisor.list();
      const known = new Set(instances.map(({ instanceId }) => instanceId));
      for (const instanceId of disk.keys()) if (!known.has(instanceId)) disk.delete(instanceId);
      for (const { instanceId, folder } of instances) {
        if (isClosed) return;
        if (isOnlyNew && disk.has(instanceId)) continue;
        const diskBytes = await folderBytes(folder);
        disk.set(instanceId, diskBytes);
        supervisor.measured(instanceId, { diskBytes });
      }
    } finally {
      isWalking = false;
    }
  };

  const sampleAgain = (isFirst: boolean): void => {
    void sample(isFirst)
      .catch((error: unknown) => log.bug(error, { at: 'sample' }))
      .finally(() => {
        if (!isClosed) stopSampling = clock.after(isFirst ? Math.min(secondLookMs, intervalMs) : intervalMs, () => sampleAgain(false));
      });
  };
  const diskAgain = (): void => {
    void measureDisk(false)
      .catch((error: unknown) => log.bug(error, { at: 'disk' }))
      .finally(() => {
        if (!isClosed) stopDisk = clock.after(diskMs, diskAgain);
      });
  };
  sampleAgain(true);
  stopDisk = clock.after(diskMs, diskAgain);

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
      stopDisk();
    },
  };
}

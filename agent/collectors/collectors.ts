import type { HostSample, Samples } from '#contract/agent/monitoring.ts';
import type { HostOs } from '../os/host-os.ts';
import type { AgentClock, AgentFolders, AgentLog, InstanceLogs, SampleSource, Supervisor } from '../ports.ts';
import { folderBytes } from './folder-size.ts';
import { createHostSampler, simulatedSample } from './host-sampler.ts';
import { createInstanceSampler } from './instance-sampler.ts';
import { openRing } from './ring.ts';

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
};

export type Collectors = SampleSource & {
  /** Forgets every measurement: for a server that leaves its farm. */
  readonly clear: () => void;
  readonly close: () => void;
};

/** Measures host and instances every few seconds, keeps a day of it, and tells who listens. */
export function createCollectors(options: CollectorOptions): Collectors {
  const { os, clock, log, folders, supervisor, logs, isSimulated, intervalMs = sampleMs } = options;
  const ring = openRing({ folder: folders.ring, clock, log });
  const listeners = new Set<(samples: Samples) => void>();
  const hostSample = createHostSampler();
  const instanceSamples = createInstanceSampler(os);
  const disk = new Map<string, number>();
  let isClosed = false;
  let isWalking = false;
  let stopSampling = (): void => undefined;
  let stopDisk = (): void => undefined;

  const sample = async (isFirst: boolean): Promise<void> => {
    await measureDisk(true);
    const atMs = clock.nowMs();
    const steadyMs = clock.steadyMs();
    const { samples, totals } = instanceSamples(supervisor.processes(), supervisor.describe, steadyMs, atMs);
    const diskBytes = [...disk.values()].reduce((sum, bytes) => sum + bytes, 0);
    const counters = isSimulated ? undefined : await os.counters(folders.home);
    const measured = counters && hostSample(counters, steadyMs, atMs);
    const host: HostSample | undefined = isSimulated ? simulatedSample({ ...totals, diskBytes }, atMs) : measured;
    for (const { instanceId, cpuMillicores, memoryBytes } of samples) supervisor.measured(instanceId, { cpuMillicores, memoryBytes });
    for (const { instanceId } of supervisor.list()) logs.tend(instanceId);
    // The first look has no rates yet: a chart would begin with a zero that nobody measured.
    if (isFirst || isClosed || (host === undefined && samples.length === 0)) return;
    ring.append({ atMs, host, instances: samples });
    const event: Samples = { host: host === undefined ? [] : [host], instances: samples };
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
    onSample: (listener) => {
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

import type { HostSample } from '#contract/agent/monitoring.ts';
import type { HostCounters } from '../os/host-os.ts';

/** What instances use together: what a simulated server shows instead of the whole machine's. */
export type InstanceTotals = {
  readonly cpuMillicores: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly inBytesPerSecond: number;
  readonly outBytesPerSecond: number;
};

type Seen = { readonly counters: HostCounters; readonly steadyMs: number };

const rate = (now: number, before: number, seconds: number): number => Math.max(0, (now - before) / seconds);

/** Makes rates of counters. The first look gives no sample, because there is nothing to compare with. */
export function createHostSampler() {
  let before: Seen | undefined;
  return (counters: HostCounters, steadyMs: number, atMs: number): HostSample | undefined => {
    const last = before;
    before = { counters, steadyMs };
    if (last === undefined || steadyMs - last.steadyMs < 100) return undefined;
    const seconds = (steadyMs - last.steadyMs) / 1000;
    return {
      atMs,
      cpuMillicores: Math.round(rate(counters.cpuBusyMs, last.counters.cpuBusyMs, seconds)),
      memoryBytes: counters.memoryUsedBytes,
      diskBytes: counters.diskUsedBytes,
      networkInBytesPerSecond: Math.round(rate(counters.networkInBytes, last.counters.networkInBytes, seconds)),
      networkOutBytesPerSecond: Math.round(rate(counters.networkOutBytes, last.counters.networkOutBytes, seconds)),
    };
  };
}

/** A server with simulated capacities shares its machine with others: what it uses is what its instances use, measured. */
export function simulatedSample(totals: InstanceTotals, atMs: number): HostSample {
  return {
    atMs,
    cpuMillicores: totals.cpuMillicores,
    memoryBytes: totals.memoryBytes,
    diskBytes: totals.diskBytes,
    networkInBytesPerSecond: totals.inBytesPerSecond,
    networkOutBytesPerSecond: totals.outBytesPerSecond,
  };
}

import type { MeasuredResources, Resources } from '#contract/api/base.ts';

const hourMs = 3_600_000;
export const noResources: Resources = { memoryBytes: 0, cpuMillicores: 0, diskBytes: 0 };

const most = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);

/** The higher of each. What only one of them has is that one's; what neither measured stays absent. */
export function mostOf(one: MeasuredResources, other: MeasuredResources): MeasuredResources {
  const highest: MeasuredResources = {};
  for (const resource of ['memoryBytes', 'cpuMillicores', 'diskBytes'] as const) {
    const value = most(one[resource], other[resource]);
    if (value !== undefined) highest[resource] = value;
  }
  return highest;
}

export const sumOf = (one: Resources, other: Resources): Resources => ({
  memoryBytes: one.memoryBytes + other.memoryBytes,
  cpuMillicores: one.cpuMillicores + other.cpuMillicores,
  diskBytes: one.diskBytes + other.diskBytes,
});

/** The highest of each resource in every one of the last 24 hours, by the hour's number since 1970. */
export type Peaks = ReadonlyMap<number, MeasuredResources>;

/** Takes one measurement in and lets hours older than 24 go. */
export function withMeasurement(peaks: Peaks, atMs: number, measured: MeasuredResources): Peaks {
  const hour = Math.floor(atMs / hourMs);
  const next = new Map<number, MeasuredResources>();
  for (const [at, peak] of peaks) if (at > hour - 24) next.set(at, peak);
  next.set(hour, mostOf(next.get(hour) ?? {}, measured));
  return next;
}

/** The busiest of the last 24 hours; undefined when nothing was measured. */
export function busiestOf(peaks: Peaks): MeasuredResources | undefined {
  let busiest: MeasuredResources | undefined;
  for (const peak of peaks.values()) busiest = busiest === undefined ? peak : mostOf(busiest, peak);
  return busiest;
}

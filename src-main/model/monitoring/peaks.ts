import type { Resources } from '#contract/api/base.ts';

const hourMs = 3_600_000;
export const noResources: Resources = { memoryBytes: 0, cpuMillicores: 0, diskBytes: 0 };

export const mostOf = (one: Resources, other: Resources): Resources => ({
  memoryBytes: Math.max(one.memoryBytes, other.memoryBytes),
  cpuMillicores: Math.max(one.cpuMillicores, other.cpuMillicores),
  diskBytes: Math.max(one.diskBytes, other.diskBytes),
});

export const sumOf = (one: Resources, other: Resources): Resources => ({
  memoryBytes: one.memoryBytes + other.memoryBytes,
  cpuMillicores: one.cpuMillicores + other.cpuMillicores,
  diskBytes: one.diskBytes + other.diskBytes,
});

/** The highest of each resource in every one of the last 24 hours, by the hour's number since 1970. */
export type Peaks = ReadonlyMap<number, Resources>;

/** Takes one measurement in and lets hours older than 24 go. */
export function withMeasurement(peaks: Peaks, atMs: number, measured: Resources): Peaks {
  const hour = Math.floor(atMs / hourMs);
  const next = new Map<number, Resources>();
  for (const [at, peak] of peaks) if (at > hour - 24) next.set(at, peak);
  next.set(hour, mostOf(next.get(hour) ?? noResources, measured));
  return next;
}

/** The busiest of the last 24 hours; undefined when nothing was measured. */
export function busiestOf(peaks: Peaks): Resources | undefined {
  let busiest: Resources | undefined;
  for (const peak of peaks.values()) busiest = busiest === undefined ? peak : mostOf(busiest, peak);
  return busiest;
}

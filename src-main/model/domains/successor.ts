import type { FarmDomain } from './farm-domain.ts';

/** The oldest of them: it takes new instances once the one that did has gone. */
export function successorOf<Row extends Pick<FarmDomain, 'id' | 'createdAtMs'>>(domains: readonly Row[]): Row | undefined {
  return domains.toSorted((one, other) => one.createdAtMs - other.createdAtMs || (one.id < other.id ? -1 : 1))[0];
}

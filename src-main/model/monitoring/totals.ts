import type { InstanceView } from '#contract/api/instances.ts';
import type { Totals } from '#contract/api/monitoring.ts';
import type { ServerView } from '#contract/api/servers.ts';

const freeMemory = ({ condition, capacity, promised }: ServerView): number =>
  condition.mark === 'bad' ? 0 : Math.max(0, capacity.memoryBytes - promised.memoryBytes);

/** Would the others take the promises of any one server, by memory? Undefined with fewer than two servers. */
export function survivesOneServer(servers: readonly ServerView[]): boolean | undefined {
  if (servers.length < 2) return undefined;
  // of all at once and not of the others of each: a thousand servers would be looked at a million times
  const free = servers.reduce((sum, server) => sum + freeMemory(server), 0);
  return servers.every((failed) => free - freeMemory(failed) >= failed.promised.memoryBytes);
}

export type Counted = Pick<Totals, 'instances' | 'good' | 'working' | 'warning' | 'bad' | 'paused' | 'unknown'>;
export function countMarks(instances: readonly InstanceView[]): Counted {
  const counts = { instances: instances.length, good: 0, working: 0, warning: 0, bad: 0, paused: 0, unknown: 0 };
  for (const instance of instances) counts[instance.condition.mark] += 1;
  return counts;
}

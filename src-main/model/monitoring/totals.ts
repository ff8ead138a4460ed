import type { InstanceView } from '#contract/api/instances.ts';
import type { Totals } from '#contract/api/monitoring.ts';
import type { ServerView } from '#contract/api/servers.ts';

/** Would the others take the promises of any one server, by memory? Undefined with fewer than two servers. */
export function survivesOneServer(servers: readonly ServerView[]): boolean | undefined {
  if (servers.length < 2) return undefined;
  return servers.every((failed) => {
    const others = servers.filter((server) => server !== failed && server.condition.mark !== 'bad');
    const left = others.reduce((sum, server) => sum + Math.max(0, server.capacity.memoryBytes - server.promised.memoryBytes), 0);
    return left >= failed.promised.memoryBytes;
  });
}

export type Counted = Pick<Totals, 'instances' | 'good' | 'working' | 'warning' | 'bad' | 'paused' | 'unknown'>;
export function countMarks(instances: readonly InstanceView[]): Counted {
  const counts = { instances: instances.length, good: 0, working: 0, warning: 0, bad: 0, paused: 0, unknown: 0 };
  for (const instance of instances) counts[instance.condition.mark] += 1;
  return counts;
}

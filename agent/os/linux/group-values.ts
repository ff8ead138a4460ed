import type { InstanceLimits } from '../limits.ts';
import type { Controller } from './group-trees.ts';

/** A file of a group, and what is written there. One that is not there on every kernel may be absent. */
export type GroupValue = { readonly file: string; readonly value: string; readonly mayLack?: true };

const periodUs = 100_000;
/** However idle the cores are, so much of them is left to the agent, the edge and everybody else. */
const mostOfAllCores = 0.75;

/** Where cores are idle an instance may take more than its plan, but never all. */
export const mostMillicores = (cpuMillicores: number, cores: number): number =>
  Math.max(Math.min(cpuMillicores, cores * 1000), Math.round(cores * 1000 * mostOfAllCores));

const between = (least: number, most: number, value: number): number => Math.min(most, Math.max(least, Math.round(value)));

/**
 * What a group is told, in an order in which raising and lowering both work: memory with swap is never below memory alone.
 * https://docs.kernel.org/admin-guide/cgroup-v1/memory.html and https://docs.kernel.org/admin-guide/cgroup-v2.html
 */
export function groupValues(version: 1 | 2, controller: Controller, limits: InstanceLimits, cores: number): readonly GroupValue[] {
  const memory = String(Math.round(limits.memoryBytes));
  const quotaUs = (mostMillicores(limits.cpuMillicores, cores) * periodUs) / 1000;
  if (controller === 'pids') return [{ file: 'pids.max', value: String(limits.processes) }];
  if (version === 1)
    return controller === 'memory'
      ? [
          { file: 'memory.memsw.limit_in_bytes', value: '-1', mayLack: true },
          { file: 'memory.limit_in_bytes', value: memory },
          { file: 'memory.memsw.limit_in_bytes', value: memory, mayLack: true },
        ]
      : [
          { file: 'cpu.shares', value: String(between(2, 262_144, (limits.cpuMillicores * 1024) / 1000)) },
          { file: 'cpu.cfs_period_us', value: String(periodUs), mayLack: true },
          { file: 'cpu.cfs_quota_us', value: String(quotaUs), mayLack: true },
        ];
  return controller === 'memory'
    ? [
        { file: 'memory.max', value: memory },
        { file: 'memory.swap.max', value: '0', mayLack: true },
        // Half of an application is no application.
        { file: 'memory.oom.group', value: '1', mayLack: true },
      ]
    : [
        { file: 'cpu.weight', value: String(between(1, 10_000, limits.cpuMillicores / 10)) },
        { file: 'cpu.max', value: `${quotaUs} ${periodUs}`, mayLack: true },
      ];
}

import type { RunAct } from '#contract/catalogue/jobs.ts';
import type { DesiredState } from './instance.ts';

export type Act = RunAct | 'handOver' | 'check' | 'remove';

/** What is wanted of the instance from the moment an act begins. */
export const desiredAfter = {
  start: 'running',
  restart: 'running',
  resume: 'running',
  stop: 'stopped',
  suspend: 'suspended',
} as const satisfies Record<RunAct, DesiredState>;

/** In which desired states an act makes sense. */
export const allowedActs: Record<Act, readonly DesiredState[]> = {
  start: ['running', 'stopped'],
  stop: ['running', 'stopped'],
  restart: ['running', 'stopped'],
  suspend: ['running', 'stopped', 'suspended'],
  resume: ['suspended', 'running'],
  handOver: ['running', 'stopped', 'suspended'],
  check: ['running', 'stopped', 'suspended', 'made'],
  remove: ['running', 'stopped', 'suspended', 'made'],
};

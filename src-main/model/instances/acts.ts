import type { JobType } from '#contract/catalogue/jobs.ts';
import type { InstanceWish } from './instance.ts';

/** What a person does with an instance that is there; each is a job. */
export const runActs = ['start', 'restart', 'resume', 'stop', 'suspend'] as const satisfies readonly JobType[];
export type RunAct = (typeof runActs)[number];
export type Act = RunAct | 'handOver' | 'check' | 'remove';

/** What is wanted of the instance from the moment an act begins. */
export const actWishes = {
  start: 'running',
  restart: 'running',
  resume: 'running',
  stop: 'stopped',
  suspend: 'suspended',
} as const satisfies Record<RunAct, InstanceWish>;

/** In which wishes an act makes sense. */
export const allowedActs: Record<Act, readonly InstanceWish[]> = {
  start: ['running', 'stopped'],
  stop: ['running', 'stopped'],
  restart: ['running', 'stopped'],
  suspend: ['running', 'stopped', 'suspended'],
  resume: ['suspended', 'running'],
  handOver: ['running', 'stopped', 'suspended'],
  check: ['running', 'stopped', 'suspended', 'made'],
  remove: ['running', 'stopped', 'suspended', 'made'],
};

import { expect, test } from 'vitest';
import type { AgentInstance } from '#contract/agent/instances.ts';
import type { JobState } from '#contract/api/jobs.ts';
import type { JobType } from '#contract/catalogue/jobs.ts';
import { instanceStateOf } from './condition.ts';
import type { DesiredState } from './instance.ts';

const live = (wanted: 'running' | 'stopped'): AgentInstance => ({
  instanceId: 'i-1',
  name: 'anna',
  host: 'anna.farm.test',
  wanted,
  process: wanted === 'running' ? { state: 'running', processId: 7, startedAtMs: 1 } : { state: 'none' },
  health: wanted === 'running' ? 'healthy' : 'unknown',
  healthAnswer: '',
  selfCheck: 'none',
  restarts: 0,
  port: 1,
  user: '',
  folder: '',
});
const stateOf = (desired: DesiredState, agent: 'running' | 'stopped', type?: JobType, state: JobState = 'running', isConnected = true) => {
  const { mark, code, parameters } = instanceStateOf({
    desired,
    job: type === undefined ? undefined : { type, state },
    live: live(agent),
    isServerConnected: isConnected,
    isFollowed: isConnected,
    serverName: 'Oak',
    isEdgeDark: false,
  });
  return [mark, code, ...Object.values(parameters)].join(' ');
};

test.each([
  ['start', 'running', 'stopped', 'working starting'],
  ['restart', 'running', 'running', 'working restarting'],
  ['resume', 'running', 'stopped', 'working resuming'],
  ['stop', 'stopped', 'running', 'working stopping Oak'],
  ['suspend', 'suspended', 'running', 'working suspending Oak'],
] as const)('while %s is under way that is what is told', (type, desired, agent, says) => expect(stateOf(desired, agent, type)).toBe(says));

test.each(['start', 'restart', 'resume', 'stop', 'suspend'] as const)('%s that failed, or waits, is not half made', (type) => {
  for (const state of ['failed', 'stopped', 'paused', 'undone', 'done'] as const) {
    expect(stateOf('running', 'running', type, state)).toBe('good running');
    expect(stateOf('suspended', 'stopped', type, state)).toBe('paused suspended');
  }
});

test('what makes and takes away is half made by halves', () => {
  expect(stateOf('made', 'stopped', 'create', 'stopped')).toBe('warning half-made');
  expect(stateOf('removed', 'stopped', 'remove', 'paused')).toBe('warning half-made');
  expect(stateOf('made', 'stopped', 'create', 'undoing')).toBe('working removing');
});

test('a type of job that changes what is there needs no line of its own here: it neither makes nor takes away', () => {
  expect(stateOf('running', 'running', 'renew-certificate')).toBe('working changing');
  expect(stateOf('running', 'running', 'renew-certificate', 'undoing')).toBe('working changing');
  for (const state of ['stopped', 'paused', 'done', 'undone', 'failed'] as const)
    expect(stateOf('running', 'running', 'renew-certificate', state)).toBe('good running');
});

test('nobody is told that it was stopped while its agent was not told yet', () => {
  expect(stateOf('stopped', 'running', 'stop', 'failed', false)).toBe('working stopping Oak');
  expect(stateOf('suspended', 'running', 'suspend', 'failed', false)).toBe('working suspending Oak');
  expect(stateOf('stopped', 'stopped', 'stop', 'done', false)).toBe('paused stopped');
});

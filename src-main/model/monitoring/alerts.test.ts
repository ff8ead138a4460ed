import { describe, expect, test } from 'vitest';
import { jobView } from '#contract/api/jobs.ts';
import { alertsOf } from './alerts.ts';

const stopped = jobView.parse({
  id: '01a21200-0000-7000-8000-000000000001',
  type: 'create',
  state: 'stopped',
  direction: 'forward',
  subject: { kind: 'instance', id: '01a21200-0000-7000-8000-000000000002', name: 'anna' },
  actor: { kind: 'operator', name: 'root' },
  steps: [
    { name: 'check', state: 'done', attempts: 1 },
    { name: 'start', state: 'failed', attempts: 1 },
  ],
  traces: [],
  canUndo: true,
  canCancel: false,
  createdAtMs: 1,
  failure: { code: 'JOB_INTERRUPTED', parameters: { step: 'start' } },
});

describe('a stopped job', () => {
  test('is told by the number of its step, whatever its failure calls a step', () => {
    const [alert] = alertsOf({ servers: [], instances: [], certificates: [], jobs: [stopped] });
    expect(alert).toMatchObject({ code: 'job-stopped', parameters: { name: 'anna', step: 2, steps: 2, failure: 'JOB_INTERRUPTED' } });
  });
});

describe('the disk of the farm’s own home', () => {
  const sources = { servers: [], instances: [], certificates: [], jobs: [stopped] };
  const home = { path: '/farm', freeBytes: 7 * 2 ** 20 + 5, sinceMs: 3, farmId: 'f' };

  test('is bad when it is full, a warning while it fills up, with where it is and what is left', () => {
    const said = (state: 'low' | 'full') => alertsOf({ ...sources, home: { ...home, state } }).find(({ code }) => code === 'home-disk');
    expect(said('full')).toEqual({
      id: 'home',
      mark: 'bad',
      code: 'home-disk',
      parameters: { path: '/farm', freeMegabytes: 7, isFull: 'yes' },
      sinceMs: 3,
      target: { kind: 'farm', id: 'f' },
    });
    expect(said('low')).toMatchObject({ mark: 'warning', parameters: { isFull: 'no' } });
    expect(alertsOf(sources)).toHaveLength(1);
  });
});

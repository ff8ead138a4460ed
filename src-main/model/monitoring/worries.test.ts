import { describe, expect, test } from 'vitest';
import { jobView } from '#contract/api/jobs.ts';
import { worriesOf } from './worries.ts';

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
    const [worry] = worriesOf({ servers: [], instances: [], certificates: [], jobs: [stopped] });
    expect(worry).toMatchObject({ code: 'job-stopped', parameters: { name: 'anna', step: 2, steps: 2, failure: 'JOB_INTERRUPTED' } });
  });
});

import { renderToStaticMarkup } from 'react-dom/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type JobView, jobView } from '#contract/api/jobs.ts';
import { en } from '#words/en/index.ts';
import { useWordsStore } from '../../stores/words.ts';
import { JobSteps } from './job-steps.tsx';

// Drawn to text, React reads the state with which a store began.
beforeAll(() => void Object.assign(useWordsStore.getInitialState(), { texts: en }));
afterAll(() => void Object.assign(useWordsStore.getInitialState(), { texts: undefined }));

const parameters = { name: 'anna', seconds: 20, counted: 'yes', requests: 3, folder: 'moving' };
const job = (state: JobView['state'], notes?: JobView['steps'][number]['notes']): JobView =>
  jobView.parse({
    id: '01a21200-0000-7000-8000-000000000001',
    type: 'stop',
    state,
    direction: 'forward',
    subject: { kind: 'instance', id: '01a21200-0000-7000-8000-000000000002', name: 'anna' },
    actor: { kind: 'operator', name: 'root' },
    steps: [{ name: 'stop', state: state === 'done' ? 'done' : 'failed', attempts: 1, notes }],
    traces: [],
    canUndo: true,
    createdAtMs: 1,
  });

test.each(['done', 'failed'] as const)('a step says what may be lost, also when its job has %s', (state) => {
  const html = renderToStaticMarkup(<JobSteps job={job(state, [{ code: 'not-quiet', parameters }])} />);
  expect(html).toContain(
    '3 requests were still running and its data folder was still changing: what was written in the last moments may be lost.',
  );
});

test('a step without notes says nothing more', () => {
  expect(renderToStaticMarkup(<JobSteps job={job('done')} />)).not.toContain('<p>');
});

import { renderToStaticMarkup } from 'react-dom/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type JobView, jobView } from '#contract/api/jobs.ts';
import { en } from '#words/en/index.ts';
import { useWordsStore } from '../../stores/words.ts';
import { JobLeftovers } from './job-leftovers.tsx';

// Drawn to text, React reads the state with which a store began.
beforeAll(() => void Object.assign(useWordsStore.getInitialState(), { texts: en }));
afterAll(() => void Object.assign(useWordsStore.getInitialState(), { texts: undefined }));

const job = (state: JobView['state']): JobView =>
  jobView.parse({
    id: '01a21200-0000-7000-8000-000000000001',
    type: 'create',
    state,
    direction: 'forward',
    subject: { kind: 'instance', id: '01a21200-0000-7000-8000-000000000002', name: 'anna' },
    actor: { kind: 'operator', name: 'root' },
    steps: [{ name: 'start', state: 'failed', attempts: 1 }],
    traces: [
      {
        code: 'unasked',
        parameters: { what: 'route' },
        isPresent: false,
        checkedAtMs: 1,
        witness: 'core',
        failure: { code: 'SERVER_UNREACHABLE', parameters: { server: 'Oak', address: 'oak.test:7443', cause: 'silent' } },
      },
    ],
    canUndo: true,
    createdAtMs: 1,
  });

test.each(['stopped', 'undone'] as const)('what nobody could be asked about is unknown and says why, never gone: %s', (state) => {
  const html = renderToStaticMarkup(<JobLeftovers job={job(state)} />);
  expect(html).toContain('data-state="unknown"');
  expect(html).toContain('unknown: </span>The route on the edge: unknown, because nobody could be asked');
  expect(html).toContain('Oak takes the connection at oak.test:7443');
  expect(html).not.toMatch(/gone|Nothing of it exists/);
});

import { expect, test } from 'vitest';
import { jobView } from '#contract/api/jobs.ts';
import { createTranslate } from '#words/translate.ts';
import { isInterrupted, noteText, stepTitle } from './say-job.ts';

const words = createTranslate('en', 'UTC');
const stopped = (code: string) =>
  jobView.parse({
    id: '01a21200-0000-7000-8000-000000000001',
    type: 'create',
    state: 'stopped',
    direction: 'forward',
    subject: { kind: 'instance', id: '01a21200-0000-7000-8000-000000000002', name: 'anna' },
    actor: { kind: 'operator', name: 'root' },
    steps: [{ name: 'start', state: 'failed', attempts: 1 }],
    traces: [],
    canUndo: true,
    createdAtMs: 1,
    failure: { code, parameters: { step: 'start' } },
  });
const titleOf = (code: string): string => {
  const job = stopped(code);
  const [step] = job.steps;
  if (step === undefined) throw new Error('no step');
  expect(isInterrupted(job, step)).toBe(code === 'JOB_INTERRUPTED');
  return stepTitle(words, job, step);
};

test('a step in whose middle the program ended is not called failed', () => {
  expect(titleOf('JOB_INTERRUPTED')).toBe('Start');
  expect(titleOf('APPLICATION_DIED')).toBe('The application did not start well');
});

const note = { code: 'not-quiet', parameters: { name: 'anna', seconds: 1, counted: 'yes', requests: 0, folder: 'unknown' } };
test('what people must know of a step is said in words; of a newer core, as it came', () => {
  expect(noteText(words, note)).toBe(
    'After 1 second anna was ended although its data folder could not be looked at: what was written in the last moments may be lost. Ask its users to look at their last changes.',
  );
  expect(noteText(words, { code: 'newer', parameters: { name: 'anna' } })).toBe('newer anna');
});

import { describe, expect, test } from 'vitest';
import { aJob, aStep } from '../../drivers/store/example-rows.ts';
import type { JobState } from '#contract/api/jobs.ts';
import type { StepOutcome } from './job.ts';
import { storyOf, storyOfBegin } from './audit-log.ts';
import type { JobEvent } from './machine.ts';

const olga = { kind: 'operator', name: 'Olga' } as const;
const names = ['check', 'place', 'dns'];
const at = (state: JobState, direction: 'forward' | 'back', ...outcomes: StepOutcome[]) => ({
  job: { ...aJob({}), state, direction },
  steps: outcomes.map((outcome, index) => ({ ...aStep({}), index, name: names[index] ?? '', outcome })),
});
const tell = (
  before: ReturnType<typeof at>,
  after: ReturnType<typeof at>,
  event?: JobEvent,
  failure?: { code: string; parameters: Record<string, never> },
) =>
  storyOf(before, after, { actor: olga, ...(event && { event }), ...(failure && { failure }) }).map((line) =>
    [line.code, line.parameters['step'] ?? '', line.failure?.code ?? ''].join(' ').trim(),
  );

describe('the story of a job', () => {
  test('begins with who asked for it', () =>
    expect(storyOfBegin(at('running', 'forward'))).toEqual([
      { code: 'job.begun', parameters: { type: 'create' }, actor: { kind: 'system' }, failure: null },
    ]));

  const doing = at('running', 'forward', 'done', 'doing', 'waiting');
  test.each([
    ['a step that begins is no line', at('running', 'forward', 'done', 'waiting'), doing, undefined, []],
    ['a step that is done', doing, at('running', 'forward', 'done', 'done', 'doing'), undefined, ['job.step-done place']],
    ['a step that was not needed is no line', doing, at('running', 'forward', 'done', 'skipped', 'doing'), undefined, []],
    ['the last step', doing, at('done', 'forward', 'done', 'done'), undefined, ['job.step-done place', 'job.done']],
    ['a step that is lost is no failure', doing, at('running', 'forward', 'failed', 'doing'), { kind: 'lost', index: 0 }, []],
    ['a hold that waits for its step is no line yet', doing, at('pausing', 'forward', 'done', 'doing'), { kind: 'pause' }, []],
    ['a hold', doing, at('paused', 'forward', 'done', 'done', 'waiting'), undefined, ['job.step-done place', 'job.paused']],
    ['going on', at('stopped', 'forward', 'failed'), at('running', 'forward', 'failed'), { kind: 'continue' }, ['job.continued']],
    ['undoing', at('stopped', 'forward', 'failed'), at('undoing', 'back', 'failed'), { kind: 'undo' }, ['job.undoing']],
    ['undone', at('undoing', 'back', 'undoing'), at('undone', 'back', 'undone'), undefined, ['job.step-undone check', 'job.undone']],
  ] as const)('%s', (_name, before, after, event, lines) => expect(tell(before, after, event)).toEqual(lines));

  test('of a small job is one line: what it came to', () => {
    const small = (one: ReturnType<typeof at>) => ({ ...one, job: { ...one.job, type: 'suspend' as const } });
    expect(storyOfBegin(small(at('running', 'forward')))).toEqual([]);
    expect(tell(small(doing), small(at('running', 'forward', 'done', 'done', 'doing')))).toEqual([]);
    expect(tell(small(doing), small(at('done', 'forward', 'done', 'done')))).toEqual(['job.done']);
    const failure = { code: 'DNS_SLOW', parameters: {} };
    expect(
      tell(small(doing), small(at('failed', 'forward', 'done', 'failed')), { kind: 'failed', index: 1, outcome: 'end' }, failure),
    ).toEqual(['job.failed place DNS_SLOW']);
  });

  test('names the step where it stopped and why; between two steps none', () => {
    const failure = { code: 'DNS_SLOW', parameters: {} };
    expect(tell(doing, at('stopped', 'forward', 'done', 'failed'), { kind: 'failed', index: 1 }, failure)).toEqual([
      'job.stopped place DNS_SLOW',
    ]);
    const between = at('running', 'forward', 'done', 'waiting');
    expect(tell(between, at('stopped', 'forward', 'done', 'waiting'), { kind: 'cancel' })).toEqual(['job.stopped none']);
  });
});

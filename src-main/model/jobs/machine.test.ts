import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type JobEvent, type Progress, advance, beginning, isActive, isEnded, nextAct } from './machine.ts';

const stepCount = 4;
const index = fc.integer({ min: 0, max: stepCount - 1 });
const event: fc.Arbitrary<JobEvent> = fc.oneof(
  fc.record({ kind: fc.constant('began' as const), index }),
  fc.record({ kind: fc.constant('finished' as const), index, outcome: fc.constantFrom('done' as const, 'skipped' as const) }),
  fc.record({ kind: fc.constant('failed' as const), index }),
  fc.record({ kind: fc.constant('lost' as const), index }),
  fc.constantFrom<JobEvent>({ kind: 'pause' }, { kind: 'cancel' }, { kind: 'continue' }, { kind: 'undo' }, { kind: 'interrupted' }),
);
/** What an engine would really say next, mixed with what people and crashes say at any time. */
const likely = fc.oneof({ weight: 4, arbitrary: fc.constant('next' as const) }, { weight: 1, arbitrary: event });

function expectLegal(progress: Progress): void {
  const { state, direction, steps } = progress;
  const acting = steps.filter((outcome) => outcome === 'doing' || outcome === 'undoing');
  expect(acting.length).toBeLessThanOrEqual(1);
  if (acting.length === 1) expect(isActive(state)).toBe(true);
  if (steps.includes('doing')) expect(direction).toBe('forward');
  if (steps.includes('undoing') || steps.includes('undone')) expect(direction).toBe('back');
  if (state === 'running') expect(direction).toBe('forward');
  if (state === 'undoing') expect(direction).toBe('back');
  if (state === 'done') expect(steps.every((outcome) => outcome === 'done' || outcome === 'skipped')).toBe(true);
  if (state === 'undone') {
    expect(steps.every((outcome, at) => outcome === 'undone' || outcome === 'skipped' || (outcome === 'waiting' && at > 0))).toBe(true);
  }
  // forward, nothing after the first step that has not passed has been touched unless its effect was lost before it
  if (isActive(state) && acting.length === 0 && !isEnded(state) && state !== 'pausing') expect(nextAct(progress).act).not.toBe('none');
}

function play(progress: Progress, said: 'next' | JobEvent): Progress {
  if (said !== 'next') return advance(progress, said).progress;
  const acting = progress.steps.findIndex((outcome) => outcome === 'doing' || outcome === 'undoing');
  if (acting >= 0) return advance(progress, { kind: 'finished', index: acting, outcome: 'done' }).progress;
  const next = nextAct(progress);
  return next.act === 'none' ? progress : advance(progress, { kind: 'began', index: next.index }).progress;
}

describe('a job', () => {
  test('reaches no illegal state by any sequence of events', () => {
    fc.assert(
      fc.property(fc.array(likely, { maxLength: 60 }), (said) => {
        let progress = beginning(stepCount);
        for (const next of said) {
          const before = progress;
          progress = play(progress, next);
          expectLegal(progress);
          if (isEnded(before.state)) expect(progress).toEqual(before);
          if (before.direction === 'back') expect(progress.direction).toBe('back');
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('can always be brought to its end: continued forward, or undone', () => {
    fc.assert(
      fc.property(
        fc.array(likely, { maxLength: 40 }),
        fc.constantFrom<JobEvent>({ kind: 'continue' }, { kind: 'undo' }),
        (said, choice) => {
          let progress = beginning(stepCount);
          for (const next of said) progress = play(progress, next);
          progress = advance(progress, { kind: 'interrupted' }).progress;
          if (!isEnded(progress.state)) {
            const chosen = advance(progress, choice);
            expect(chosen.isOk).toBe(true);
            progress = chosen.progress;
          }
          for (let turn = 0; turn < 4 * stepCount; turn += 1) progress = play(progress, 'next');
          expect(isEnded(progress.state)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('undoes in reverse order, and step 0 even when it never began', () => {
    let progress = advance({ ...beginning(3), state: 'stopped', steps: ['done', 'skipped', 'failed'] }, { kind: 'undo' }).progress;
    expect(nextAct(progress)).toEqual({ act: 'undo', index: 2 });
    progress = play(play(progress, 'next'), 'next');
    expect(nextAct(progress)).toEqual({ act: 'undo', index: 0 });
    expect(nextAct(advance({ ...beginning(3), state: 'stopped' }, { kind: 'undo' }).progress)).toEqual({ act: 'undo', index: 0 });
  });

  test('that is paused in its last step is done, not paused', () => {
    const last: Progress = { state: 'pausing', direction: 'forward', steps: ['done', 'doing'] };
    expect(advance(last, { kind: 'finished', index: 1, outcome: 'done' }).progress.state).toBe('done');
    const first: Progress = { state: 'pausing', direction: 'forward', steps: ['doing', 'waiting'] };
    expect(advance(first, { kind: 'finished', index: 0, outcome: 'done' }).progress.state).toBe('paused');
  });
});

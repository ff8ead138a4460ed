import { isEndedState, type JobState } from '#contract/api/jobs.ts';
import type { StepOutcome } from './job.ts';

/** Where a job stands: its state, the way it goes, and what each step has come to. */
export type Progress = {
  readonly state: JobState;
  readonly direction: 'forward' | 'back';
  readonly steps: readonly StepOutcome[];
};

export type JobEvent =
  /** A step begins to act: its *do* forward, its *undo* back. */
  | { readonly kind: 'began'; readonly index: number }
  | { readonly kind: 'finished'; readonly index: number; readonly outcome: 'done' | 'skipped' }
  /** `wait` when nothing is said: a person chooses. `back`: it is undone by itself. `end`: that was its end. */
  | { readonly kind: 'failed'; readonly index: number; readonly outcome?: 'wait' | 'back' | 'end' }
  /** A step that was done turned out to have lost its effect, or cannot be asked: it is to be done again, and undone like any that has begun. */
  | { readonly kind: 'lost'; readonly index: number }
  | { readonly kind: 'pause' }
  /** Stops a job that waits between its steps; one that acts is stopped by its step failing. */
  | { readonly kind: 'cancel' }
  | { readonly kind: 'continue' }
  | { readonly kind: 'undo' }
  /** The core died, or was closed, while the job was on its way. */
  | { readonly kind: 'interrupted' };

export type Advance = { readonly isOk: true; readonly progress: Progress } | { readonly isOk: false; readonly progress: Progress };

export type NextAct = { readonly act: 'do' | 'undo'; readonly index: number } | { readonly act: 'none' };

export function beginning(stepCount: number): Progress {
  return { state: 'running', direction: 'forward', steps: Array.from({ length: stepCount }, () => 'waiting' as const) };
}

export function isActive(state: JobState): boolean {
  return state === 'running' || state === 'pausing' || state === 'undoing';
}

export function isEnded(state: JobState): boolean {
  return isEndedState(state);
}

/** What a job does next. A job that is paused, stopped or ended does nothing. */
export function nextAct({ state, steps }: Progress): NextAct {
  if (state === 'running') {
    const index = steps.findIndex((outcome) => !isPassed(outcome));
    return index < 0 ? { act: 'none' } : { act: 'do', index };
  }
  if (state === 'undoing') {
    const index = lastToUndo(steps);
    return index < 0 ? { act: 'none' } : { act: 'undo', index };
  }
  return { act: 'none' };
}

/** The one place that says which event a job takes in which state. A refused event changes nothing. */
export function advance(progress: Progress, event: JobEvent): Advance {
  switch (event.kind) {
    case 'began':
      return began(progress, event.index);
    case 'finished':
      return finished(progress, event.index, event.outcome);
    case 'failed':
      return failed(progress, event.index, event.outcome ?? 'wait');
    case 'lost':
      return lost(progress, event.index);
    case 'pause':
      return isActive(progress.state)
        ? taken({ ...progress, state: progress.steps.some(isActing) ? 'pausing' : 'paused' })
        : refused(progress);
    case 'cancel':
      return canCancel(progress) ? taken({ ...progress, state: 'stopped' }) : refused(progress);
    case 'continue':
      return isStoppedOrPaused(progress.state)
        ? taken({ ...progress, state: progress.direction === 'forward' ? 'running' : 'undoing' })
        : refused(progress);
    case 'undo':
      return isStoppedOrPaused(progress.state) ? taken(settled({ ...progress, state: 'undoing', direction: 'back' })) : refused(progress);
    case 'interrupted':
      return interrupted(progress);
  }
}

/**
 * Step 0 is undone even when it never began: what was written together with the job itself (the instance's row) is its effect too.
 * A step that was skipped made nothing.
 */
function lastToUndo(steps: readonly StepOutcome[]): number {
  return steps.findLastIndex((outcome, index) => outcome !== 'undone' && outcome !== 'skipped' && (outcome !== 'waiting' || index === 0));
}

const isPassed = (outcome: StepOutcome): boolean => outcome === 'done' || outcome === 'skipped';
const isStoppedOrPaused = (state: JobState): boolean => state === 'stopped' || state === 'paused';
const isActing = (outcome: StepOutcome | undefined): boolean => outcome === 'doing' || outcome === 'undoing';

const canCancel = ({ state, steps }: Progress): boolean => state === 'paused' || (isActive(state) && !steps.some(isActing));

const taken = (progress: Progress): Advance => ({ isOk: true, progress });
const refused = (progress: Progress): Advance => ({ isOk: false, progress });

function withStep(progress: Progress, index: number, outcome: StepOutcome): Progress {
  return { ...progress, steps: progress.steps.map((old, at) => (at === index ? outcome : old)) };
}

/** A job whose last step has passed has ended; one that was to be paused between two steps is paused. */
function settled(progress: Progress): Progress {
  const isOver = progress.direction === 'forward' ? progress.steps.every(isPassed) : lastToUndo(progress.steps) < 0;
  if (isOver) return { ...progress, state: progress.direction === 'forward' ? 'done' : 'undone' };
  return progress.state === 'pausing' ? { ...progress, state: 'paused' } : progress;
}

function began(progress: Progress, index: number): Advance {
  const next = nextAct(progress);
  if (next.act === 'none' || next.index !== index || progress.steps.some(isActing)) return refused(progress);
  return taken(withStep(progress, index, next.act === 'do' ? 'doing' : 'undoing'));
}

function finished(progress: Progress, index: number, outcome: 'done' | 'skipped'): Advance {
  const before = progress.steps[index];
  if (!isActive(progress.state) || !isActing(before)) return refused(progress);
  return taken(settled(withStep(progress, index, before === 'undoing' ? 'undone' : outcome)));
}

function failed(progress: Progress, index: number, then: 'wait' | 'back' | 'end'): Advance {
  if (!isActive(progress.state) || !isActing(progress.steps[index])) return refused(progress);
  const next = withStep(progress, index, 'failed');
  // An undo that fails, and a job that somebody is holding, wait for a person in any case.
  if (progress.direction === 'back' || progress.state === 'pausing' || then === 'wait') return taken({ ...next, state: 'stopped' });
  if (then === 'end') return taken({ ...next, state: 'failed' });
  return taken(settled({ ...next, state: 'undoing', direction: 'back' }));
}

function lost(progress: Progress, index: number): Advance {
  if (progress.state !== 'running' || progress.steps[index] !== 'done' || progress.steps.some(isActing)) return refused(progress);
  return taken(withStep(progress, index, 'failed'));
}

function interrupted(progress: Progress): Advance {
  if (!isActive(progress.state)) return refused(progress);
  const steps = progress.steps.map((outcome) => (isActing(outcome) ? ('failed' as const) : outcome));
  return taken({ ...progress, state: 'stopped', steps });
}

import type { JobView, StepView } from '#contract/api/jobs.ts';
import type { Translate } from '#words/translate.ts';
import { sayFailure } from '../../lib/failure.ts';
import type { Format } from '../../lib/format/format.ts';
import { noteText, stepDurationMs, stepTitle, waitingText } from '../../lib/say-job.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { coreNowMs } from '../../stores/snapshot.ts';
import { Steps, type StepPhase } from '../../ui/steps.tsx';
import { useNow } from '../../ui/use-now.ts';

const TICK_MS = 100;

function phaseOf(job: JobView, step: StepView): StepPhase {
  const isPaused = job.state === 'paused';
  switch (step.state) {
    case 'done':
      return 'done';
    case 'doing':
    case 'undoing':
      return job.state === 'stopped' ? 'failed' : isPaused ? 'paused' : 'now';
    case 'failed':
      return 'failed';
    case 'undone':
      return 'undone';
    case 'skipped':
      return 'undone';
    case 'waiting':
      return 'waiting';
  }
}

/** How it goes, and what people must know of it, also when all is over. */
function saysOf(words: Translate, format: Format, job: JobView, step: StepView): string | undefined {
  const said = [goesOf(words, format, job, step), ...(step.notes ?? []).map((one) => noteText(words, one))];
  return said.filter((part) => part !== undefined).join(' ') || undefined;
}

function goesOf(words: Translate, format: Format, job: JobView, step: StepView): string | undefined {
  const tries = step.attempts > 1 ? words('jobs.page.tried', { count: step.attempts }) : undefined;
  if (step.waiting !== undefined && (step.state === 'doing' || step.state === 'undoing')) {
    return [waitingText(words, format, step.waiting), tries].filter((part) => part !== undefined).join(' ');
  }
  // The verdict above already says why the job stopped: here only what is more.
  if (step.failure !== undefined && job.state !== 'stopped' && job.state !== 'failed') return sayFailure(words, step.failure);
  return step.state === 'failed' ? tries : undefined;
}

/** All steps with what they took, and what the present one waits for. */
export function JobSteps({ job }: { job: JobView }) {
  const words = useWords();
  const format = useFormat();
  const isMoving = job.steps.some((step) => step.endedAtMs === undefined && step.startedAtMs !== undefined) && job.endedAtMs === undefined;
  useNow(isMoving && job.state !== 'stopped' && job.state !== 'paused' ? TICK_MS : null);
  const nowMs = coreNowMs();
  return (
    <Steps
      label={words('jobs.page.steps')}
      steps={job.steps.map((step) => {
        const durationMs = stepDurationMs(step, nowMs);
        const isTimed =
          step.state !== 'waiting' &&
          step.state !== 'skipped' &&
          (step.endedAtMs !== undefined || step.state === 'doing' || step.state === 'undoing');
        const says = saysOf(words, format, job, step);
        return {
          id: step.name,
          phase: phaseOf(job, step),
          word: words(`jobs.step.${step.state}`),
          title: stepTitle(words, job, step),
          ...(says !== undefined && { says }),
          ...(isTimed && durationMs !== undefined && { duration: format.duration(durationMs) }),
        };
      })}
    />
  );
}

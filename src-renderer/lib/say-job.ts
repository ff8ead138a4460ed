import {
  isEndedState,
  isGoingBack,
  type JobState,
  type JobView,
  type StepNote,
  type StepView,
  type Leftover,
  type Waiting,
} from '#contract/api/jobs.ts';
import type { Translate } from '#words/translate.ts';
import { escapeText } from '../ui/escape-text.ts';
import type { Format } from './format/format.ts';
import type { Mark } from '#contract/api/base.ts';

/** Says a sentence of a code that came over the wire; a code of a newer core, or one without its arguments, says nothing. */
export function sayCode(words: Translate, key: string, parameters: Readonly<Record<string, unknown>> = {}): string | undefined {
  if (!words.has(key)) return undefined;
  try {
    return escapeText(words.say(key, parameters));
  } catch {
    return undefined;
  }
}

const markOfState: Record<JobState, Mark> = {
  running: 'working',
  pausing: 'working',
  undoing: 'working',
  paused: 'paused',
  stopped: 'bad',
  done: 'good',
  undone: 'paused',
  failed: 'bad',
};
export const jobMark = (job: JobView): Mark => markOfState[job.state];
export const isJobActive = (job: JobView): boolean => job.state === 'running' || job.state === 'pausing' || job.state === 'undoing';

/** *Creating anna* while it is under way or stopped, *Anna created* afterwards. */
export function jobTitle(words: Translate, job: JobView): string {
  const ended = isEndedState(job.state) ? job.state : 'now';
  const parameters = { name: job.subject.name };
  return sayCode(words, `jobs.type.${job.type}.${ended}`, parameters) ?? sayCode(words, `jobs.type.${job.type}`, parameters) ?? job.type;
}

/** The step that is being done, or where the job stopped; undefined before the first and after the last. */
export function jobStepIndex(job: JobView): number {
  const busy = job.steps.findIndex((step) => step.state === 'doing' || step.state === 'undoing' || step.state === 'failed');
  if (busy >= 0) return busy;
  return job.steps.findIndex((step) => step.state === 'waiting');
}

/** How far it is, 0 to 1, by steps: honest, because steps are what is known. */
export function jobShare(job: JobView): number {
  if (job.steps.length === 0) return 0;
  const counted = isGoingBack(job) ? ['undone', 'waiting', 'skipped'] : ['done', 'skipped'];
  return job.steps.filter((step) => counted.includes(step.state)).length / job.steps.length;
}

/** Did the program end in the middle of it? Then nobody knows yet that the step has failed. */
export const isInterrupted = (job: JobView, step: StepView | undefined): boolean =>
  (step?.failure ?? job.failure)?.code === 'JOB_INTERRUPTED';

/** The words of a step in its state: *Writing the DNS record*, *The DNS record is taken out*. */
export function stepTitle(words: Translate, job: JobView, step: StepView): string {
  const failed = isInterrupted(job, step) ? 'title' : 'failed';
  const form = { waiting: 'title', skipped: 'title', undoing: 'title', doing: 'doing', done: 'done', failed, undone: 'undone' }[step.state];
  return sayCode(words, `jobs.${job.type}.${step.name}.${form}`) ?? sayCode(words, `jobs.${job.type}.${step.name}.title`) ?? step.name;
}

/** *Waiting for Larch. Usually 1.2 s.* */
export function waitingText(words: Translate, format: Format, waiting: Waiting): string {
  const sentence = sayCode(words, `jobs.waiting.${waiting.code}`, waiting.parameters) ?? words('jobs.page.waiting');
  if (waiting.usuallyMs === undefined) return `${sentence}.`;
  return words('jobs.page.waitingUsually', { sentence, duration: format.duration(waiting.usuallyMs) });
}

/** What people must know of a step beside its state. */
export function noteText(words: Translate, { code, parameters }: StepNote): string {
  return sayCode(words, `jobs.note.${code}`, parameters) ?? escapeText([code, ...Object.values(parameters)].join(' '));
}

export function leftoverText(words: Translate, leftover: Leftover): string {
  const key = `jobs.trace.${leftover.code}.${leftover.isPresent ? 'present' : 'absent'}`;
  return sayCode(words, key, leftover.parameters) ?? escapeText([leftover.code, ...Object.values(leftover.parameters)].join(' '));
}

/** How long a job has taken: until now while it moves, until it stood still otherwise. */
export function jobDurationMs(job: JobView, nowMs: number): number {
  const touched = job.steps.map((step) => step.endedAtMs ?? step.startedAtMs ?? 0);
  const untilMs = job.endedAtMs ?? (isJobActive(job) ? nowMs : Math.max(job.createdAtMs, ...touched));
  return Math.max(0, untilMs - job.createdAtMs);
}

/** How long a step took, or has taken until now. */
export function stepDurationMs(step: StepView, nowMs: number): number | undefined {
  if (step.startedAtMs === undefined) return undefined;
  return Math.max(0, (step.endedAtMs ?? nowMs) - step.startedAtMs);
}

import * as z from 'zod';
import type { Mark } from '#contract/api/base.ts';
import { isEndedState, isSettledState, type JobState, type JobView, type StepView } from '#contract/api/jobs.ts';
import { placementReason } from '#contract/api/placement-reason.ts';
import { untoldCodes } from '#contract/untold-codes.ts';
import { hasWords, type Translate } from '#words/translate.ts';
import { sayFailure } from '../speech.ts';
import { duration } from './numbers.ts';
import { faint, marked, strong } from './style.ts';

const stateMarks: Readonly<Record<JobState, Mark>> = {
  running: 'working',
  pausing: 'working',
  paused: 'paused',
  stopped: 'bad',
  done: 'good',
  undoing: 'working',
  undone: 'paused',
  failed: 'bad',
};
const stepMarks: Readonly<Record<StepView['state'], Mark>> = {
  waiting: 'unknown',
  doing: 'working',
  done: 'good',
  failed: 'bad',
  undoing: 'working',
  undone: 'paused',
  skipped: 'paused',
};

/** A sentence whose key came over the wire, or what came. */
export function sayOr(t: Translate, key: string, parameters: Readonly<Record<string, unknown>>, otherwise: string): string {
  return hasWords(key) ? t.say(key, parameters) : otherwise;
}

export const jobTitle = (t: Translate, job: JobView): string => sayOr(t, `jobs.type.${job.type}`, { name: job.subject.name }, job.type);
export const jobState = (t: Translate, job: JobView): string =>
  marked(stateMarks[job.state], sayOr(t, `jobs.state.${job.state}`, {}, job.state));

const stepWords = {
  waiting: 'title',
  doing: 'doing',
  done: 'done',
  failed: 'failed',
  undoing: 'doing',
  undone: 'undone',
  skipped: 'title',
} as const;

export function stepLine(t: Translate, job: JobView, step: StepView, nowMs: number): string {
  // Where the program ended in the middle, nobody knows that the step has failed.
  const isInterrupted = step.state === 'failed' && (step.failure ?? job.failure)?.code === 'JOB_INTERRUPTED';
  const said = sayOr(t, `jobs.${job.type}.${step.name}.${isInterrupted ? 'title' : stepWords[step.state]}`, {}, step.name);
  const spentMs = step.startedAtMs === undefined ? undefined : (step.endedAtMs ?? nowMs) - step.startedAtMs;
  const time =
    spentMs === undefined || step.state === 'waiting' || step.state === 'skipped' ? '' : `  ${faint(duration(t, Math.max(0, spentMs)))}`;
  const { waiting } = step;
  const usually = waiting?.usuallyMs === undefined ? '' : ` ${t('cli.job.usually', { time: duration(t, waiting.usuallyMs) })}`;
  const wait =
    waiting === undefined || (step.state !== 'doing' && step.state !== 'undoing')
      ? ''
      : `  ${faint(`${sayOr(t, `jobs.waiting.${waiting.code}`, waiting.parameters, waiting.code)}${usually}`)}`;
  return `  ${marked(stepMarks[step.state], said)}${time}${wait}`;
}

/** What people must know of a step, one line each. */
export const noteLines = (t: Translate, step: StepView): string[] =>
  (step.notes ?? []).map(({ code, parameters }) => `    ${marked('warning', sayOr(t, `jobs.note.${code}`, parameters, code))}`);

export function leftoverLines(t: Translate, job: JobView): string[] {
  return job.traces.flatMap((leftover) => {
    const said = sayOr(t, `jobs.trace.${leftover.code}.${leftover.isPresent ? 'present' : 'absent'}`, leftover.parameters, leftover.code);
    if (leftover.failure !== undefined) return [`  ${marked('unknown', said)}`, `    ${faint(sayFailure(t, leftover.failure))}`];
    return [
      `  ${marked(leftover.isPresent ? 'warning' : 'good', said)}  ${faint(sayOr(t, `jobs.witness.${leftover.witness}`, {}, leftover.witness))}`,
    ];
  });
}

const stored = z.object({ serverName: z.string(), reason: placementReason });
const storedPlacement = z.union([z.array(stored), z.object({ candidates: z.array(stored) }).transform((one) => one.candidates)]);

/** The sentences with which a server was chosen, one a server; none where the job keeps none that we can read. */
export function placementSentences(t: Translate, placement: unknown): string[] {
  const parsed = storedPlacement.safeParse(placement);
  if (!parsed.success) return [];
  return parsed.data.map((one) => `${one.serverName}: ${t.say(`placement.reason.${one.reason.code}`, one.reason)}`);
}

/** What a person types; words of the command line itself, the same in every language. */
export const jobCommand = (verb: 'continue' | 'undo' | 'watch', job: Pick<JobView, 'id'>): string =>
  ['farm', 'jobs', verb, job.id].join(' ');

/** Title, steps, and what a person can do next. */
export function jobLines(t: Translate, job: JobView, nowMs: number): string[] {
  const spentMs = (job.endedAtMs ?? nowMs) - job.createdAtMs;
  const usually =
    job.usuallyMs === undefined || isSettledState(job.state) ? '' : ` ${t('cli.job.usually', { time: duration(t, job.usuallyMs) })}`;
  const isTimeKnown = job.endedAtMs !== undefined || !isSettledState(job.state);
  return [
    `${strong(jobTitle(t, job))}  ${jobState(t, job)}  ${faint(`${isTimeKnown ? duration(t, Math.max(0, spentMs)) : ''}${usually}`)}`,
    ...job.steps.flatMap((step) => [stepLine(t, job, step, nowMs), ...noteLines(t, step)]),
  ];
}

/** A join that takes itself back and whose agent cannot be told: a person may give it up. */
const giveUpLines = (t: Translate, { type, direction, failure, subject }: JobView): string[] =>
  type === 'join-server' && direction === 'back' && failure !== undefined && untoldCodes.includes(failure.code)
    ? [t('cli.job.giveUp', { name: subject.name, command: ['farm', 'servers', 'remove', subject.name, '--give-up'].join(' ') })]
    : [];

/** Why a job does not go on, and the commands that lead on. */
export function stoppedLines(t: Translate, job: JobView): string[] {
  if (job.state === 'undone')
    return [...(job.failure === undefined ? [] : [sayFailure(t, job.failure)]), t('cli.job.undone', { title: jobTitle(t, job) })];
  if (job.state === 'failed') return job.failure === undefined ? [] : [sayFailure(t, job.failure)];
  if (job.state !== 'stopped' && job.state !== 'paused') return [];
  return [
    ...(job.failure === undefined ? [] : [sayFailure(t, job.failure)]),
    ...(job.traces.length > 0 ? [t('cli.job.traces'), ...leftoverLines(t, job)] : []),
    t('cli.job.continue', { command: jobCommand('continue', job) }),
    ...giveUpLines(t, job),
    ...(job.canUndo ? [t('cli.job.undo', { command: jobCommand('undo', job) })] : [t('cli.job.noUndo')]),
  ];
}

/** The same for a script. */
export function stoppedJson(t: Translate, job: JobView): Readonly<Record<string, unknown>> {
  const { failure } = job;
  return {
    job,
    ...(failure === undefined ? {} : { failure: { ...failure, sentence: sayFailure(t, failure) } }),
    ...(isEndedState(job.state)
      ? {}
      : { commands: { continue: jobCommand('continue', job), ...(job.canUndo ? { undo: jobCommand('undo', job) } : {}) } }),
  };
}

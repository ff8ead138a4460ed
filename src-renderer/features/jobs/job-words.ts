import type { JobView, Leftover } from '#contract/api/jobs.ts';
import type { Translate } from '#words/translate.ts';
import { jobStepIndex, sayCode } from '../../lib/say-job.ts';
import { escapeText } from '../../ui/escape-text.ts';

/** Who began a job. */
export function actorText(words: Translate, actor: JobView['actor']): string {
  switch (actor.kind) {
    case 'operator':
      return escapeText(actor.name);
    case 'token':
      return words('jobs.page.actor.token', { name: escapeText(actor.name) });
    case 'agent':
      return words('jobs.page.actor.agent');
    case 'system':
      return words('jobs.page.actor.system');
  }
}

/** A vantage point is a server by its name, or the program itself. */
export function vantagePointText(words: Translate, leftover: Leftover): string {
  return sayCode(words, `jobs.witness.${leftover.witness}`) ?? escapeText(leftover.witness);
}

/** The number of the step where the job is, from 1. */
export function stepNumber(job: JobView): number {
  const index = jobStepIndex(job);
  return index < 0 ? job.steps.length : index + 1;
}

export const failureOf = (job: JobView) => job.failure ?? job.steps.find((step) => step.state === 'failed')?.failure;

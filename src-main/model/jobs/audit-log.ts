import { isSmallJob } from '#contract/catalogue/jobs.ts';
import type { Failure } from '#contract/errors.ts';
import type { Actor, FarmId, Instant } from '#contract/ids.ts';
import type { Job, JobStep } from './job.ts';
import type { JobEvent } from './machine.ts';

/** What the farm did: the words are `instances.log.<code>`; those of a step are its own. */
export type AuditEntry = {
  readonly code: string;
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly actor: Actor;
  /** Why it did not come to its end. */
  readonly failure: Failure | null;
};

/** One line of what the farm did with an instance: written together with what it tells, and never changed. Ids rise. */
export type AuditLine = AuditEntry & {
  readonly id: string;
  readonly farmId: FarmId;
  readonly subjectId: string;
  readonly atMs: Instant;
};

type Told = { readonly job: Job; readonly steps: readonly JobStep[] };
type Change = { readonly event?: JobEvent; readonly actor: Actor; readonly failure?: Failure };

/** A small job is one line in the story of its object: what it came to. */
export function storyOfBegin({ job }: Told): readonly AuditEntry[] {
  if (isSmallJob(job.type)) return [];
  return [{ code: 'job.begun', parameters: { type: job.type }, actor: job.actor, failure: null }];
}

/** What a saved change of a job tells. That a step begins is no line: what it came to is. */
export function storyOf(before: Told, after: Told, change: Change): readonly AuditEntry[] {
  const { type, direction } = after.job;
  const say = (code: string, more: AuditEntry['parameters'] = {}, failure: Failure | null = null): AuditEntry => ({
    code,
    parameters: { type, ...more },
    actor: change.actor,
    failure,
  });
  const lines: AuditEntry[] = [];
  if (change.event?.kind === 'continue') lines.push(say('job.continued', { direction }));
  if (change.event?.kind === 'undo') lines.push(say('job.undoing'));
  const changed = after.steps.filter((step, index) => step.outcome !== before.steps[index]?.outcome);
  for (const step of isSmallJob(type) ? [] : changed) {
    if (step.outcome === 'done') lines.push(say('job.step-done', { step: step.name }));
    if (step.outcome === 'undone') lines.push(say('job.step-undone', { step: step.name }));
  }
  if (after.job.state === before.job.state) return lines;
  switch (after.job.state) {
    case 'done':
    case 'undone':
    case 'paused':
      lines.push(say(`job.${after.job.state}`));
      break;
    case 'stopped':
    case 'failed': {
      const step = changed.find(({ outcome }) => outcome === 'failed')?.name ?? 'none';
      lines.push(say(`job.${after.job.state}`, { step, direction }, change.failure ?? null));
      break;
    }
    case 'running':
    case 'pausing':
    case 'undoing':
      break;
  }
  return lines;
}

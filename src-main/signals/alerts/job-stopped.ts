import type { Evaluator } from './evaluator.ts';

/** A job that stands still until a person continues or undoes it. */
export const jobStopped: Evaluator<'job-stopped'> = (job) => {
  if (job.state !== 'stopped') return 'good';
  const step = job.steps.findIndex((candidate) => candidate.state === 'failed' || candidate.failure !== undefined);
  // A failure has parameters of its own names, and one of them may be a step too: what the sentence says of the job stands.
  const said = { name: job.subject.name, type: job.type, step: step + 1, steps: job.steps.length, failure: job.failure?.code ?? '' };
  return { severity: 'bad', parameters: { ...job.failure?.parameters, ...said }, beganAtMs: job.endedAtMs ?? job.createdAtMs };
};

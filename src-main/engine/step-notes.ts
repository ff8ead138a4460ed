import * as z from 'zod';
import { type StepNote, stepNote } from '#contract/api/jobs.ts';
import type { JobStep } from '../model/jobs/job.ts';

/** Beside what parts remember: a step that remembers anew keeps what it told. */
const key = 'told';
/** Of a step that is tried very often, what it told last. */
export const mostNotes = 5;

/** What a step has told, oldest first; nothing where an older program wrote something else there. */
export function toldOf(checkpoint: JobStep['checkpoint']): readonly StepNote[] {
  const parsed = z.array(stepNote).safeParse(checkpoint[key]);
  return parsed.success ? parsed.data : [];
}

/** Remembers one more; the same is kept once, where it was told last. */
export function toldWith(checkpoint: JobStep['checkpoint'], told: StepNote): JobStep['checkpoint'] {
  const others = toldOf(checkpoint).filter((one) => JSON.stringify(one) !== JSON.stringify(told));
  return { ...checkpoint, [key]: [...others, told].slice(-mostNotes) };
}

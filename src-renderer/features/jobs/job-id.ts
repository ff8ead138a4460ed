import type { JobId } from '#contract/ids.ts';

/** An address of the window as a job's id: the core checks it, and refuses what is none. */
export function jobId(text: string): JobId {
  return text as JobId;
}

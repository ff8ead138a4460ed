import type { QuietReport } from '#contract/agent/instances.ts';
import type { StepNote } from '#contract/api/jobs.ts';

/**
 * What people must know of an end that an instance was given before it was still: an application may acknowledge a write before it has written. Undefined
 * when it was still, when there was nothing to end, and from agents that do not say. `counted`: no where the edge could not tell its requests.
 */
export function quietNote(name: string, quiet: QuietReport | undefined): StepNote | undefined {
  if (quiet === undefined || quiet.state === 'still') return undefined;
  const { waitedMs, inFlight, folder } = quiet;
  return {
    code: 'not-quiet',
    parameters: {
      name,
      seconds: Math.round(waitedMs / 1000),
      counted: inFlight === undefined ? 'no' : 'yes',
      requests: inFlight ?? 0,
      folder,
    },
  };
}

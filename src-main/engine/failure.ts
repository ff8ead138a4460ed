import { type Failure, isFarmError } from '#contract/errors.ts';
import type { Log } from '../ports/request.ts';

/** What stopped a job, as data: an expected failure by its code; a bug by the reference under which it was logged. */
export function toFailure(error: unknown, log: Log, where: Readonly<Record<string, unknown>>): Failure {
  if (isFarmError(error)) return { code: error.code, parameters: { ...error.parameters } };
  return { code: 'INTERNAL', parameters: {}, reference: log.bug(error, where) };
}

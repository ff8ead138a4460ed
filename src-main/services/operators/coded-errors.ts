import { toWireError as toWire } from '#contract/wire-errors.ts';
import { withStreamErrors } from '#kit/stream-errors.ts';
import type { Log } from '../../ports/request.ts';

export function toWireError(error: unknown, log: Log, path: readonly string[]): unknown {
  return toWire(error, (bug) => log.bug(bug, { procedure: path.join('.') }));
}

/** The same for what a stream throws later. */
export function withWireErrors(output: unknown, log: Log, path: readonly string[]): unknown {
  return withStreamErrors(output, (error) => toWireError(error, log, path));
}

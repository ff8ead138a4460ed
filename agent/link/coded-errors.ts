import { toWireError } from '#contract/wire-errors.ts';
import { withStreamErrors } from '#kit/stream-errors.ts';
import type { LinkLog } from './types.ts';

/** Runs one command; what it throws, now or later in its stream, is told as the contract says. */
export async function coded(act: () => Promise<unknown>, log: LinkLog, path: readonly string[]): Promise<unknown> {
  const toWire = (error: unknown): unknown => toWireError(error, (bug) => log.bug(bug, { command: path.join('.') }));
  try {
    return withStreamErrors(await act(), toWire);
  } catch (error) {
    throw toWire(error);
  }
}

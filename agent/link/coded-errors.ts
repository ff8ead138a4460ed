import { ORPCError } from '@orpc/server';
import { errorTable, isFarmError } from '#contract/errors.ts';
import type { LinkLog } from './types.ts';

/** What goes to the core: expected failures by their code; everything else as a bug with a reference, never a stack. */
function toWireError(error: unknown, log: LinkLog, path: readonly string[]): unknown {
  if (error instanceof ORPCError) return error;
  if (isFarmError(error)) {
    return new ORPCError(error.code, { status: errorTable[error.code].status, message: error.code, data: { ...error.parameters } });
  }
  if (error instanceof Error && error.name === 'AbortError') return error;
  const reference = log.bug(error, { command: path.join('.') });
  return new ORPCError('INTERNAL_SERVER_ERROR', { message: 'INTERNAL', data: { reference } });
}

function isStream(output: unknown): output is AsyncIterable<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
}

/** The same for what a stream throws later. */
function withWireErrors(output: unknown, log: LinkLog, path: readonly string[]): unknown {
  if (!isStream(output)) return output;
  const iterator = output[Symbol.asyncIterator]();
  return (async function* () {
    try {
      while (true) {
        const next = await iterator.next();
        if (next.done) return next.value;
        yield next.value;
      }
    } catch (error) {
      throw toWireError(error, log, path);
    } finally {
      await iterator.return?.();
    }
  })();
}

/** Runs one command; what it throws, now or later in its stream, is told as the contract says. */
export async function coded(act: () => Promise<unknown>, log: LinkLog, path: readonly string[]): Promise<unknown> {
  try {
    return withWireErrors(await act(), log, path);
  } catch (error) {
    throw toWireError(error, log, path);
  }
}

import { ORPCError } from '@orpc/server';
import { errorTable, isFarmError } from '#contract/errors.ts';
import type { Log } from '../../ports/request.ts';

/** What goes over the wire: expected failures by their code; everything else as a bug with a reference, never a stack. */
export function toWireError(error: unknown, log: Log, path: readonly string[]): unknown {
  if (error instanceof ORPCError) return error;
  if (isFarmError(error))
    return new ORPCError(error.code, { status: errorTable[error.code].status, message: error.code, data: error.parameters });
  if (error instanceof Error && error.name === 'AbortError') return error;
  const reference = log.bug(error, { procedure: path.join('.') });
  return new ORPCError('INTERNAL_SERVER_ERROR', { message: 'INTERNAL', data: { reference } });
}

function isStream(output: unknown): output is AsyncIterable<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
}

/** The same for what a stream throws later. */
export function withWireErrors(output: unknown, log: Log, path: readonly string[]): unknown {
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

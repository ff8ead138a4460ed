import { ORPCError } from '@orpc/contract';
import { errorTable, isFarmError } from './errors.ts';

/**
 * What goes over the wire, from core and agents alike: expected failures by their code; everything else as a bug with the reference that `reportBug`
 * gives it, never a stack. The end of a stream whose reader has gone stays what it is.
 */
export function toWireError(error: unknown, reportBug: (error: unknown) => string): unknown {
  if (error instanceof ORPCError) return error;
  if (isFarmError(error))
    return new ORPCError(error.code, { status: errorTable[error.code].status, message: error.code, data: { ...error.parameters } });
  if (error instanceof Error && error.name === 'AbortError') return error;
  return new ORPCError('INTERNAL_SERVER_ERROR', { message: 'INTERNAL', data: { reference: reportBug(error) } });
}

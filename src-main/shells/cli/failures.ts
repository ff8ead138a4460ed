import { ORPCError } from '@orpc/client';
import * as z from 'zod';
import { errorTable, type Failure, FarmError, isErrorCode } from '#contract/errors.ts';
import type { WordKey } from '#words/translate.ts';
import { toFailure } from '../speech.ts';

/** Wrong on the command line itself: answered with the sentence and where to find the help. */
export class UsageError extends Error {
  readonly key: WordKey;
  readonly parameters: Readonly<Record<string, string | number>>;
  constructor(key: WordKey, parameters: Readonly<Record<string, string | number>> = {}) {
    super(key);
    this.key = key;
    this.parameters = parameters;
  }
}

export const exitCodes = { good: 0, failed: 1, usage: 2, notFound: 3, refused: 4, noProgram: 5 } as const;

function isScalar(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function fromWire(error: ORPCError<string, unknown>): Failure {
  const data: Record<string, unknown> = typeof error.data === 'object' && error.data !== null ? { ...error.data } : {};
  const parameters = Object.fromEntries(Object.entries(data).filter((pair): pair is [string, string | number] => isScalar(pair[1])));
  if (isErrorCode(error.code)) return { code: error.code, parameters };
  if (error.status === 401) return { code: 'SIGN_IN_NEEDED', parameters: {} };
  const { reference } = data;
  return { code: 'INTERNAL', parameters: {}, reference: typeof reference === 'string' ? reference : error.code };
}

const issues = z.object({
  issues: z.array(z.object({ path: z.array(z.union([z.string(), z.number()])).default([]), message: z.string() })).min(1),
});

/** What the core did not accept of the input, where that is why it refused. */
export function inputProblem(error: unknown): string | undefined {
  if (!(error instanceof ORPCError) || error.code !== 'BAD_REQUEST') return undefined;
  const parsed = issues.safeParse(error.data);
  const [first] = parsed.success ? parsed.data.issues : [];
  return first === undefined ? error.message : `${first.path.join('.')}: ${first.message}`;
}

/** The connection is refused or cut: the program ended, or is ending. */
export function isCut(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof ORPCError || error instanceof FarmError) return false;
  return (
    error instanceof TypeError ||
    ['AbortError', 'TimeoutError'].includes(error.name) ||
    /terminated|socket|fetch failed/i.test(error.message)
  );
}

/** What was thrown, as data with a sentence; undefined for a bug of the command line itself. */
export function failureOf(error: unknown, home: string): Failure | undefined {
  if (error instanceof ORPCError) return fromWire(error);
  if (isCut(error)) return { code: 'NO_PROGRAM_RUNNING', parameters: { path: home } };
  return toFailure(error);
}

export function exitCodeOf(failure: Failure): number {
  if (failure.code === 'NO_PROGRAM_RUNNING') return exitCodes.noProgram;
  if (!isErrorCode(failure.code)) return exitCodes.failed;
  const { status } = errorTable[failure.code];
  if (status === 404) return exitCodes.notFound;
  return status >= 400 && status < 500 ? exitCodes.refused : exitCodes.failed;
}

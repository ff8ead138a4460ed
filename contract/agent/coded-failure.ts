import { type ErrorCode, errorTable, FarmError, isErrorCode } from '../errors.ts';

/**
 * What a peer named as a failure, as the error that we throw ourselves; undefined for a code that this version does not know or for
 * parameters that do not fit it. A peer's text is only ever a parameter, never a sentence.
 */
export function farmErrorFrom(code: string, parameters: unknown): FarmError | undefined {
  if (!isErrorCode(code)) return undefined;
  const parsed = errorTable[code].data.safeParse(parameters);
  // The parameters were just checked against the code's own schema.
  return parsed.success ? new FarmError<ErrorCode>(code, parsed.data as FarmError['parameters']) : undefined;
}

/** An error as data, for jobs, screens and the wire. */
export function failureOf(error: FarmError): { code: ErrorCode; parameters: Record<string, string | number> } {
  return { code: error.code, parameters: { ...error.parameters } };
}

import { hex } from '@scure/base';
import { ORPCError } from '@orpc/client';
import type { Failure } from '#contract/errors.ts';
import type { Translate } from '#words/translate.ts';
import { escapeText } from '../ui/escape-text.ts';
import { LinkLostError } from './core-link.ts';

/** Codes that only the window knows; their words are `common.failure.<code>`. */
const windowCodes = { LINK_LOST: 'common.failure.LINK_LOST', BAD_REQUEST: 'common.failure.BAD_REQUEST' } as const;

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';
/** What the contract library throws when its socket or port went away under a call (checked 2026-11: plain Errors, no code). */
const isCut = (error: unknown): boolean => error instanceof Error && /not open|closed|aborted/i.test(error.message);

function plainParameters(data: unknown): Failure['parameters'] {
  if (typeof data !== 'object' || data === null) return {};
  return Object.fromEntries(
    Object.entries(data).filter(
      (entry): entry is [string, string | number] => typeof entry[1] === 'string' || typeof entry[1] === 'number',
    ),
  );
}

function newReference(): string {
  return `W-${hex.encode(crypto.getRandomValues(new Uint8Array(4)))}`;
}

/**
 * Any thrown value as a failure that can be said: expected ones by code, a lost link as `LINK_LOST`, everything else as
 * `INTERNAL` with a reference (the core's own, or one of the window's that its console has too). Never throws.
 */
export function codedFailure(error: unknown): Failure {
  if (error instanceof ORPCError) {
    const parameters = plainParameters(error.data);
    if (error.code === 'INTERNAL_SERVER_ERROR') return { code: 'INTERNAL', parameters, reference: String(parameters['reference'] ?? '') };
    if (error.code === 'UNAUTHORIZED') return { code: 'SIGN_IN_NEEDED', parameters };
    return { code: error.code, parameters };
  }
  if (error instanceof LinkLostError || isAbort(error) || isCut(error)) return { code: 'LINK_LOST', parameters: {} };
  const reference = newReference();
  console.error(reference, error);
  return { code: 'INTERNAL', parameters: { reference }, reference };
}

/** The sentence of a failure in the reader's language, safe to show: steering characters from far machines are shown as what they are. */
export function sayFailure(words: Translate, failure: Failure): string {
  const known = windowCodes[failure.code as keyof typeof windowCodes];
  const key = known ?? `error.${failure.code}`;
  const reference = failure.reference ?? failure.code;
  if (!words.has(key)) return words('error.INTERNAL', { reference });
  try {
    return escapeText(words.say(key, { reference, ...failure.parameters }));
  } catch {
    // A stored failure of an older version may miss an argument that the sentence has now.
    return words('error.INTERNAL', { reference });
  }
}

/** The technical evidence of a failure: code and parameters, one a line, for the fold under the sentence. */
export function failureEvidence(failure: Failure): string {
  const lines = Object.entries(failure.parameters).map(([name, value]) => `${name}: ${value}`);
  const reference = failure.reference === undefined ? [] : [`reference: ${failure.reference}`];
  return escapeText([failure.code, ...lines, ...reference].join('\n'));
}

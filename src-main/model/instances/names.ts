import { FarmError } from '#contract/errors.ts';
import { decodePunycode, encodePunycode } from './names-punycode.ts';
import { isReservedLabel } from './names-reserved.ts';
import { transliterate } from './names-transliterate.ts';

/** RFC 1035 §2.3.4. */
const maxLabelOctets = 63;

export type NameProblem = 'empty' | 'tooLong' | 'characters' | 'hyphen' | 'idn';
export type NameRefusal =
  | { readonly code: 'NAME_INVALID'; readonly reason: NameProblem; readonly suggestion: string | undefined }
  | { readonly code: 'NAME_RESERVED'; readonly suggestion: undefined };
export type NameCheck = { readonly isOk: true; readonly label: string } | ({ readonly isOk: false } & NameRefusal);

/**
 * Is the text an address label that a customer may have? Host names know no case, so capital letters are folded; nothing else is
 * changed silently. `suggestion` is a label that would do, where one can be made of the text. (RFC 1123 §2.1, RFC 5891 §4.2.3.)
 */
export function checkLabel(text: string): NameCheck {
  const label = text.trim().toLowerCase();
  const problem = problemOf(label);
  if (problem !== undefined) return { isOk: false, code: 'NAME_INVALID', reason: problem, suggestion: suggestionFor(text) };
  if (isReservedLabel(label)) return { isOk: false, code: 'NAME_RESERVED', suggestion: undefined };
  return { isOk: true, label };
}

/** The refusal as the coded error that jobs and procedures throw. */
export function nameError(name: string, refusal: NameRefusal): FarmError<'NAME_INVALID' | 'NAME_RESERVED'> {
  if (refusal.code === 'NAME_RESERVED') return new FarmError('NAME_RESERVED', { name });
  const { reason, suggestion } = refusal;
  const proposal = suggestion ?? '';
  if (reason !== 'idn') return new FarmError('NAME_INVALID', { name, reason, proposal });
  // What a person sees of a made-up encoding (`xn--…`) are its two hyphens.
  if (!/[^\p{ASCII}]/u.test(name)) return new FarmError('NAME_INVALID', { name, reason: 'hyphen', proposal });
  return new FarmError('NAME_INVALID', { name, reason: proposal === '' ? 'idn' : 'script', proposal });
}

/**
 * The first free label for a customer's name, numbered from 2 on when it is taken or reserved: "Анна" → `anna`, `anna-2`, …
 * Undefined when the name has no letters that we can write.
 */
export function proposeLabel(customerName: string, isTaken: (label: string) => boolean): string | undefined {
  const base = usableStem(customerName);
  if (base === undefined) return undefined;
  for (let number = 1; ; number += 1) {
    const label = number === 1 ? base : `${shorten(base, maxLabelOctets - String(number).length - 1)}-${number}`;
    if (checkLabel(label).isOk && !isTaken(label)) return label;
  }
}

function problemOf(label: string): NameProblem | undefined {
  if (label === '') return 'empty';
  if (/[^\p{ASCII}]/u.test(label)) return /^[\p{L}\p{N}\p{M}-]+$/u.test(label) ? 'idn' : 'characters';
  if (!/^[a-z0-9-]+$/.test(label)) return 'characters';
  if (label.startsWith('-') || label.endsWith('-')) return 'hyphen';
  if (label.length > maxLabelOctets) return 'tooLong';
  if (label.startsWith('xn--')) return isRealALabel(label) ? undefined : 'idn';
  // RFC 5891 §4.2.3.1: two hyphens there announce an encoding
  if (label.slice(2, 4) === '--') return 'hyphen';
  return undefined;
}

/** Decodes to letters and digits in their only normal form and gives the same label back: else it is a trap, not a name. */
function isRealALabel(label: string): boolean {
  const encoded = label.slice(4);
  const text = decodePunycode(encoded);
  if (text === undefined || text === '') return false;
  return (
    encodePunycode(text) === encoded &&
    text.normalize('NFC') === text &&
    text.toLowerCase() === text &&
    /[^\p{ASCII}]/u.test(text) &&
    /^[\p{L}\p{N}][\p{L}\p{N}\p{M}-]*$/u.test(text) &&
    text.slice(2, 4) !== '--' &&
    !text.endsWith('-')
  );
}

function suggestionFor(text: string): string | undefined {
  const stem = usableStem(text);
  return stem !== undefined && checkLabel(stem).isOk ? stem : undefined;
}

function usableStem(text: string): string | undefined {
  const written = transliterate(text);
  if (written === undefined || written === '') return undefined;
  return shorten(written, maxLabelOctets);
}

/** Cuts between words where that keeps at least half. */
function shorten(label: string, octets: number): string {
  if (label.length <= octets) return label;
  const cut = label.slice(0, octets);
  const lastWord = label.charAt(octets) === '-' ? octets : cut.lastIndexOf('-');
  return cut.slice(0, lastWord > octets / 2 ? lastWord : octets).replace(/-+$/, '');
}

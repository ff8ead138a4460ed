import { parseCode } from '#contract/agent/pairing.ts';
import { canonicalIpv6 } from '#contract/ip-address.ts';

/** The agent's own command; it is no sentence, so it has one form in every language. */
export const codeLine = 'node agent.cjs code --home <folder>';

const WHOLE = 24;
/** Letters that a code never has (Crockford base 32 leaves U out; I, L, O and look-alikes are read as digits). */
const possible = /[0-9A-Z]/;

export type CodeForm =
  | { readonly kind: 'empty' }
  | { readonly kind: 'short'; readonly missing: number }
  | { readonly kind: 'long'; readonly extra: number }
  | { readonly kind: 'wrong'; readonly character: string }
  | { readonly kind: 'whole' };

const charactersOf = (typed: string): string[] =>
  [...typed.normalize('NFKC').toUpperCase()].filter((character) => !/[\s\p{Pd}_.]/u.test(character));

/** What can be said of a pairing code while it is typed, before anything is sent. */
export function codeFormOf(typed: string): CodeForm {
  const characters = charactersOf(typed);
  if (characters.length === 0) return { kind: 'empty' };
  // A single character is judged by the same rules as the whole code: 23 good ones beside it.
  const wrong = characters.find((character) => parseCode('0'.repeat(WHOLE - 1) + character) === undefined);
  if (wrong !== undefined) return { kind: 'wrong', character: wrong };
  if (characters.length < WHOLE) return { kind: 'short', missing: WHOLE - characters.length };
  if (characters.length > WHOLE) return { kind: 'long', extra: characters.length - WHOLE };
  return { kind: 'whole' };
}

/** Groups of four with hyphens, as the server shows it. Only grows at the end: what is typed in the middle is left alone. */
export function groupedCode(typed: string, before: string): string {
  if (typed.length < before.length || !typed.toUpperCase().startsWith(before.toUpperCase())) {
    const isPasted = charactersOf(typed).length >= WHOLE && charactersOf(before).length < WHOLE;
    if (!isPasted) return typed;
  }
  const characters = charactersOf(typed);
  if (!characters.every((character) => possible.test(character))) return typed;
  return (characters.join('').match(/.{1,4}/g) ?? []).join('-');
}

/** A host name or address with an optional port. Undefined when it can be none. */
export function isAddress(typed: string): boolean {
  const text = typed
    .trim()
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/\/.*$/, '');
  if (text === '' || /\s/.test(text)) return false;
  if (canonicalIpv6(text) !== undefined) return true;
  const [, bracketed, host = '', portText = '1'] = /^(?:\[([^\]]*)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const port = Number(portText);
  if (port < 1 || port > 65_535) return false;
  if (bracketed !== undefined) return canonicalIpv6(bracketed) !== undefined;
  return /^(?!-)[\p{L}\d-]+(\.[\p{L}\d-]+)*\.?$/u.test(host);
}

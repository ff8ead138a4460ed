import { utf8Octets, utf8Text } from './utf8.ts';

/**
 * TXT values in master-file form (RFC 1035 §3.3.14 and §5.1), as RRset interfaces want them: quoted strings of at most
 * 255 octets, `\` before quotes and backslashes, `\DDD` for every octet that is not printable ASCII.
 */
const maxStringOctets = 255;

export function quoteTxt(text: string): string {
  const octets = utf8Octets(text);
  const strings: string[] = [];
  for (let at = 0; at < octets.length || at === 0; at += maxStringOctets) {
    strings.push(
      `"${octets
        .slice(at, at + maxStringOctets)
        .map(quoteOctet)
        .join('')}"`,
    );
  }
  return strings.join(' ');
}

function quoteOctet(octet: number): string {
  if (octet === 0x22 || octet === 0x5c) return `\\${String.fromCharCode(octet)}`;
  if (octet < 0x20 || octet > 0x7e) return `\\${String(octet).padStart(3, '0')}`;
  return String.fromCharCode(octet);
}

/** The text of one or more quoted (or bare) strings, joined; undefined when it is not that. */
export function unquoteTxt(presentation: string): string | undefined {
  const octets: number[] = [];
  let rest = presentation.trim();
  while (rest !== '') {
    const string = /^"((?:[^"\\]|\\\d{3}|\\\D)*)"\s*/s.exec(rest) ?? /^((?:[^"\\\s]|\\\d{3}|\\\D)+)(?:\s+|$)/s.exec(rest);
    if (string === null) return undefined;
    for (const piece of (string[1] ?? '').match(/\\\d{3}|\\\D|[^\\]/gsu) ?? []) {
      if (/^\\\d{3}$/.test(piece)) octets.push(Number(piece.slice(1)) & 0xff);
      else octets.push(...utf8Octets(piece.replace(/^\\/, '')));
    }
    rest = rest.slice(string[0].length);
  }
  return utf8Text(octets);
}

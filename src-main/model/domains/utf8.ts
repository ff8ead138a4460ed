/** UTF-8 with the language's own means: this folder has neither Node's nor the browser's. */

export function utf8Octets(text: string): number[] {
  return (encodeURIComponent(text.toWellFormed()).match(/%[0-9A-F]{2}|./g) ?? []).map((piece) =>
    piece.length === 3 ? Number.parseInt(piece.slice(1), 16) : piece.charCodeAt(0),
  );
}

/** Octets that are not UTF-8 (a TXT may hold anything) are shown one character each, as Latin-1. */
export function utf8Text(octets: readonly number[]): string {
  try {
    return decodeURIComponent(octets.map((octet) => `%${octet.toString(16).padStart(2, '0')}`).join(''));
  } catch {
    return String.fromCharCode(...octets);
  }
}

/** Longer texts are no reference, whatever they hold. */
export const longestReference = 40;

const apart = /[ \-\u2010-\u2015]/g;

/**
 * The reference that a person means, as pages and logs have it; undefined for a text that is none. Of a friendly page: eight characters of Crockford's
 * base 32 in two groups (`4F7K-2MQX`). Of a fault of the core: `F-` and six of them. Of an agent or an edge: ten hexadecimal digits. Capitals, blanks
 * and hyphens do not matter, nor the letters that are read as digits (https://www.crockford.com/base32.html).
 */
export function referenceMeant(text: string): string | undefined {
  if (text.length > longestReference) return undefined;
  const plain = text.trim().replace(apart, '').toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1');
  if (/^[0-9A-F]{10}$/.test(plain)) return plain.toLowerCase();
  if (/^F[0-9A-HJKMNP-TV-Z]{6}$/.test(plain)) return `F-${plain.slice(1)}`;
  if (/^[0-9A-HJKMNP-TV-Z]{8}$/.test(plain)) return `${plain.slice(0, 4)}-${plain.slice(4)}`;
  return undefined;
}

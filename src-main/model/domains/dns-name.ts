/** Names as we keep them: lower case, no final dot, A-labels. RFC 1035 §2.3.4: a label has 63 octets, a name 253 characters. */

export function normalizeDnsName(text: string): string {
  return text.toLowerCase().replace(/\.$/, '');
}

/** A name that may own a record: letters, digits, hyphen, underscore; `*` only as the whole first label (RFC 4592 §2.1.1). */
export function isOwnerName(name: string): boolean {
  if (name === '' || name.length > 253) return false;
  return name.split('.').every((label, at) => (at === 0 && label === '*') || /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/.test(label));
}

/** A name that a server or host can have: no wildcard. */
export function isHostName(name: string): boolean {
  return isOwnerName(name) && !name.startsWith('*');
}

export function isInZone(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

/** The name and every name above it: `a.b.c` → `a.b.c`, `b.c`, `c`. */
export function suffixesOf(name: string): readonly string[] {
  const labels = name.split('.');
  return labels.map((_label, at) => labels.slice(at).join('.'));
}

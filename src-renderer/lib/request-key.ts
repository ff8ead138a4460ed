/** A new request key: the same key twice is one act, so a repeat after a lost answer does nothing twice. */
export function newRequestKey(): string {
  return crypto.randomUUID();
}

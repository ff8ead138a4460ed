import { isHostName, normalizeDnsName } from './dns-name.ts';
import { canonicalIpv4, canonicalIpv6 } from '#contract/ip-address.ts';
import { utf8Octets } from './utf8.ts';

/** The types that Farmstead writes. Everything else in a zone belongs to others and is never touched. */
export const writtenTypes = ['A', 'AAAA', 'CNAME', 'TXT'] as const;
export type WrittenType = (typeof writtenTypes)[number];

/**
 * All records of one name and type. `name` is absolute, lower case, without the final dot. Values: an address in its canonical
 * form; a host name without the final dot; the text of a TXT without quotes; of other types the text that the server gave.
 */
export type RecordSet = {
  readonly name: string;
  readonly type: string;
  readonly ttlSeconds: number;
  readonly values: readonly string[];
  /** What stands there and is not served, because its owner turned it off (PowerDNS: `disabled`). Absent: nothing. */
  readonly disabled?: readonly string[];
};

/** Something stands there, served or not. */
export const isStanding = (set: RecordSet): boolean => set.values.length > 0 || (set.disabled ?? []).length > 0;

/** The same is served, for the same time, and the same is turned off. Two that are absent are the same. */
export function isSameSet(a: RecordSet | undefined, b: RecordSet | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.ttlSeconds === b.ttlSeconds && isSameContent(a, b);
}

export function isSameContent(a: RecordSet | undefined, b: RecordSet | undefined): boolean {
  return sameValues(a?.values ?? [], b?.values ?? []) && sameValues(a?.disabled ?? [], b?.disabled ?? []);
}

/** The value in the form in which two of them can be compared, or undefined when it is no value of this type. */
export function canonicalValue(type: WrittenType, value: string): string | undefined {
  switch (type) {
    case 'A':
      return canonicalIpv4(value.trim());
    case 'AAAA':
      return canonicalIpv6(value.trim());
    case 'CNAME': {
      const name = normalizeDnsName(value.trim());
      return isHostName(name) ? name : undefined;
    }
    case 'TXT':
      return utf8Octets(value).length <= 4096 ? value : undefined;
  }
}

export function sameValues(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value) => b.includes(value));
}

/** A short account of records for an error's parameter: `A 192.0.2.7; TXT v=spf1; A 192.0.2.8 (disabled)`. */
export function describeRecords(sets: readonly RecordSet[]): string {
  return sets
    .map(({ type, values, disabled = [] }) => `${type} ${[...values, ...disabled.map((value) => `${value} (disabled)`)].join(', ')}`)
    .join('; ');
}

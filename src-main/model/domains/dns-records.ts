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
};

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

/** A short account of records for an error's parameter: `A 192.0.2.7; TXT v=spf1`. */
export function describeRecords(sets: readonly RecordSet[]): string {
  return sets.map((set) => `${set.type} ${set.values.join(', ')}`).join('; ');
}

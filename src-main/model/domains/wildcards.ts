import { isInZone, suffixesOf } from './dns-name.ts';
import { isStanding, type RecordSet } from './dns-records.ts';

export const isWildcardName = (name: string): boolean => name.startsWith('*.');

/** The wildcards of a zone that could answer for a name without records of its own, nearest first: `*.farm.example`, then `*.example`. */
export function wildcardNamesOver(name: string, zone: string): readonly string[] {
  return suffixesOf(name)
    .slice(1)
    .filter((suffix) => isInZone(suffix, zone))
    .map((suffix) => `*.${suffix}`);
}

/**
 * Types that decide where a browser goes, or who answers for the name; a TXT beside ours harms nobody. ALIAS, ANAME and LUA are answered with
 * addresses that the name server finds (https://doc.powerdns.com/authoritative/lua-records/); HTTPS and SVCB send a browser on (RFC 9460).
 */
const leadingTypes = ['A', 'AAAA', 'CNAME', 'NS', 'DNAME', 'ALIAS', 'ANAME', 'LUA', 'HTTPS', 'SVCB'];

/** Of the sets at a name, those that would lead visitors elsewhere. */
export function leadingSets(sets: readonly RecordSet[]): readonly RecordSet[] {
  return sets.filter((set) => leadingTypes.includes(set.type) && set.values.length > 0);
}

/** Those, and the ones that their owner turned off for now: the name is taken. */
export function claimingSets(sets: readonly RecordSet[]): readonly RecordSet[] {
  return sets.filter((set) => leadingTypes.includes(set.type) && isStanding(set));
}

import { isInZone, suffixesOf } from './dns-name.ts';
import { describeRecords, type RecordSet, sameValues } from './dns-records.ts';
import { isWildcardName, leadingSets, wildcardNamesOver } from './wildcards.ts';

/** An instance as its record should be: what we wrote there, and where its server is now. */
export type KnownInstance = {
  readonly name: string;
  readonly host: string;
  readonly owned: readonly { readonly type: string; readonly value: string }[];
  readonly serverAddresses: readonly string[];
  /** The farm's own wildcard leads there, so that no record is needed where nothing hides it. */
  readonly isLedByWildcard: boolean;
};

export type Difference = {
  readonly code: 'missing' | 'different' | 'outdated';
  readonly instanceName: string;
  readonly host: string;
  readonly found: string;
  readonly expected: string;
};
export type Hiding = { readonly name: string; readonly found: string; readonly hides: string };

/** Names that exist, also because something stands below them (RFC 4592 §2.2.2). */
function existingNames(records: readonly RecordSet[]): ReadonlySet<string> {
  return new Set(records.filter((set) => set.values.length > 0).flatMap((set) => suffixesOf(set.name)));
}

/** The wildcard that answers for a name below the domain that has no records (RFC 4592 §3.3.1); undefined where nothing does. */
export function answeringWildcard(
  records: readonly RecordSet[],
  place: { readonly domain: string; readonly zone: string },
): { readonly name: string; readonly sets: readonly RecordSet[] } | undefined {
  const names = existingNames(records);
  const nobody = `nobody.${place.domain}`;
  for (const name of wildcardNamesOver(nobody, place.zone)) {
    const sets = leadingSets(records.filter((set) => set.name === name));
    if (sets.length > 0) return { name, sets };
    // the closest name that exists decides: a wildcard farther up has no say any more
    if (names.has(name.slice(2))) return undefined;
  }
  return undefined;
}

/** Names below the domain that a wildcard does not answer for, because of records that are not the farm's. */
export function hidingRecords(records: readonly RecordSet[], domain: string, isOurs: (name: string) => boolean): Hiding[] {
  const nameServers = new Set(records.filter((set) => set.type === 'NS').flatMap((set) => set.values));
  const byName = new Map<string, RecordSet[]>();
  for (const set of records) {
    const isBelow = set.name !== domain && isInZone(set.name, domain) && !isWildcardName(set.name) && set.values.length > 0;
    // the zone's own name servers have to have addresses of their own
    if (!isBelow || nameServers.has(set.name) || isOurs(set.name)) continue;
    byName.set(set.name, [...(byName.get(set.name) ?? []), set]);
  }
  return [...byName]
    .map(([name, sets]) => ({ name, found: describeRecords(sets), hides: childOf(name, domain) }))
    .filter(({ hides }) => !isOurs(hides))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/** The label right below the domain: `a.b.farm.example` stands in the way of `b.farm.example`. */
function childOf(name: string, domain: string): string {
  const label =
    name
      .slice(0, -domain.length - 1)
      .split('.')
      .at(-1) ?? '';
  return `${label}.${domain}`;
}

/** How the record of an instance differs from what the farm believes; undefined when it is as it should be. */
export function differenceOf(records: readonly RecordSet[], instance: KnownInstance): Difference | undefined {
  const standing = leadingSets(records.filter((set) => set.name === instance.host));
  const values = standing.flatMap((set) => set.values);
  const owned = instance.owned.map(({ value }) => value);
  const told = { instanceName: instance.name, host: instance.host, found: describeRecords(standing) };
  const expected = (owned.length > 0 ? owned : instance.serverAddresses).join(', ');
  if (values.length === 0) {
    const isLed = instance.isLedByWildcard && owned.length === 0 && !existingNames(records).has(instance.host);
    return isLed ? undefined : { code: 'missing', ...told, expected };
  }
  const isAsWritten = owned.length > 0 && standing.every(({ type }) => type === 'A' || type === 'AAAA') && sameValues(values, owned);
  if (!isAsWritten) return { code: 'different', ...told, expected };
  if (sameValues(values, instance.serverAddresses)) return undefined;
  return { code: 'outdated', ...told, expected: instance.serverAddresses.join(', ') };
}

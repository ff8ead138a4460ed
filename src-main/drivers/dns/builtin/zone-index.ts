import { isInZone, suffixesOf } from '../../../model/domains/dns-name.ts';
import type { RecordSet } from '../../../model/domains/dns-records.ts';
import type { StoredZone } from '../../../ports/dns.ts';

/** Negative answers are kept by resolvers this long: short, since names come into being here (RFC 2308 §5). */
const negativeTtlSeconds = 5;
const apexTtlSeconds = 3600;

/** A zone made ready for questions: names to their record sets, and the names that exist only because something is below them. */
export type ZoneIndex = {
  readonly zone: StoredZone;
  readonly soa: RecordSet;
  readonly sets: ReadonlyMap<string, ReadonlyMap<string, RecordSet>>;
  /** Every name that exists, empty non-terminals included (RFC 4592 §2.2.2). */
  readonly names: ReadonlySet<string>;
};

/** The SOA's fields in master-file order, as one value. */
export function soaOf(zone: StoredZone): RecordSet {
  const value = `ns1.${zone.name} hostmaster.${zone.name} ${zone.serial} 3600 600 604800 ${negativeTtlSeconds}`;
  return { name: zone.name, type: 'SOA', ttlSeconds: apexTtlSeconds, values: [value] };
}

/** Records that a zone of ours always has: who answers for it, and where that is. */
export function apexRecords(zone: StoredZone, address: string): RecordSet[] {
  const nameServer = `ns1.${zone.name}`;
  return [
    soaOf(zone),
    { name: zone.name, type: 'NS', ttlSeconds: apexTtlSeconds, values: [nameServer] },
    { name: nameServer, type: address.includes(':') ? 'AAAA' : 'A', ttlSeconds: apexTtlSeconds, values: [address] },
  ];
}

export function indexZone(zone: StoredZone, address: string): ZoneIndex {
  const sets = new Map<string, Map<string, RecordSet>>();
  const names = new Set<string>([zone.name]);
  for (const set of [...apexRecords(zone, address), ...zone.records]) {
    const atName = sets.get(set.name) ?? new Map<string, RecordSet>();
    atName.set(set.type, set);
    sets.set(set.name, atName);
    for (const name of suffixesOf(set.name)) if (isInZone(name, zone.name)) names.add(name);
  }
  return { zone, soa: soaOf(zone), sets, names };
}

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
  /** Every name that exists, empty non-terminals included (RFC 4592 §2.2.2), with how many record sets stand there and below. */
  readonly names: ReadonlyMap<string, number>;
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

/** An index that can follow changes. */
export type OpenIndex = Pick<ZoneIndex, 'zone' | 'soa'> & {
  readonly sets: Map<string, Map<string, RecordSet>>;
  readonly names: Map<string, number>;
};

export function indexZone(zone: StoredZone, address: string): OpenIndex {
  const index = { zone, soa: soaOf(zone), sets: new Map<string, Map<string, RecordSet>>(), names: new Map([[zone.name, 1]]) };
  for (const set of [...apexRecords(zone, address), ...zone.records]) place(index, set.name, set.type, set);
  return index;
}

/** The index of the zone after a change at one name and type: what stands elsewhere costs nothing. The one before is used up. */
export function reindexZone(
  index: OpenIndex,
  zone: StoredZone,
  address: string,
  { name, type }: Pick<RecordSet, 'name' | 'type'>,
): OpenIndex {
  const apex = apexRecords(zone, address);
  const isThere = (set: RecordSet): boolean => set.name === name && set.type === type;
  place(index, name, type, zone.records.find(isThere) ?? apex.find(isThere));
  const soa = zone.records.find((set) => set.name === zone.name && set.type === 'SOA') ?? soaOf(zone);
  place(index, zone.name, 'SOA', soa);
  return { ...index, zone, soa: soaOf(zone) };
}

function place({ zone, sets, names }: OpenIndex, name: string, type: string, set: RecordSet | undefined): void {
  const atName = sets.get(name) ?? new Map<string, RecordSet>();
  const more = Number(set !== undefined) - Number(atName.has(type));
  if (set === undefined) atName.delete(type);
  else atName.set(type, set);
  if (atName.size === 0) sets.delete(name);
  else sets.set(name, atName);
  if (more === 0) return;
  for (const above of suffixesOf(name).filter((suffix) => isInZone(suffix, zone.name))) {
    const count = (names.get(above) ?? 0) + more;
    if (count === 0) names.delete(above);
    else names.set(above, count);
  }
}

import type { RecordSet } from '../../../model/domains/dns-records.ts';
import type { StoredZone } from '../../../ports/dns.ts';

/** One step from zones to zones. `set`: what stands at the name and type afterwards; absent: nothing. */
export type ZoneChange =
  | { readonly kind: 'zone'; readonly zone: StoredZone }
  | {
      readonly kind: 'set';
      readonly zone: string;
      readonly serial: number;
      readonly name: string;
      readonly type: string;
      readonly set?: RecordSet | undefined;
    }
  | { readonly kind: 'drop'; readonly zone: string };

/** The zone that a change names, as it is after it; undefined when there is none then. The core and the process that answers both go this way. */
export function zoneAfter(zone: StoredZone | undefined, change: ZoneChange): StoredZone | undefined {
  if (change.kind === 'drop') return undefined;
  if (change.kind === 'zone') return change.zone;
  if (zone === undefined) return undefined;
  const others = zone.records.filter((set) => set.name !== change.name || set.type !== change.type);
  return { ...zone, serial: change.serial, records: change.set === undefined ? others : [...others, change.set] };
}

export const zoneOf = (change: ZoneChange): string => (change.kind === 'zone' ? change.zone.name : change.zone);

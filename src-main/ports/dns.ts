import type { RecordSet } from '../model/domains/dns-records.ts';

/** A zone as its server knows it. `name`: lower case, no final dot. `id`: the server's own handle, never shown, never built by hand. */
export type DnsZone = { readonly name: string; readonly id: string };

/** A name server that answers for a zone with authority. `addresses` are IP addresses; `port` is 53 but in tests and demo farms. */
export type AuthoritativeServer = { readonly name: string; readonly addresses: readonly string[]; readonly port: number };

export type DnsCapabilities = {
  /** The shortest TTL that the server accepts, in seconds. */
  readonly minTtlSeconds: number;
  readonly maxTtlSeconds: number;
  /** False: `apply` resolves once the change is accepted, and the name servers follow later. */
  readonly isImmediate: boolean;
  readonly canCreateZone: boolean;
};

/**
 * How far our key reaches. `own`: the name server is part of this program; `zone`: the key may change nothing but our zone; `whole-server`:
 * it may change everything there, and `otherZones` are the zones that it sees beside ours.
 */
export type DnsReach = { readonly kind: 'own' | 'zone' } | { readonly kind: 'whole-server'; readonly otherZones: number };

/**
 * `serial-stands-still`: other servers copy the zone by its serial, and our changes do not move it. `not-answering`: the name server of this program
 * does not answer just now.
 */
export type ZoneFault = 'serial-stands-still' | 'not-answering';

export type DnsCall = {
  readonly signal?: AbortSignal;
  /** What was answered in the last seconds will do, where nothing failed since. Of `findZone` and `authoritativeServers`; asked afresh where it is absent. */
  readonly mayBeRecent?: true;
};

/**
 * Where a farm's names live, for whoever only looks; what changes them is `DnsWrites`. Every call may be repeated; none leaves anything behind when it
 * fails. Every call may throw
 * - `DNS_CREDENTIALS`: the server does not accept our key, or the key may not do this;
 * - `DNS_REFUSED`: the server answered no, cannot be reached, or answered what we cannot read (`reason`: its text or a code);
 * - `DNS_SLOW`: no answer within the driver's time limit (`seconds`);
 * - the signal's reason, when the caller gave up.
 */
export interface DnsReads {
  /** The key of the driver's table, e.g. `powerdns`. */
  readonly kind: string;
  readonly capabilities: DnsCapabilities;

  /** The zone that holds a name: the longest that ends it. Throws `DNS_ZONE_MISSING`. */
  readonly findZone: (fqdn: string, call?: DnsCall) => Promise<DnsZone>;

  /**
   * The record sets of the zone, those of one name, or those of one name and type. TTLs in seconds; values in the form of
   * `RecordSet`. Throws `DNS_ZONE_MISSING` when the zone has gone.
   */
  readonly list: (
    zone: DnsZone,
    filter?: { readonly name?: string; readonly type?: string },
    call?: DnsCall,
  ) => Promise<readonly RecordSet[]>;

  /** The name servers to ask when we want to see what the world sees. Never empty. Throws `DNS_ZONE_MISSING`. */
  readonly authoritativeServers: (zone: DnsZone, call?: DnsCall) => Promise<readonly AuthoritativeServer[]>;

  /** What the key could do beside what it is for. Only looks; never proves it by a write. */
  readonly reach: (zone: DnsZone, call?: DnsCall) => Promise<DnsReach>;

  /** What is set up so in the zone that our changes would not reach the world. Only looks; empty when all is well. */
  readonly faults: (zone: DnsZone, call?: DnsCall) => Promise<readonly ZoneFault[]>;
}

/** Whoever opened a driver closes it. */
export interface OpenedDns extends DnsReads {
  /**
   * Since when the name server does not answer, in UTC milliseconds; undefined while it does. Never waits. Only a driver has it whose name server is part
   * of this program.
   */
  readonly silentSinceMs?: () => number | undefined;
  /** Releases what the driver holds. May be called twice. */
  readonly close: () => Promise<void>;
}

/** What a name server of ours keeps of one zone. */
export type StoredZone = {
  readonly name: string;
  /** SOA serial: grows with every change. */
  readonly serial: number;
  readonly records: readonly RecordSet[];
};

/** Where the built-in name server keeps its zones, so that they survive a restart. */
export interface DnsZoneStorage {
  /** Everything that was saved last; empty when nothing was. Throws `HOME_HALF_WRITTEN` when it cannot be read. */
  readonly load: () => Promise<readonly StoredZone[]>;
  /** Resolves once all of it is on disk: after a crash either the old or the new is there. */
  readonly save: (zones: readonly StoredZone[]) => Promise<void>;
}

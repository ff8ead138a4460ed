import type { DnsPlan } from '../model/domains/plan-change.ts';
import type { DnsCall, DnsReads, DnsZone, OpenedDns } from './dns.ts';

/** What changes the zones of a name server. Only effects call it. Every call may be repeated, and throws what those of `DnsReads` do. */
export interface DnsWrites {
  /**
   * Carries a plan out and reads it back. Does nothing when it is done already. Refuses with `DNS_UNSAFE` when what stands
   * there is no longer what the plan was made for; `DNS_REFUSED` with the reason `read-back` when the server says yes and
   * then shows something else. What others turned off beside it, and their comments, stay. Servers that copy the zone are told. Creating, replacing
   * and removing are all plans: see `model/domains/plan-change.ts`.
   */
  readonly apply: (zone: DnsZone, plan: DnsPlan, call?: DnsCall) => Promise<void>;

  /** Makes an empty zone, or returns the one that is there. `nameServers`: absolute host names; a driver of its own server may ignore them. */
  readonly createZone: (name: string, nameServers: readonly string[], call?: DnsCall) => Promise<DnsZone>;

  /**
   * Takes a zone away as a whole; one that is gone is fine. Only a driver whose name server is part of this program has it: a zone of
   * somebody else's server is never ours to take away.
   */
  readonly removeZone?: (name: string, call?: DnsCall) => Promise<void>;
}

/** A whole driver. Which of its calls only look: `DnsReads`. */
export interface DnsDriver extends OpenedDns, DnsWrites {}

/** The writing half of the same driver. Throws an `Error` for reads that came from elsewhere. */
export type DnsWritesOf = (reads: DnsReads) => DnsWrites;

import type { DnsZoneStorage } from '../../ports/dns.ts';
import type { OpenZoneServer } from './builtin/zone-server.ts';

/** What compose gives to every DNS driver; each takes what it needs. */
export type DnsDriverContext = {
  /** The addresses of a name server's host name, where its zone does not tell them. */
  readonly resolveHost: (hostName: string) => Promise<readonly string[]>;
  /** How long one call may take before it is `DNS_SLOW`. */
  readonly timeoutMs: number;
  /** Where the built-in server keeps its zones. */
  readonly zoneStorage: DnsZoneStorage;
  /** What answers the questions for the built-in server. */
  readonly openServer: OpenZoneServer;
  /** Where the built-in server listens: the first of the ports that is free; 0 is any. */
  readonly listen: { readonly address: string; readonly ports: readonly number[] };
};

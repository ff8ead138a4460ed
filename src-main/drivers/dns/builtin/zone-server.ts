import type { StoredZone } from '../../../ports/dns.ts';
import type { ZoneChange } from './zone-changes.ts';

/** What answers questions from zones that it is given, wherever it runs. */
export type ZoneServer = {
  readonly port: number;
  /** Since when it has not been answering, in UTC milliseconds; undefined while it answers. */
  readonly silentSinceMs: () => number | undefined;
  /** To be told of a change right after the zones of `zones` have it, and in their order. */
  readonly tell: (change: ZoneChange) => void;
  /** Resolves once it answers from all that it was told before the call. Waits while there is nobody who answers, until the signal. */
  readonly caughtUp: (signal: AbortSignal) => Promise<void>;
  /** May be called twice. */
  readonly close: () => Promise<void>;
};

export type ZoneServerOptions = {
  readonly address: string;
  /** 0: any port that is free for both UDP and TCP. */
  readonly port: number;
  /** What it answers from, as it is now. */
  readonly zones: () => readonly StoredZone[];
};

/** Resolves when it answers. Throws `PORT_TAKEN` when another program has the port. */
export type OpenZoneServer = (options: ZoneServerOptions) => Promise<ZoneServer>;

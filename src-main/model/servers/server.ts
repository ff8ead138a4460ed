import type { FarmId, Instant, ServerId } from '#contract/ids.ts';
import type { HostFacts } from '#contract/agent/servers.ts';

/**
 * How a server belongs to the farm. Only one that is `in` is given instances: what is joining or leaving is held by a job, and a reservation and this
 * mark exclude each other, because each is written in a transaction that reads the other. `given-up`: it leaves though its agent cannot be told.
 */
export type Membership = 'joining' | 'in' | 'leaving' | 'given-up';

export type PublicAddress = { readonly address: string; readonly state: 'proposed' | 'confirmed' };

/** A server as the farm knows it; what is measured lives elsewhere. `address` is what the core dials: host and port. */
export type Server = {
  readonly id: ServerId;
  readonly farmId: FarmId;
  readonly name: string;
  readonly address: string;
  readonly publicAddresses: readonly PublicAddress[];
  /** SHA-256 of the agent's TLS public key (SPKI), lower-case hexadecimal: pinned at joining. */
  readonly keyFingerprint: string;
  readonly facts: HostFacts;
  readonly agentVersion: string;
  readonly isDraining: boolean;
  readonly membership: Membership;
  /** Agent's clock minus ours at the last sample. */
  readonly clockOffsetMs: number;
  readonly seenAtMs: Instant;
  readonly joinedAtMs: Instant;
};

import type { KeeperView } from '#contract/api/settings.ts';

/**
 * Seals small secrets with the home's one random data key (AES-256-GCM; the context is authenticated, so that a sealed value cannot be moved).
 * The data key itself is wrapped by one or more keepers. `open` throws `SECRETS_LOCKED` when no keeper could unwrap it.
 */
export interface Secrets {
  readonly seal: (context: string, plaintext: string) => Promise<string>;
  readonly open: (context: string, sealed: string) => Promise<string>;
  readonly keepers: () => Promise<readonly KeeperView[]>;
  /** Wraps the data key by a passphrase too (scrypt). The same passphrase again replaces the wrap. */
  readonly addPassphrase: (passphrase: string) => Promise<void>;
  /** Waits for a keeper that is being given the key just now; afterwards nothing is written any more. May be called twice. */
  readonly close: () => Promise<void>;
}

/** One way to keep the data key. `wrap` and `unwrap` are each other's inverse on this computer or for this person. */
export interface Keeper {
  readonly kind: 'keychain' | 'file' | 'passphrase';
  /** May put a question to the person, or wait for a part of the system: such a keeper is asked last, and never waited for when another has the key. */
  readonly mayAsk: boolean;
  /** `basic-text` counts as no keychain (Electron on Linux without a secret service). */
  readonly availability: () => Promise<KeeperView['reason']>;
  readonly wrap: (dataKey: Uint8Array) => Promise<string>;
  readonly unwrap: (wrapped: string) => Promise<Uint8Array>;
}

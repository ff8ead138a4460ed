import type { HostUser } from './identity.ts';
import type { ProcessIdentity } from './host-os.ts';

/**
 * By what the processes of an instance are known, and nobody else can claim: its user where it has one of its own, else session and descent of its
 * first process. A mark in the environment is no proof: whoever reads it can write it.
 */
export type Family = { readonly identity: ProcessIdentity; readonly user: HostUser | undefined };

/**
 * Who would take a connection to a local port. `own`: the family that was asked about, and nobody else; `socket` is the same for as long as that
 * listener is. `stranger`: somebody else, alone or beside it. `untold`: this system does not say whose a listener is.
 */
export type Listening =
  | { readonly by: 'nobody' }
  | { readonly by: 'own'; readonly socket: string }
  | { readonly by: 'stranger'; readonly owner: string }
  | { readonly by: 'untold' };

/** Whose the listeners of this computer are. */
export interface HostListeners {
  /** Who listens at a port of 127.0.0.1 now, by the system's own table. Never throws. */
  readonly listening: (port: number, family: Family) => Listening;
  /** The program that listens on a local TCP port: its name, or an empty string where the system does not tell. */
  readonly portOwner: (port: number) => string;
}

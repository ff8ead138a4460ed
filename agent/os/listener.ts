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

/** An instance with a user of its own, and the port that is its own. */
export type RuledInstance = {
  readonly port: number;
  readonly userId: number;
  /** What else it may reach on this computer: TCP ports of loopback, but never another instance's. */
  readonly loopbackPorts: readonly number[];
  /** May it reach the addresses where clouds hand out their keys? */
  readonly reachesMetadata: boolean;
};
/** A user of the edge's own, and the ports that it leads visitors to, of instances without a user too. */
export type RuledEdge = { readonly userId: number; readonly targets: readonly number[] };
/** `noProgram`: the system's program for rules is not installed; `refused`: it would not, and `said` why; `notBuilt`: not on this system. */
export type RulesKept =
  | { readonly isKept: true }
  | { readonly isKept: false; readonly reason: 'noProgram' | 'refused' | 'notBuilt'; readonly said: string };

/** Rules of the system by owner: who else may speak to an instance's port, and where an instance may speak to. */
export interface PortRules {
  /**
   * These are all instances, `openPorts` what they may reach on this computer beside their own port, and `edge` the user of the edge's workers, who reaches
   * them and nothing else here. Replaces what was kept before, of an earlier life of this agent too; none: takes everything away. Never throws.
   */
  readonly keep: (instances: readonly RuledInstance[], openPorts: readonly number[], edge: RuledEdge | undefined) => Promise<RulesKept>;
}

/** Whose the listeners of this computer are. */
export interface HostListeners {
  /** Who listens at a port of 127.0.0.1 now, by the system's own table. Never throws. */
  readonly listening: (port: number, family: Family) => Listening;
  /** Rules of one agent, told apart by its key. */
  readonly portRules: (agentKey: string) => PortRules;
  /** The program that listens on a local TCP port: its name, or an empty string where the system does not tell. */
  readonly portOwner: (port: number) => string;
}

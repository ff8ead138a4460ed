import type { ProcessIdentity } from './host-os.ts';

/** A user that exists for one instance only. Nothing is written to the system's user table. */
export type HostUser = { readonly userId: number };

/**
 * Under whom instances run here. `own`: each under a user of its own. `shared`: the agent is an ordinary user, and all run as it. `refused`: the
 * agent rules the computer and cannot give them users, so that they would rule it too: none is started.
 */
export type Isolation =
  | { readonly state: 'own' }
  | { readonly state: 'shared'; readonly reason: 'notRoot' | 'notBuilt' }
  /** `path`: the folder that other users may not pass. `noUsers`: the system lets nobody become another user, as in some containers. */
  | { readonly state: 'refused'; readonly reason: 'closedPath' | 'noUsers'; readonly path: string };

/**
 * `full`: another user, no right of the system, none to be had. `user`: another user only, because the program for the rest is not there or may not.
 * `none`: the same user.
 */
export type Confinement = {
  readonly state: 'full' | 'user' | 'none';
  /** Program and arguments that come before the child's own. */
  readonly before: readonly string[];
  /** For who starts the child. */
  readonly as: { readonly uid: number; readonly gid: number } | undefined;
};

/** Who an instance is to the operating system. */
export interface HostIdentities {
  /** `paths` are those that an instance must be able to reach: folders above its home, the runtime. Looked at afresh with every call. */
  readonly isolation: (paths: readonly string[]) => Isolation;
  /** A user number that is neither in `taken` nor used by any process. `seed` spreads the agents of one machine. */
  readonly newUser: (taken: ReadonlySet<number>, seed: string) => HostUser;
  /** A user for the agent's edge: from a range that no instance is given a user of, and used by no process. Undefined where `isolation` is not `own`. */
  readonly edgeUser: (seed: string) => HostUser | undefined;
  /** How to start a child with no more rights than it needs; undefined where this system cannot give a child the sockets that it is to serve. */
  readonly confine: ((user: HostUser | undefined) => Confinement) | undefined;
  /** Processes of a user. */
  readonly processesOf: (user: HostUser) => readonly ProcessIdentity[];
  /** Gives a folder to a user and closes it to everybody else (0700, or an access list). Without a user: to the agent's own. */
  readonly closeFolder: (path: string, user: HostUser | undefined) => Promise<void>;
  /** Closes a file likewise (0600). Never follows a link. */
  readonly closeFile: (path: string, user: HostUser | undefined) => Promise<void>;
  /**
   * Gives a folder and everything below it to a user, without following links: what is hard-linked from elsewhere is copied first, devices go.
   * Nothing may run in it meanwhile. Repeatable.
   */
  readonly giveFolder: (path: string, user: HostUser) => Promise<void>;
  /** What a user has where everybody may write: paths of its files and folders there. Never throws; nothing where there are no users. */
  readonly sharedFilesOf: (user: HostUser) => Promise<readonly string[]>;
  /**
   * Takes away what a user left where everybody may write: temporary folders and shared memory. Its number may be somebody else's next. Nothing may run
   * as it. Never throws; nothing where there are no users.
   */
  readonly takeAwayFilesOf: (user: HostUser) => Promise<void>;
  /** Lets everybody pass through a folder without listing it; nothing where that has no meaning. */
  readonly openPassage: (path: string) => Promise<void>;
}

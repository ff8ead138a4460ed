import type { Actor, Permission } from '#contract/ids.ts';

/** A place, with what lets it go again; undefined when there is none. */
type Places = { readonly tryEnter: () => (() => void) | undefined };

/** What a shell knows of a call before any procedure runs. */
export type RequestContext = {
  readonly actor: Actor;
  readonly permission: Permission;
  /** Places for the streams of one connection, where it is not our own window's port. */
  readonly streams?: { readonly most: number; readonly places: Places };
};

/** Log records as JSON lines; never a secret, never an address of a person. */
export interface Log {
  readonly info: (event: string, fields?: Readonly<Record<string, unknown>>) => void;
  readonly warn: (event: string, fields?: Readonly<Record<string, unknown>>) => void;
  /** Logs a bug and answers with the reference that a person is shown instead of a stack. */
  readonly bug: (error: unknown, fields?: Readonly<Record<string, unknown>>) => string;
}

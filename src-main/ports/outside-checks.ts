import type { PathCheck } from '#contract/api/instances.ts';

/** What was last seen from outside of each instance; measured, so never stored. */
export type OutsideChecks = {
  readonly get: (instanceId: string) => readonly PathCheck[] | undefined;
  readonly put: (instanceId: string, checks: readonly PathCheck[]) => void;
  readonly forget: (instanceId: string) => void;
};

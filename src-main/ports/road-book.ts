import type { Stone } from '#contract/api/instances.ts';

/** What was last seen from outside of each instance; measured, so never stored. */
export type RoadBook = {
  readonly get: (instanceId: string) => readonly Stone[] | undefined;
  readonly put: (instanceId: string, stones: readonly Stone[]) => void;
  readonly forget: (instanceId: string) => void;
};

import type { HomeSpace, SpaceKeeper } from '../ports/home-space.ts';

export type FakeSpace = SpaceKeeper & {
  /** The disk becomes so from now on. */
  readonly become: (state: HomeSpace['state'], freeBytes: number) => void;
  /** How much was asked for, each time. */
  readonly secured: number[];
};

/** The disk of a home, as full as the test says. */
export function createFakeSpace(path: string): FakeSpace {
  let space: HomeSpace = { path, freeBytes: 2 ** 40, sizeBytes: 2 ** 41, state: 'good', sinceMs: 1 };
  const listeners = new Set<(space: HomeSpace) => void>();
  const secured: number[] = [];
  return {
    now: () => space,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    secure: (neededBytes) => void secured.push(neededBytes),
    close: () => undefined,
    become: (state, freeBytes) => {
      space = { ...space, state, freeBytes };
      for (const listener of listeners) listener(space);
    },
    secured,
  };
}

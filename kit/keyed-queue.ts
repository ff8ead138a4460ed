/**
 * One act at a time for each key, in the order in which they were asked for. An act that fails stands in nobody's way. Nothing is kept of a key that
 * has no acts.
 */
export type KeyedQueue<Key> = {
  /** What the act gives, or throws. */
  readonly run: <Result>(key: Key, act: () => Result | Promise<Result>) => Promise<Result>;
  /** Keys with acts that run or wait. */
  readonly size: () => number;
};

export function createKeyedQueue<Key = string>(): KeyedQueue<Key> {
  const last = new Map<Key, Promise<unknown>>();
  return {
    size: () => last.size,
    run: (key, act) => {
      const mine = (last.get(key) ?? Promise.resolve()).then(act, act);
      last.set(key, mine);
      const tidy = (): void => {
        if (last.get(key) === mine) last.delete(key);
      };
      mine.then(tidy, tidy);
      return mine;
    },
  };
}

/** The same for one thing: one act at a time. */
export function createQueue(): <Result>(act: () => Result | Promise<Result>) => Promise<Result> {
  const queue = createKeyedQueue<'only'>();
  return (act) => queue.run('only', act);
}

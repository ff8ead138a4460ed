import type { Store, Tables } from '../ports/store.ts';

const reads = new Set(['get', 'find', 'newest', 'range', 'newestAgentMs']);
type Act = (...parameters: unknown[]) => Promise<unknown>;

/** What a store was asked for: commits, and reads and writes by `<table>.<act>`. */
export type StoreCounts = { commits: number; readonly reads: Map<string, number>; readonly writes: Map<string, number> };

export const totalOf = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((sum, count) => sum + count, 0);
export const listOf = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');

/**
 * A store that counts. A commit is a transaction that wrote, or a write outside of one: each is an fsync. `reset` begins again at nothing; what
 * `close` does is not counted.
 */
export function createCountingStore(store: Store) {
  const counts: StoreCounts = { commits: 0, reads: new Map(), writes: new Map() };
  const countTables = (tables: Tables, onWrite: () => void): Tables =>
    Object.fromEntries(
      Object.entries(tables).map(([name, table]) => {
        if (typeof table !== 'object') return [name, table];
        const acts = Object.entries(table as Readonly<Record<string, Act>>).map(([act, call]): [string, Act] => [
          act,
          (...parameters) => {
            const isRead = reads.has(act);
            const into = isRead ? counts.reads : counts.writes;
            into.set(`${name}.${act}`, (into.get(`${name}.${act}`) ?? 0) + 1);
            if (!isRead) onWrite();
            return call(...parameters);
          },
        ]);
        return [name, Object.fromEntries(acts)];
      }),
    ) as unknown as Tables;
  const counted: Store = {
    ...store,
    ...countTables(store, () => {
      counts.commits += 1;
    }),
    transaction: async (work) => {
      let hasWritten = false;
      const result = await store.transaction((tables) =>
        work(
          countTables(tables, () => {
            hasWritten = true;
          }),
        ),
      );
      if (hasWritten) counts.commits += 1;
      return result;
    },
  };
  return {
    store: counted,
    counts,
    reset: (): void => {
      counts.commits = 0;
      counts.reads.clear();
      counts.writes.clear();
    },
  };
}

import type { ActsTable } from '../../ports/store.ts';
import { createTable, type Run } from './table.ts';
import { acts as shape } from './tables.ts';

/** Acts under request keys, and their end by the index of `0004-age-of-acts`. */
export function createActsTable(run: Run): ActsTable {
  const { table } = shape;
  return {
    ...createTable(shape, run),
    removeBefore: (atMs) =>
      run(table, async (database) => {
        await database.deleteFrom(table).where('at_ms', '<', atMs).execute();
      }),
  };
}

import type { AlertsTable } from '../../ports/store.ts';
import { createTable, type Run } from './table.ts';
import { alerts as shape } from './tables.ts';

/** Alerts, and the end of closed ones by the index of `0007-alerts`. */
export function createAlertsTable(run: Run): AlertsTable {
  const { table } = shape;
  return {
    ...createTable(shape, run),
    removeClosedBefore: (atMs) =>
      run(table, async (database) => {
        await database.deleteFrom(table).where('closed_at_ms', '<', atMs).execute();
      }),
  };
}

import type { SampleTable } from '../../ports/store.ts';
import { samples as shape } from './tables.ts';
import { cellsToRows, rowToCells, type Run } from './table.ts';

/** Rows of one insert: 7 columns each, well below the parameters that one query may have. */
const rowsPerInsert = 500;

export function createSampleTable(run: Run): SampleTable {
  const { table } = shape;
  return {
    add: (samples) =>
      run(table, async (database) => {
        for (let start = 0; start < samples.length; start += rowsPerInsert) {
          const rows = samples.slice(start, start + rowsPerInsert).map((sample) => rowToCells(shape, sample));
          await database
            .insertInto(table)
            .values(rows)
            .onConflict((conflict) => conflict.columns(['subject_id', 'agent_at_ms']).doNothing())
            .execute();
        }
      }),
    range: (subjectId, sinceMs, untilMs) =>
      run(table, async (database, pause) => {
        const rows = await database
          .selectFrom(table)
          .selectAll()
          .where('subject_id', '=', subjectId)
          .where('at_ms', '>=', sinceMs)
          .where('at_ms', '<', untilMs)
          .orderBy('at_ms')
          .orderBy('agent_at_ms')
          .execute();
        return cellsToRows(shape, rows, pause);
      }),
    newestAgentMs: (serverId) =>
      run(table, async (database) => {
        const newest = await database
          .selectFrom(table)
          .select('agent_at_ms')
          .where('server_id', '=', serverId)
          .orderBy('agent_at_ms', 'desc')
          .limit(1)
          .executeTakeFirst();
        const ms = newest?.['agent_at_ms'];
        return typeof ms === 'number' ? ms : undefined;
      }),
    removeBefore: (atMs) =>
      run(table, async (database) => {
        await database.deleteFrom(table).where('at_ms', '<', atMs).execute();
      }),
    removeSubject: (subjectId) =>
      run(table, async (database) => {
        await database.deleteFrom(table).where('subject_id', '=', subjectId).execute();
      }),
  };
}

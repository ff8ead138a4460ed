import type { JobsTable } from '../../ports/store.ts';
import { cellsToRows, createTable, type Run } from './table.ts';
import { jobs as shape } from './tables.ts';

/** The jobs, and the newest of them by the indexes of `0003-newest-jobs`. */
export function createJobsTable(run: Run): JobsTable {
  const { table } = shape;
  const { patch: _patch, ...plain } = createTable(shape, run);
  return {
    ...plain,
    newest: ({ farmId, state, subjectId, types }, limit) =>
      run(table, async (database, pause) => {
        let query = database.selectFrom(table).selectAll().where('farm_id', '=', farmId);
        if (state !== undefined) query = query.where('state', '=', state);
        if (subjectId !== undefined) query = query.where('subject_id', '=', subjectId);
        if (types !== undefined) query = query.where('type', 'in', [...types]);
        return cellsToRows(shape, await query.orderBy('id', 'desc').limit(limit).execute(), pause);
      }),
  };
}

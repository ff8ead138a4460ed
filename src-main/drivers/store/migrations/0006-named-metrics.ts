import { sql } from 'kysely';
import type { Migration } from '../migrate.ts';

/** Written out and never changed again: the names of values before and after. */
const renamed = {
  cpuMillicores: 'cpu',
  memoryBytes: 'memory',
  diskBytes: 'disk',
  networkInBytesPerSecond: 'networkIn',
  networkOutBytesPerSecond: 'networkOut',
  answerMs: 'answer',
} as const;
/** What was not measured stood as null; now it is not there. Neither ever stood first. */
const absent = [',"health":null', ',"answerMs":null'] as const;

/**
 * Values of samples by the metrics' names. The column stays JSON text, so a later metric needs no migration. Plain text is replaced, which both
 * databases do alike; the values are numbers, so no text of anybody can look like a name.
 */
export const namedMetrics: Migration = {
  name: '0006-named-metrics',
  up: async (_schema, database) => {
    let values = sql<string>`${sql.ref('values')}`;
    for (const text of absent) values = sql<string>`replace(${values}, ${sql.lit(text)}, '')`;
    for (const [before, after] of Object.entries(renamed))
      values = sql<string>`replace(${values}, ${sql.lit(`"${before}":`)}, ${sql.lit(`"${after}":`)})`;
    await database.updateTable('samples').set({ values }).execute();
  },
};

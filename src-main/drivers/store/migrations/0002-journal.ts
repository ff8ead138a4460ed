import type { Migration } from '../migrate.ts';

/** What the farm itself did with an instance, a line each. An instance that was made before begins with an empty audit log. */
export const journal: Migration = {
  name: '0002-journal',
  up: async (schema) => {
    await schema
      .createTable('journal')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('farm_id', 'text', (column) => column.notNull())
      .addColumn('subject_id', 'text', (column) => column.notNull())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .addColumn('code', 'text', (column) => column.notNull())
      .addColumn('parameters', 'text', (column) => column.notNull())
      .addColumn('actor', 'text', (column) => column.notNull())
      .addColumn('failure', 'text')
      .execute();
    await schema.createIndex('journal_subject').on('journal').column('subject_id').execute();
  },
};

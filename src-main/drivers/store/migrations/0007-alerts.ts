import { sql } from 'kysely';
import type { Migration } from '../migrate.ts';

/** Since when an alert is open, so that a restart does not forget it, and when it closed. None is known of what came before this. */
export const alerts: Migration = {
  name: '0007-alerts',
  up: async (schema) => {
    await schema
      .createTable('alerts')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('farm_id', 'text', (column) => column.notNull())
      .addColumn('code', 'text', (column) => column.notNull())
      .addColumn('subject_id', 'text', (column) => column.notNull())
      .addColumn('opened_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('last_seen_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('closed_at_ms', 'bigint')
      .execute();
    // One that is open stands there once; how often it was open before does not count.
    await schema
      .createIndex('alerts_open')
      .unique()
      .on('alerts')
      .columns(['farm_id', 'code', 'subject_id'])
      .where(sql.ref('closed_at_ms'), 'is', null)
      .execute();
    await schema.createIndex('alerts_age').on('alerts').column('closed_at_ms').execute();
  },
};

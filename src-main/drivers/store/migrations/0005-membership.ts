import type { Migration } from '../migrate.ts';

/** Whether a server is joining, in the farm, or leaving it. Every server that is there when this runs is in. */
export const membership: Migration = {
  name: '0005-membership',
  up: async (schema) => {
    await schema
      .alterTable('servers')
      .addColumn('membership', 'text', (column) => column.notNull().defaultTo('in'))
      .execute();
  },
};

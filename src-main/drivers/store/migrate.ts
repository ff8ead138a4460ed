import type { CreateTableBuilder, Kysely, SchemaModule } from 'kysely';
import { FarmError } from '#contract/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CellRow } from './columns.ts';

export type Database = Kysely<Record<string, CellRow>>;
export type SchemaBuilder = SchemaModule;
export type TableBuilder = CreateTableBuilder<string, string>;

/** One numbered change of the schema; `up` runs in a transaction, so that a killed migration has not happened. */
export type Migration = { readonly name: string; readonly up: (schema: SchemaBuilder, database: Database) => Promise<void> };

export type MigrateOptions = {
  readonly database: Database;
  readonly migrations: readonly Migration[];
  readonly clock: Clock;
  /** Where the store is, for errors. */
  readonly path: string;
  /** Called before a migration of a store that is not new. */
  readonly copyBefore: (migration: Migration) => Promise<void>;
};

const record = 'migrations';

async function applied(database: Database): Promise<readonly string[]> {
  await database.schema
    .createTable(record)
    .ifNotExists()
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .execute();
  const rows = await database.selectFrom(record).select('name').execute();
  return rows.map((row) => String(row['name']));
}

/**
 * Runs what has not run, one at a time and in order; may be called again. Answers with the newest migration's name.
 * Throws `HOME_NEWER` when the store knows a migration that we do not.
 */
export async function migrate(options: MigrateOptions): Promise<string> {
  const { database, migrations, clock, path } = options;
  const newest = migrations.at(-1)?.name ?? '';
  const done = new Set(await applied(database));
  const known = new Set(migrations.map((migration) => migration.name));
  const foreign = [...done].filter((name) => !known.has(name)).sort();
  const newestForeign = foreign.at(-1);
  if (newestForeign !== undefined) {
    throw new FarmError('HOME_NEWER', { path, home: newestForeign, program: newest });
  }
  // a store that is just being made has nothing to lose
  const isNew = done.size === 0;
  for (const migration of migrations) {
    if (done.has(migration.name)) {
      continue;
    }
    if (!isNew) {
      await options.copyBefore(migration);
    }
    await database.transaction().execute(async (transaction) => {
      await migration.up(transaction.schema, transaction);
      await transaction.insertInto(record).values({ name: migration.name, at_ms: clock.nowMs() }).execute();
    });
    done.add(migration.name);
  }
  return newest;
}

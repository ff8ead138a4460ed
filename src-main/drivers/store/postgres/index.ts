import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { createSharedTurn } from '#kit/node/shared-turn.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Store } from '../../../ports/store.ts';
import type { CellRow } from '../columns.ts';
import { createStore, translated, type Translate } from '../create-store.ts';
import { migrate, type Migration } from '../migrate.ts';
import { migrations as ours } from '../migrations/index.ts';

export type PostgresStoreOptions = {
  readonly connectionString: string;
  readonly clock: Clock;
  /** The schema that holds the farm; made when it is not there. */
  readonly schema?: string;
  readonly migrations?: readonly Migration[];
};

/** SQLSTATE codes: https://www.postgresql.org/docs/15/errcodes-appendix.html */
const translate: Translate = (error) => {
  const code = error instanceof pg.DatabaseError ? error.code : undefined;
  if (code === '23505') {
    return 'conflict';
  }
  return code === '53100' ? 'full' : code === 'XX001' || code === 'XX002' ? 'torn' : undefined;
};

/** int8 (20) and numeric (1700) come as text; everything we store fits into a number. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') => {
    if (oid === 20 || oid === 1700) {
      return Number;
    }
    return format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : pg.types.getTypeParser(oid, 'text');
  },
};

/** So long, in milliseconds, the rows of a long answer may hold up everybody else. */
const longestTurnMs = 10;

/** Host and database only: what may stand in an error. */
function placeOf(connectionString: string): string {
  const url = URL.parse(connectionString);
  return url === null ? 'postgresql' : `${url.hostname}:${url.port === '' ? '5432' : url.port}${url.pathname}`;
}

/**
 * Opens the store in a PostgreSQL database (15 or newer) and runs the migrations that it lacks. One connection, so that transactions
 * queue as they do on SQLite. Throws `HOME_NEWER`, `STORE_FULL`; a database that cannot be reached is the library's error.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const schema = options.schema ?? 'farmstead';
  const path = placeOf(options.connectionString);
  const pool = new pg.Pool({ connectionString: options.connectionString, max: 1, types, options: `-c search_path=${schema}` });
  // An idle connection that is cut tells the pool, which makes a new one; without a listener Node would end the process.
  pool.on('error', () => undefined);
  const database = new Kysely<Record<string, CellRow>>({ dialect: new PostgresDialect({ pool }) });
  try {
    await sql`create schema if not exists ${sql.id(schema)}`.execute(database);
    const migration = await migrate({
      database,
      migrations: options.migrations ?? ours,
      clock: options.clock,
      path,
      // The copy of a PostgreSQL database is its administrator's: a dump needs rights and tools that this program need not have.
      copyBefore: async () => undefined,
    });
    return createStore({ kind: 'postgres', database, migration, path, translate, pause: createSharedTurn(longestTurnMs).share });
  } catch (error) {
    await database.destroy();
    throw translated(error, 'migrations', path, translate);
  }
}

import { existsSync, mkdirSync, openSync, fsyncSync, closeSync, renameSync, rmSync, chmodSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { type CompiledQuery, type DatabaseConnection, type Driver, Kysely, SqliteDialect, SqliteDriver } from 'kysely';
import { createSharedTurn } from '#kit/node/shared-turn.ts';
import { syncFolder } from '#kit/node/whole-file.ts';
import { FarmError } from '#contract/errors.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Store } from '../../../ports/store.ts';
import type { CellRow } from '../columns.ts';
import { createStore, translated, type Translate } from '../create-store.ts';
import type { Pause } from '../table.ts';
import { migrate, type Migration } from '../migrate.ts';
import { migrations as ours } from '../migrations/index.ts';
import { keepStatements } from './kept-statements.ts';

export type SqliteStoreOptions = {
  readonly file: string;
  readonly clock: Clock;
  /** Where a copy goes before each migration of a store that is not new; absent: beside the file. */
  readonly copyFolder?: string;
  /** The most that the file may grow to; beyond it a write throws `STORE_FULL`, as on a full disk. */
  readonly limitBytes?: number;
  readonly migrations?: readonly Migration[];
  /** Lets others have their turn between queries, and between slices of a long answer; absent: where one turn took 10 ms. */
  readonly pause?: Pause;
};

/** Result codes: https://www.sqlite.org/rescode.html */
const translate: Translate = (error) => {
  const code = error instanceof SqliteDatabase.SqliteError ? error.code : '';
  if (code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY' || code === 'SQLITE_CONSTRAINT_ROWID') {
    return 'conflict';
  }
  // The second: the index of the log could not grow.
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE') {
    return 'full';
  }
  return code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT') ? 'torn' : undefined;
};

type Connection = InstanceType<typeof SqliteDatabase>;

/**
 * A query answers in the turn of the event loop in which it was asked, and so does whoever waits behind it: a thousand that wait, as when all agents
 * come back at once, would let no timer, link or window through until the last is done. Longer than this is noticed.
 */
const longestTurnMs = 10;

/**
 * A commit that fails, as on a full disk, ends SQLite's transaction by itself (https://www.sqlite.org/lang_transaction.html); taking it back would
 * fail as well, and that failure would hide the first.
 */
class OneFailureDriver extends SqliteDriver {
  readonly #opened: Connection;
  readonly #pause: Pause;
  constructor(opened: Connection, pause: Pause) {
    super({ database: keepStatements(opened) });
    this.#opened = opened;
    this.#pause = pause;
  }
  /** The place in the queue, and a transaction, are kept while others have their turn. */
  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection();
    return {
      executeQuery: async <Row>(query: CompiledQuery) => {
        await this.#pause();
        return connection.executeQuery<Row>(query);
      },
      streamQuery: <Row>(query: CompiledQuery, chunkSize: number) => connection.streamQuery<Row>(query, chunkSize),
    };
  }
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#opened.inTransaction) await super.rollbackTransaction(connection);
  }
}

class OneFailureDialect extends SqliteDialect {
  readonly #opened: Connection;
  readonly #pause: Pause;
  constructor(opened: Connection, pause: Pause) {
    super({ database: opened });
    this.#opened = opened;
    this.#pause = pause;
  }
  override createDriver(): Driver {
    return new OneFailureDriver(this.#opened, this.#pause);
  }
}

function openConnection(file: string, limitBytes: number | undefined): Connection {
  const connection = new SqliteDatabase(file);
  try {
    // WAL survives a killed process; FULL also a lost power supply, at the price of one fsync per commit.
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = FULL');
    connection.pragma('foreign_keys = ON');
    connection.pragma('busy_timeout = 5000');
    if (limitBytes !== undefined) {
      const pageBytes = Number(connection.pragma('page_size', { simple: true }));
      connection.pragma(`max_page_count = ${Math.max(1, Math.floor(limitBytes / pageBytes))}`);
    }
    // A torn file often opens well and fails days later: look at every page now, while the copies are still near.
    if (connection.pragma('quick_check(1)', { simple: true }) !== 'ok') {
      throw new FarmError('HOME_HALF_WRITTEN', { path: file, problem: 'database-torn' });
    }
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/**
 * Makes the file, empty, for our eyes only, before the database opens it: SQLite gives its log and its index the mode that the file has when they are made
 * (https://www.sqlite.org/src/file/src/os_unix.c, `findCreateFileMode`). What an earlier run left wider is narrowed.
 */
function makePrivate(file: string): void {
  closeSync(openSync(file, 'a', 0o600));
  for (const each of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(each)) chmodSync(each, 0o600);
}

/** A whole copy that is on the disk before the migration begins; the same migration begun again replaces it. */
function copyDatabase(connection: Connection, file: string, folder: string, migration: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const target = join(folder, `${basename(file)}.before-${migration}`);
  const unfinished = `${target}.tmp`;
  rmSync(unfinished, { force: true });
  makePrivate(unfinished);
  connection.prepare('vacuum into ?').run(unfinished);
  const handle = openSync(unfinished, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(unfinished, target);
}

/**
 * Opens, or makes, the store in one file and runs the migrations that it lacks. Durable at every commit.
 * Throws `HOME_HALF_WRITTEN` for a torn file, `HOME_NEWER` for one of a newer program, `STORE_FULL`.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { file, clock, pause = createSharedTurn(longestTurnMs).share } = options;
  let connection: Connection | undefined;
  try {
    makePrivate(file);
    const opened = openConnection(file, options.limitBytes);
    connection = opened;
    const database = new Kysely<Record<string, CellRow>>({ dialect: new OneFailureDialect(opened, pause) });
    const migration = await migrate({
      database,
      migrations: options.migrations ?? ours,
      clock,
      path: file,
      copyBefore: async (one) => {
        const folder = options.copyFolder ?? dirname(file);
        copyDatabase(opened, file, folder, one.name);
        await syncFolder(folder);
      },
    });
    return createStore({ kind: 'sqlite', database, migration, path: file, translate, pause });
  } catch (error) {
    connection?.close();
    throw translated(error, 'migrations', file, translate);
  }
}

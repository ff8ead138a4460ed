import { AsyncLocalStorage } from 'node:async_hooks';
import { FarmError, isFarmError } from '#contract/errors.ts';
import type { Store, Tables } from '../../ports/store.ts';
import { createActsTable } from './acts.ts';
import { createAlertsTable } from './alerts.ts';
import { createJobsTable } from './jobs.ts';
import type { Database } from './migrate.ts';
import { createSampleTable } from './samples.ts';
import * as shapes from './tables.ts';
import { createTable, type Pause, type Run } from './table.ts';

/** What a database's failure means; undefined when it is a bug. */
export type Translate = (error: unknown) => 'conflict' | 'full' | 'torn' | undefined;

export type StoreOptions = {
  readonly kind: Store['kind'];
  readonly database: Database;
  readonly migration: string;
  /** Where the store is, for errors; no password in it. */
  readonly path: string;
  readonly translate: Translate;
  readonly pause: Pause;
};

export function translated(error: unknown, table: string, path: string, translate: Translate): unknown {
  switch (isFarmError(error) ? undefined : translate(error)) {
    case 'conflict':
      return new FarmError('STORE_CONFLICT', { table }, { cause: error });
    case 'full':
      return new FarmError('STORE_FULL', { path }, { cause: error });
    case 'torn':
      return new FarmError('HOME_HALF_WRITTEN', { path, problem: 'database-torn' }, { cause: error });
    case undefined:
      return error;
  }
}

function createTables(run: Run): Tables {
  return {
    farms: createTable(shapes.farms, run),
    servers: createTable(shapes.servers, run),
    instances: createTable(shapes.instances, run),
    customers: createTable(shapes.customers, run),
    plans: createTable(shapes.plans, run),
    packages: createTable(shapes.packages, run),
    domains: createTable(shapes.domains, run),
    ownedRecords: createTable(shapes.ownedRecords, run),
    servedRecords: createTable(shapes.servedRecords, run),
    certificates: createTable(shapes.certificates, run),
    jobs: createJobsTable(run),
    jobSteps: createTable(shapes.jobSteps, run),
    locks: createTable(shapes.locks, run),
    auditLog: createTable(shapes.auditLog, run),
    acts: createActsTable(run),
    alerts: createAlertsTable(run),
    durations: createTable(shapes.durations, run),
    settings: createTable(shapes.settings, run),
    samples: createSampleTable(run),
  };
}

/**
 * The port over one connection: transactions and calls outside them queue behind one another, on every database alike, so that a
 * service sees the same order of things on PostgreSQL as on SQLite. Inside a transaction the outer store would wait for its own end;
 * such a call is a bug and throws at once.
 */
export function createStore(options: StoreOptions): Store {
  const { database, path, translate, pause } = options;
  const within = new AsyncLocalStorage<{ isOpen: boolean }>();
  const refuseWithin = (what: string): void => {
    if (within.getStore()?.isOpen === true) {
      throw new Error(`${what} was called on the store inside its own transaction: use the transaction's tables`);
    }
  };

  const run: Run = async (table, query) => {
    refuseWithin(table);
    try {
      return await query(database, pause);
    } catch (error) {
      throw translated(error, table, path, translate);
    }
  };

  const transaction = async <Result>(work: (tables: Tables) => Promise<Result>): Promise<Result> => {
    refuseWithin('transaction');
    const state: TransactionState = { isOpen: true, failed: undefined, thrown: undefined };
    try {
      return await database.transaction().execute(async (inner) => {
        const tables = createTables(runInside(inner, pause, state, (error, table) => translated(error, table, path, translate)));
        const result = await within
          .run(state, () => work(tables))
          .catch((error: unknown) => {
            state.thrown = { error };
            throw error;
          });
        state.isOpen = false;
        if (state.failed !== undefined) {
          throw state.failed.error;
        }
        return result;
      });
    } catch (error) {
      // A full disk ends SQLite's transaction by itself, and taking it back then fails too: the first failure is the one to tell.
      throw translated((state.thrown ?? state.failed ?? { error }).error, 'transaction', path, translate);
    } finally {
      state.isOpen = false;
    }
  };

  return {
    ...createTables(run),
    transaction,
    kind: options.kind,
    migration: options.migration,
    close: () => database.destroy(),
  };
}

type Thrown = { readonly error: unknown };
type TransactionState = { isOpen: boolean; failed: Thrown | undefined; thrown: Thrown | undefined };

/** PostgreSQL ends a transaction at its first error; SQLite would go on. Here both end it: whatever comes after the first gets it again. */
function runInside(
  inner: Database,
  pause: Pause,
  state: TransactionState,
  translateError: (error: unknown, table: string) => unknown,
): Run {
  return async (table, query) => {
    if (!state.isOpen) {
      throw new Error(`${table} of a transaction was used after its end`);
    }
    if (state.failed !== undefined) {
      throw state.failed.error;
    }
    try {
      return await query(inner, pause);
    } catch (error) {
      state.failed = { error: translateError(error, table) };
      throw state.failed.error;
    }
  };
}

import { AsyncLocalStorage } from 'node:async_hooks';
import { createQueue } from '#kit/keyed-queue.ts';
import type { Patch, Store, StoredSample, Table, Tables, Where } from '../../ports/store.ts';
import { createMemoryDisk, type MemoryDisk, type Rows } from './memory-disk.ts';

type State = { isOpen: boolean; failed: { readonly error: unknown } | undefined; readonly takeBacks: (() => void)[] };
/** Does one act of a table; `isWrite`: what it changes is durable when it resolves, outside a transaction. */
type Run = <Result>(isWrite: boolean, act: (note: (takeBack: () => void) => void) => Result) => Promise<Result>;

export type MemoryStoreOptions = {
  readonly disk?: MemoryDisk;
  /** Waited for before each act from outside a transaction, and before each transaction; what never resolves is a core that is no more. */
  readonly before?: (what: 'read' | 'write') => Promise<void> | undefined;
  /** Before what was written is durable: an error takes it back. */
  readonly onCommit?: () => Promise<void> | undefined;
  /** After it is: what never resolves is a core that never heard of it. */
  readonly afterCommit?: () => Promise<void> | undefined;
};

function patched<Row extends { readonly id: string }>(rows: Rows<Row>, row: Row, change: object): Row {
  const kinds: Readonly<Record<string, unknown>> = rows.shape.columns;
  for (const property of Object.keys(change))
    if (property === 'id' || kinds[property] === undefined) throw new TypeError(`${rows.shape.table}.${property} cannot be patched`);
  const set = Object.entries(change).filter(([, value]) => value !== undefined);
  return { ...row, ...Object.fromEntries(set) };
}

function tableOf<Row extends { readonly id: string }>(rows: Rows<Row>, run: Run): Table<Row> {
  return {
    get: (id) => run(false, () => rows.get(id)),
    find: (where: Where<Row> = {}) => run(false, () => rows.find(where)),
    insert: (row) => run(true, (note) => rows.write(row, true, note)),
    put: (row) => run(true, (note) => rows.write(row, false, note)),
    patch: (id, change: Patch<Row>) =>
      run(true, (note) => {
        const before = rows.get(id);
        if (before === undefined) return undefined;
        rows.write(patched(rows, before, change), false, note);
        return rows.get(id);
      }),
    remove: (id) => run(true, (note) => rows.remove(id, note)),
  };
}

function samplesOf(rows: Rows<StoredSample>, run: Run): Tables['samples'] {
  const keyOf = ({ subjectId, agentAtMs }: StoredSample): string => `${subjectId} ${agentAtMs}`;
  const all = (): StoredSample[] => [...rows.map().values()] as unknown[] as StoredSample[];
  const drop = (isOut: (sample: StoredSample) => boolean): Promise<void> =>
    run(true, (note) => {
      for (const sample of all()) if (isOut(sample)) rows.remove(keyOf(sample), note);
    });
  return {
    add: (samples) =>
      run(true, (note) => {
        for (const sample of samples) if (rows.get(keyOf(sample)) === undefined) rows.write(sample, true, note);
      }),
    range: (subjectId, sinceMs, untilMs) =>
      run(false, () =>
        all()
          .filter((one) => one.subjectId === subjectId && one.atMs >= sinceMs && one.atMs < untilMs)
          .sort((one, other) => one.atMs - other.atMs || one.agentAtMs - other.agentAtMs),
      ),
    newestAgentMs: (serverId) =>
      run(false, () => {
        const instants = all().flatMap((one) => (one.serverId === serverId ? [one.agentAtMs] : []));
        return instants.length === 0 ? undefined : Math.max(...instants);
      }),
    removeBefore: (atMs) => drop((one) => one.atMs < atMs),
    removeSubject: (subjectId) => drop((one) => one.subjectId === subjectId),
  };
}

function tablesOf(disk: MemoryDisk, run: Run): Tables {
  const { patch: _patch, ...jobs } = tableOf(disk.jobs, run);
  return {
    farms: tableOf(disk.farms, run),
    servers: tableOf(disk.servers, run),
    instances: tableOf(disk.instances, run),
    customers: tableOf(disk.customers, run),
    plans: tableOf(disk.plans, run),
    packages: tableOf(disk.packages, run),
    domains: tableOf(disk.domains, run),
    ownedRecords: tableOf(disk.ownedRecords, run),
    servedRecords: tableOf(disk.servedRecords, run),
    certificates: tableOf(disk.certificates, run),
    jobs: {
      ...jobs,
      newest: ({ farmId, state, subjectId, types }, limit) =>
        run(false, () =>
          disk.jobs
            .find({ farmId, state, type: types })
            .filter(({ subject }) => subjectId === undefined || subject.id === subjectId)
            .toReversed()
            .slice(0, limit),
        ),
    },
    jobSteps: tableOf(disk.jobSteps, run),
    locks: tableOf(disk.locks, run),
    auditLog: tableOf(disk.auditLog, run),
    acts: {
      ...tableOf(disk.acts, run),
      removeBefore: (atMs) =>
        run(true, (note) => {
          for (const { id, atMs: at } of disk.acts.find({})) if (at < atMs) disk.acts.remove(id, note);
        }),
    },
    alerts: {
      ...tableOf(disk.alerts, run),
      removeClosedBefore: (atMs) =>
        run(true, (note) => {
          for (const { id, closedAtMs } of disk.alerts.find({})) if (closedAtMs !== null && closedAtMs < atMs) disk.alerts.remove(id, note);
        }),
    },
    durations: tableOf(disk.durations, run),
    settings: tableOf(disk.settings, run),
    samples: samplesOf(disk.samples, run),
  };
}

/**
 * The port of the store over a disk in memory, quick enough for thousands of farms. It keeps the promises of the real one: its conformance suite runs on
 * it. Acts queue behind one another.
 */
export function createMemoryStore({ disk = createMemoryDisk(), before, onCommit, afterCommit }: MemoryStoreOptions = {}): Store {
  const queued = createQueue();
  const within = new AsyncLocalStorage<State>();
  const refuseWithin = (): void => {
    if (within.getStore()?.isOpen === true)
      throw new Error("the store was called inside its own transaction: use the transaction's tables");
  };
  const takeBack = ({ takeBacks }: State): void => {
    for (const one of takeBacks.reverse()) one();
  };
  const run: Run = async (isWrite, act) => {
    refuseWithin();
    await before?.(isWrite ? 'write' : 'read');
    return queued(async () => {
      const state: State = { isOpen: true, failed: undefined, takeBacks: [] };
      try {
        const result = act((note) => state.takeBacks.push(note));
        if (isWrite) await onCommit?.();
        state.takeBacks.length = 0;
        return result;
      } catch (error) {
        takeBack(state);
        throw error;
      }
    }).finally(() => (isWrite ? afterCommit?.() : undefined));
  };
  const inside =
    (state: State): Run =>
    async (_isWrite, act) => {
      if (!state.isOpen) throw new Error('a table of a transaction was used after its end');
      if (state.failed !== undefined) throw state.failed.error;
      try {
        return act((note) => state.takeBacks.push(note));
      } catch (error) {
        state.failed = { error };
        throw error;
      }
    };
  const transaction: Store['transaction'] = async (work) => {
    refuseWithin();
    await before?.('write');
    return queued(async () => {
      const state: State = { isOpen: true, failed: undefined, takeBacks: [] };
      try {
        const result = await within.run(state, () => work(tablesOf(disk, inside(state))));
        state.isOpen = false;
        if (state.failed !== undefined) throw state.failed.error;
        await onCommit?.();
        return result;
      } catch (error) {
        takeBack(state);
        throw error;
      } finally {
        state.isOpen = false;
      }
    }).finally(() => afterCommit?.());
  };
  return { ...tablesOf(disk, run), transaction, kind: 'sqlite', migration: 'in-memory', close: () => Promise.resolve() };
}

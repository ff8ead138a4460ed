import type { Instance } from '../../model/instances/instance.ts';
import type { JournalEntry } from '../../model/jobs/journal.ts';
import type { Changes } from '../../ports/changes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Store, Tables } from '../../ports/store.ts';
import { tell } from '../../engine/journal.ts';
import type { InstanceProjection } from './instance-projection.ts';

type RowChange = Partial<Pick<Instance, 'wish' | 'serverId' | 'jobId' | 'handedOverAtMs'>>;

/** Writes instance rows: saved first, then seen by whoever asks, then announced. */
export type InstanceRows = {
  readonly get: (instanceId: string) => Promise<Instance | undefined>;
  /** Changes a row that is there; a row that has gone stays gone. `told` is written down with it. */
  readonly change: (instanceId: string, change: RowChange, ...told: readonly JournalEntry[]) => Promise<Instance | undefined>;
  /** Writes down what was done, inside somebody's transaction; without an instance nothing. */
  readonly tell: (tables: Tables, row: Instance, entry: JournalEntry) => Promise<void>;
  readonly remove: (instanceId: string) => Promise<void>;
  /** After a row was written inside somebody else's transaction. */
  readonly announce: (instanceId: string) => Promise<void>;
};

export function createInstanceRows(deps: {
  readonly store: Store;
  readonly changes: Changes;
  readonly projection: Pick<InstanceProjection, 'refresh'>;
  readonly clock: Clock;
  readonly ids: Ids;
}): InstanceRows {
  const announce = async (id: string): Promise<void> => {
    await deps.projection.refresh(id);
    deps.changes.announce({ kind: 'instance', id });
  };
  const write = (tables: Tables, { id, farmId }: Instance, told: readonly JournalEntry[]): Promise<void> =>
    tell(tables, { farmId, instanceId: id, nowMs: deps.clock.nowMs(), uuid: deps.ids.uuid }, told);
  return {
    tell: (tables, row, entry) => write(tables, row, [entry]),
    get: (id) => deps.store.instances.get(id),
    announce,
    change: async (id, change, ...told) => {
      const next = await deps.store.transaction(async (tables) => {
        const row = await tables.instances.get(id);
        if (row === undefined) return undefined;
        const changed = { ...row, ...change };
        await tables.instances.put(changed);
        await write(tables, row, told);
        return changed;
      });
      await announce(id);
      return next;
    },
    remove: async (id) => {
      await deps.store.instances.remove(id);
      await announce(id);
    },
  };
}

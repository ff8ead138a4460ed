import type { Instance } from '../../model/instances/instance.ts';
import type { Changes } from '../../ports/changes.ts';
import type { Store } from '../../ports/store.ts';
import type { InstanceProjection } from './instance-projection.ts';

type RowChange = Partial<Pick<Instance, 'wish' | 'serverId' | 'jobId' | 'handedOverAtMs'>>;

/** Writes instance rows: saved first, then seen by whoever asks, then announced. */
export type InstanceRows = {
  readonly get: (instanceId: string) => Promise<Instance | undefined>;
  /** Changes a row that is there; a row that has gone stays gone. */
  readonly change: (instanceId: string, change: RowChange) => Promise<Instance | undefined>;
  readonly remove: (instanceId: string) => Promise<void>;
  /** After a row was written inside somebody else's transaction. */
  readonly announce: (instanceId: string) => Promise<void>;
};

export function createInstanceRows(deps: {
  readonly store: Store;
  readonly changes: Changes;
  readonly projection: Pick<InstanceProjection, 'refresh'>;
}): InstanceRows {
  const announce = async (id: string): Promise<void> => {
    await deps.projection.refresh(id);
    deps.changes.announce({ kind: 'instance', id });
  };
  return {
    get: (id) => deps.store.instances.get(id),
    announce,
    change: async (id, change) => {
      const next = await deps.store.transaction(async (tables) => {
        const row = await tables.instances.get(id);
        if (row === undefined) return undefined;
        const changed = { ...row, ...change };
        await tables.instances.put(changed);
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

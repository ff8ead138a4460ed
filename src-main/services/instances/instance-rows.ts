import { FarmError } from '#contract/errors.ts';
import type { Instance } from '../../model/instances/instance.ts';
import type { AuditEntry } from '../../model/jobs/audit-log.ts';
import type { Changes } from '../../ports/changes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { InstanceRows } from '../../ports/instance-rows.ts';
import type { Store, Tables } from '../../ports/store.ts';
import { tell } from '../../engine/audit-log.ts';
import type { InstanceProjection } from './instance-projection.ts';

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
  const write = (tables: Tables, { id, farmId }: Instance, told: readonly AuditEntry[]): Promise<void> =>
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
    place: async (id, serverId) => {
      await deps.store.transaction(async (tables) => {
        const server = await tables.servers.get(serverId);
        if (server === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: serverId });
        if (server.membership !== 'in') {
          const reason = server.membership === 'joining' ? 'joining' : 'leaving';
          throw new FarmError('SERVER_DOES_NOT_FIT', { server: server.name, reason });
        }
        // a job that holds the server knows who stands on it: nobody comes meanwhile
        if ((await tables.locks.get(`server:${serverId}`)) !== undefined)
          throw new FarmError('SERVER_DOES_NOT_FIT', { server: server.name, reason: 'maintenance' });
        await tables.instances.patch(id, { serverId });
      });
      await announce(id);
    },
    remove: async (id) => {
      await deps.store.instances.remove(id);
      await announce(id);
    },
  };
}

import type { Leftover } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import type { ServerId } from '#contract/ids.ts';
import { refuseInhabited } from '../checks/inhabited.ts';
import type { Membership, Server } from '../model/servers/server.ts';
import type { Changes } from '../ports/changes.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store, Tables } from '../ports/store.ts';
import type { Effect } from './effect.ts';

export type ServerRowDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly changes: Changes;
  /** The kept links: one for each row. */
  readonly kept: { readonly open: (server: Server) => Promise<void>; readonly close: (serverId: string) => Promise<void> };
};
export type ServerRef = { readonly serverId: ServerId; readonly name: string };
/** `row`: what is written where there is none. */
export type ServerRowWanted = { readonly membership: Membership; readonly row?: Server };
export type ServerRowFacts = { readonly membership: Membership };

/** A server in the farm's list, with what was measured of it and its kept link. Gone it cannot come back: its key goes with it. */
export function createServerRowEffect(deps: ServerRowDeps): Effect<ServerRef, ServerRowWanted, ServerRowFacts> {
  const { store, changes, kept } = deps;
  const seen = async ({ serverId }: ServerRef): Promise<ServerRowFacts | 'absent'> => {
    const row = await store.servers.get(serverId);
    return row === undefined ? 'absent' : { membership: row.membership };
  };
  const insert = async (tables: Tables, row: Server): Promise<void> => {
    for (const other of await tables.servers.find({ farmId: row.farmId })) {
      if (other.address === row.address || other.keyFingerprint === row.keyFingerprint)
        throw new FarmError('SERVER_ALREADY_JOINED', { server: other.name });
      if (other.name.toLowerCase() === row.name.toLowerCase()) throw new FarmError('EXISTS', { kind: 'server', name: row.name });
    }
    await tables.servers.insert(row);
  };
  return {
    kind: 'server-row',
    timeoutMs: 30_000,
    waiting: () => ({ code: 'save', parameters: {} }),
    known: seen,
    observe: seen,
    describe: (facts, wanted, { name }) => {
      const isThere = typeof facts === 'object';
      if (wanted === 'absent') return isThere ? { code: 'server-out', parameters: { name } } : undefined;
      if (!isThere) return { code: 'server-in', parameters: { name } };
      return facts.membership === wanted.membership ? undefined : { code: `server-${wanted.membership}`, parameters: { name } };
    },
    ensure: async ({ serverId, name }, { membership, row }) => {
      const isNew = await store.transaction(async (tables) => {
        if (membership !== 'in') await refuseInhabited(tables, serverId, name);
        if ((await tables.servers.patch(serverId, { membership })) !== undefined) return false;
        // Only a join makes a row: one that has gone was somebody's decision.
        if (row === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name });
        await insert(tables, { ...row, membership });
        return true;
      });
      if (isNew && row !== undefined) await kept.open({ ...row, membership });
      changes.announce({ kind: 'server', id: serverId });
      return { membership };
    },
    remove: async ({ serverId, name }) => {
      // First, so that nothing is measured of it any more when its measurements go.
      await kept.close(serverId);
      try {
        await store.transaction(async (tables) => {
          await refuseInhabited(tables, serverId, name);
          await tables.samples.removeSubject(serverId);
          await tables.servers.remove(serverId);
        });
      } catch (error) {
        const still = await store.servers.get(serverId);
        if (still !== undefined) await kept.open(still);
        throw error;
      }
      changes.announce({ kind: 'server', id: serverId });
      return 'gone';
    },
    restore: ({ membership }) => ({ membership }),
    evidence: async (ref): Promise<readonly Leftover[]> => {
      const isPresent = (await seen(ref)) !== 'absent';
      return [{ code: 'row', parameters: { name: ref.name }, isPresent, checkedAtMs: deps.clock.nowMs(), witness: 'core' }];
    },
  };
}

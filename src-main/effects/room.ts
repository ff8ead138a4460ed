import type { PlanId, ServerId } from '#contract/ids.ts';
import type { InstanceRef, OnServer } from '../checks/site.ts';
import type { PackageAccess, PlacementAccess } from '../ports/access.ts';
import type { InstanceRows } from '../ports/instance-rows.ts';
import type { Effect } from './effect.ts';
import type { PackageFacts } from './server-package.ts';

export type RoomTarget = InstanceRef & { readonly planId: PlanId };
/** `asked`: the server that a person chose. */
export type RoomWanted = { readonly asked?: ServerId | undefined };
export type RoomFacts = { readonly serverId: ServerId };

/** Room on a server: the server in the instance's row is the reservation, and is written before the next choice begins,
 * in one transaction with a look at whether that server leaves. */
export function createRoomEffect(deps: {
  readonly rows: InstanceRows;
  readonly placement: PlacementAccess;
  readonly packages: Pick<PackageAccess, 'knownOn'>;
  readonly pack: Pick<Effect<OnServer, object, PackageFacts>, 'remove'>;
}): Effect<RoomTarget, RoomWanted, RoomFacts> {
  const seen = async ({ instanceId }: RoomTarget): Promise<RoomFacts | 'absent'> => {
    const serverId = (await deps.rows.get(instanceId))?.serverId ?? null;
    return serverId === null ? 'absent' : { serverId };
  };
  return {
    kind: 'room',
    timeoutMs: 60_000,
    waiting: () => ({ code: 'place', parameters: {} }),
    known: seen,
    observe: seen,
    describe: (facts, wanted, { name }) => {
      const isThere = typeof facts === 'object';
      if (wanted === 'absent') return isThere ? { code: 'room-out', parameters: { name } } : undefined;
      return isThere ? undefined : { code: 'room-in', parameters: { name } };
    },
    ensure: async ({ instanceId, packageId, planId }, { asked }, _seen, call) => {
      const tell = (placement: unknown): Promise<void> => call.show({ placement });
      const { serverId } = await deps.placement.choose({ packageId, planId, instanceId, wanted: asked, tell }, async (chosen) => {
        await deps.rows.place(instanceId, chosen.serverId);
      });
      return { serverId };
    },
    remove: async (target, _seen, call) => {
      const serverId = (await deps.rows.get(target.instanceId))?.serverId ?? null;
      // The reservation is a claim to the package, too: who leaves last takes it along, also when its own job never came so far as to bring it.
      if (serverId !== null && deps.packages.knownOn(serverId, target.packageId) !== undefined)
        await deps.pack.remove({ ...target, serverId }, 'absent', call);
      await deps.rows.change(target.instanceId, { serverId: null });
      return 'gone';
    },
    foresee: async ({ packageId, planId }, { asked }) => {
      const serverId = asked ?? (await deps.placement.propose(packageId, planId)).chosen;
      return serverId === undefined ? undefined : { serverId };
    },
    restore: ({ serverId }) => ({ asked: serverId }),
  };
}

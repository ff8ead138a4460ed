import { type NetworkAccess, networkAccess } from '#contract/agent/instances.ts';
import type { Actor } from '#contract/ids.ts';
import { agreedPart, agreementKey, isAgreed, networkAsked, notAgreed } from '../../model/packages/network-asks.ts';
import type { Farm } from '../../model/settings/farm.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ManifestFile } from '../../ports/payloads.ts';
import type { Store } from '../../ports/store.ts';

type Deps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly farm: () => Farm;
  /** Throws `NOT_FOUND`. */
  readonly manifest: (packageId: string) => Promise<ManifestFile>;
};

export type NetworkAgreements = {
  /** What instances of the package may reach; undefined where it asks for nothing. Throws `NOT_FOUND`, `PACKAGE_NOT_AGREED`. */
  readonly networkOf: (packageId: string) => Promise<NetworkAccess | undefined>;
  /** As it was written down; undefined where nobody agreed, or in another farm. */
  readonly agreed: (packageId: string) => Promise<NetworkAccess | undefined>;
  /** Puts what an owner saw and agreed to in the place of what was agreed before, as far as the package asks it; nothing takes it back, from instances that are there too. Throws `NOT_FOUND`. */
  readonly agree: (packageId: string, seen: NetworkAccess, by: Actor) => Promise<NetworkAccess>;
};

/** What owners agreed that packages may reach, beside themselves, on the servers. It holds for later versions that ask for no more. */
export function createNetworkAgreements(deps: Deps): NetworkAgreements {
  const agreed = async (packageId: string): Promise<NetworkAccess | undefined> => {
    const row = await deps.store.settings.get(agreementKey(packageId));
    // Of a farm that was in this home before, nobody here has agreed to anything.
    return row?.farmId === deps.farm().id ? networkAccess.safeParse(row.value).data : undefined;
  };
  return {
    agreed,
    networkOf: async (packageId) => {
      const asked = networkAsked((await deps.manifest(packageId)).manifest);
      if (asked === undefined) return undefined;
      if (!isAgreed(asked, await agreed(packageId))) throw notAgreed(packageId, asked);
      return asked;
    },
    agree: async (packageId, seen, by) => {
      const asked = networkAsked((await deps.manifest(packageId)).manifest) ?? { loopbackPorts: [], metadata: false };
      const part = agreedPart(asked, seen);
      const id = agreementKey(packageId);
      if (part.loopbackPorts.length === 0 && !part.metadata) await deps.store.settings.remove(id);
      else await deps.store.settings.put({ id, farmId: deps.farm().id, value: { ...part, atMs: deps.clock.nowMs(), by } });
      return part;
    },
  };
}

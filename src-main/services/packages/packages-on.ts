import type { InstalledPackage } from '#contract/agent/packages.ts';
import type { PackageOn } from '../../ports/access.ts';
import type { Agents } from '../../ports/agents.ts';
import type { ManifestFile } from '../../ports/payloads.ts';

type Deps = { readonly agents: Pick<Agents, 'client'>; readonly manifest: (packageId: string) => Promise<ManifestFile> };

const keyOf = (one: Pick<InstalledPackage, 'manifestHash' | 'payload'>): string => `${one.manifestHash}/${one.payload}`;

/** Which packages are on which server: asked there, and as it was last seen. */
export function createPackagesOn(deps: Deps) {
  const seen = new Map<string, ReadonlyMap<string, InstalledPackage>>();
  const listOn = async (serverId: string, signal?: AbortSignal): Promise<readonly InstalledPackage[]> => {
    const client = await deps.agents.client(serverId);
    const { packages } = await client.packages.list(undefined, signal === undefined ? {} : { signal });
    seen.set(serverId, new Map(packages.map((one) => [keyOf(one), one])));
    return packages;
  };
  return {
    listOn,
    on: async (serverId: string, packageId: string): Promise<PackageOn | undefined> => {
      const { manifestHash } = await deps.manifest(packageId);
      const newestIn = (there: Iterable<InstalledPackage>): InstalledPackage | undefined =>
        [...there].find((version) => version.packageId === packageId && version.manifestHash === manifestHash);
      const client = await deps.agents.client(serverId);
      const isWhole = async (payload: string): Promise<boolean> => (await client.packages.status({ payload })).isInstalled;
      // both at once where it is known already which files it will be: each is a way there and back
      const expected = newestIn(seen.get(serverId)?.values() ?? [])?.payload;
      const [there, isExpectedWhole] = await Promise.all([listOn(serverId), expected === undefined ? undefined : isWhole(expected)]);
      const one = newestIn(there);
      if (one === undefined) return undefined;
      const isSame = isExpectedWhole !== undefined && one.payload === expected;
      return { manifestHash: one.manifestHash, payload: one.payload, isWhole: isSame ? isExpectedWhole : await isWhole(one.payload) };
    },
    knownOn: (serverId: string, packageId: string): PackageOn | undefined => {
      const one = [...(seen.get(serverId)?.values() ?? [])].find((version) => version.packageId === packageId);
      return one === undefined ? undefined : { manifestHash: one.manifestHash, payload: one.payload, isWhole: true };
    },
    hasOn: (serverId: string, packageId: string): boolean =>
      [...(seen.get(serverId)?.values() ?? [])].some((one) => one.packageId === packageId),
    look: async (serverId: string): Promise<void> => {
      await listOn(serverId);
    },
  };
}

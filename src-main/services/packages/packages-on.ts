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
      const versions = (await listOn(serverId)).filter((one) => one.packageId === packageId);
      const one = versions.find((version) => version.manifestHash === manifestHash);
      if (one === undefined) return undefined;
      const client = await deps.agents.client(serverId);
      const { isInstalled } = await client.packages.status({ payload: one.payload });
      return { manifestHash: one.manifestHash, payload: one.payload, isWhole: isInstalled };
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

import type { InstalledPackage, SignedManifest } from '#contract/agent/packages.ts';
import { isFarmError } from '#contract/errors.ts';
import { type Sha256, sha256 } from '#contract/ids.ts';
import type { PackageOn } from '../../ports/access.ts';
import type { Agents } from '../../ports/agents.ts';
import type { BuiltPayload, ManifestFile, Payloads } from '../../ports/payloads.ts';
import { createShared } from './shared-work.ts';
import { type Progress, sendPayload } from './upload.ts';

export type Installed = { readonly manifestHash: Sha256; readonly payload: { readonly sha256: Sha256; readonly sizeBytes: number } };
export type EnsureOptions = { readonly signal: AbortSignal; readonly onProgress?: (progress: Progress) => void };

type Deps = {
  readonly agents: Agents;
  readonly payloads: Payloads;
  readonly manifest: (packageId: string) => Promise<ManifestFile>;
  readonly signed: (packageId: string) => Promise<SignedManifest>;
  readonly build: (file: ManifestFile, platform: string) => Promise<BuiltPayload>;
  readonly platformOf: (serverId: string) => Promise<string>;
};

const payloadOf = (built: BuiltPayload): Installed['payload'] => ({ sha256: sha256.parse(built.sha256), sizeBytes: built.sizeBytes });

/** Brings packages to servers and takes them away again. */
export function createInstaller(deps: Deps) {
  const seen = new Map<string, ReadonlyMap<string, InstalledPackage>>();
  const shared = createShared<Installed, Progress>();
  const keyOf = (one: Pick<InstalledPackage, 'manifestHash' | 'payload'>): string => `${one.manifestHash}/${one.payload}`;

  const listOn = async (serverId: string, signal?: AbortSignal): Promise<readonly InstalledPackage[]> => {
    const client = await deps.agents.client(serverId);
    const { packages } = await client.packages.list(undefined, signal === undefined ? {} : { signal });
    seen.set(serverId, new Map(packages.map((one) => [keyOf(one), one])));
    return packages;
  };

  const install = async (
    serverId: string,
    packageId: string,
    signal: AbortSignal,
    onProgress: (progress: Progress) => void,
  ): Promise<Installed> => {
    const file = await deps.manifest(packageId);
    const platform = await deps.platformOf(serverId);
    let built = await deps.build(file, platform);
    signal.throwIfAborted();
    const manifestHash = sha256.parse(file.manifestHash);
    let payload = payloadOf(built);
    const isListed = (await listOn(serverId, signal)).some((one) => one.manifestHash === manifestHash && one.payload === payload.sha256);
    const client = await deps.agents.client(serverId);
    // A record may have lost its files to a person who cleaned up: the agent looks.
    if (isListed && (await client.packages.status({ payload: payload.sha256 }, { signal })).isInstalled) return { manifestHash, payload };
    const manifest = await deps.signed(packageId);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await sendPayload(client, payload, (offset, length) => deps.payloads.read(built, offset, length), {
          packageId,
          signal,
          onProgress,
        });
        await client.packages.install({ manifest, payload }, { signal });
        break;
      } catch (error) {
        if (isFarmError(error, 'PAYLOAD_HASH_WRONG')) deps.payloads.doubt(built);
        else if (!isFarmError(error, 'PAYLOAD_CUT')) throw error;
        if (attempt > 1) throw error;
        // Either what an earlier, broken sending left there did not fit the rest, and the agent threw it away; or our own copy is broken, and is built
        // anew. All of it is sent once more.
        built = await deps.build(file, platform);
        payload = payloadOf(built);
      }
    }
    await listOn(serverId, signal);
    return { manifestHash, payload };
  };

  const versionsOn = async (serverId: string, packageId: string): Promise<readonly InstalledPackage[]> =>
    (await listOn(serverId)).filter((one) => one.packageId === packageId);

  return {
    ensureOn: (serverId: string, packageId: string, { signal, onProgress }: EnsureOptions): Promise<Installed> =>
      shared.join(`${serverId}/${packageId}`, signal, onProgress, (sharedSignal, tell) => install(serverId, packageId, sharedSignal, tell)),
    on: async (serverId: string, packageId: string): Promise<PackageOn | undefined> => {
      const { manifestHash } = await deps.manifest(packageId);
      const one = (await versionsOn(serverId, packageId)).find((version) => version.manifestHash === manifestHash);
      if (one === undefined) return undefined;
      const client = await deps.agents.client(serverId);
      const { isInstalled } = await client.packages.status({ payload: one.payload });
      return { manifestHash: one.manifestHash, payload: one.payload, isWhole: isInstalled };
    },
    knownOn: (serverId: string, packageId: string): PackageOn | undefined => {
      const one = [...(seen.get(serverId)?.values() ?? [])].find((version) => version.packageId === packageId);
      return one === undefined ? undefined : { manifestHash: one.manifestHash, payload: one.payload, isWhole: true };
    },
    removeFrom: async (serverId: string, packageId: string): Promise<{ isRemoved: boolean; usedBy: readonly string[] }> => {
      const usedBy = new Set<string>();
      for (const { payload, manifestHash } of await versionsOn(serverId, packageId)) {
        const client = await deps.agents.client(serverId);
        const answer = await client.packages.remove({ payload, manifestHash });
        for (const name of answer.usedBy) usedBy.add(name);
      }
      const left = await versionsOn(serverId, packageId);
      return { isRemoved: left.length === 0, usedBy: [...usedBy] };
    },
    hasOn: (serverId: string, packageId: string): boolean =>
      [...(seen.get(serverId)?.values() ?? [])].some((one) => one.packageId === packageId),
    look: async (serverId: string): Promise<void> => {
      await listOn(serverId);
    },
  };
}

import type { InstalledPackage } from '#contract/agent/packages.ts';
import { isFarmError } from '#contract/errors.ts';
import { type Sha256, sha256 } from '#contract/ids.ts';
import type { PackageSources } from '../ports/access.ts';
import type { AgentWritesOf } from '../ports/agent-writes.ts';
import type { Agents } from '../ports/agents.ts';
import type { BuiltPayload, Payloads } from '../ports/payloads.ts';
import { type Progress, sendPayload } from './send-payload.ts';
import { createShared } from './shared-work.ts';

type Installed = { readonly manifestHash: Sha256; readonly payload: { readonly sha256: Sha256; readonly sizeBytes: number } };

export type Installer = {
  /**
   * Brings the package to a server: builds, sends what is missing in pieces, installs. Any number may ask at once, and it is sent once; an abort
   * ends it when nobody waits for it any more. Throws what building and the agent throw, and the signal's reason.
   */
  readonly ensureOn: (
    serverId: string,
    packageId: string,
    options: { readonly signal: AbortSignal; readonly onProgress?: (progress: Progress) => void },
  ) => Promise<Installed>;
  /** Takes every version away from the server that no instance there uses. Absent is fine. */
  readonly removeFrom: (
    serverId: string,
    packageId: string,
  ) => Promise<{ readonly isRemoved: boolean; readonly usedBy: readonly string[] }>;
};

type Deps = {
  readonly agents: Pick<Agents, 'client'>;
  readonly agentWritesOf: AgentWritesOf;
  readonly payloads: Pick<Payloads, 'read' | 'doubt'>;
  readonly packages: PackageSources;
};

const payloadOf = (built: BuiltPayload): Installed['payload'] => ({ sha256: sha256.parse(built.sha256), sizeBytes: built.sizeBytes });

/** Brings packages to servers and takes them away again. */
export function createInstaller({ agents, agentWritesOf, payloads, packages }: Deps): Installer {
  const shared = createShared<Installed, Progress>();

  const install = async (
    serverId: string,
    packageId: string,
    signal: AbortSignal,
    onProgress: (progress: Progress) => void,
  ): Promise<Installed> => {
    const file = await packages.manifest(packageId);
    const platform = await packages.platformOf(serverId);
    let built = await packages.build(file, platform);
    signal.throwIfAborted();
    const manifestHash = sha256.parse(file.manifestHash);
    let payload = payloadOf(built);
    const listed = await packages.listOn(serverId, signal);
    const isListed = listed.some((one) => one.manifestHash === manifestHash && one.payload === payload.sha256);
    const client = await agents.client(serverId);
    // A record may have lost its files to a person who cleaned up: the agent looks.
    if (isListed && (await client.packages.status({ payload: payload.sha256 }, { signal })).isInstalled) return { manifestHash, payload };
    const agent = { reads: client.packages, writes: agentWritesOf(client).packages };
    const manifest = await packages.signed(packageId);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await sendPayload(agent, payload, (offset, length) => payloads.read(built, offset, length), {
          packageId,
          signal,
          onProgress,
        });
        await agent.writes.install({ manifest, payload }, { signal });
        break;
      } catch (error) {
        if (isFarmError(error, 'PAYLOAD_HASH_WRONG')) payloads.doubt(built);
        else if (!isFarmError(error, 'PAYLOAD_CUT')) throw error;
        if (attempt > 1) throw error;
        // Either what an earlier, broken sending left there did not fit the rest, and the agent threw it away; or our own copy is broken, and is built
        // anew. All of it is sent once more.
        built = await packages.build(file, platform);
        payload = payloadOf(built);
      }
    }
    await packages.listOn(serverId, signal);
    return { manifestHash, payload };
  };

  const versionsOn = async (serverId: string, packageId: string): Promise<readonly InstalledPackage[]> =>
    (await packages.listOn(serverId)).filter((one) => one.packageId === packageId);

  return {
    ensureOn: (serverId, packageId, { signal, onProgress }) =>
      shared.join(`${serverId}/${packageId}`, signal, onProgress, (sharedSignal, tell) => install(serverId, packageId, sharedSignal, tell)),
    removeFrom: async (serverId, packageId) => {
      const usedBy = new Set<string>();
      for (const { payload, manifestHash } of await versionsOn(serverId, packageId)) {
        const writes = agentWritesOf(await agents.client(serverId)).packages;
        const answer = await writes.remove({ payload, manifestHash });
        for (const name of answer.usedBy) usedBy.add(name);
      }
      const left = await versionsOn(serverId, packageId);
      return { isRemoved: left.length === 0, usedBy: [...usedBy] };
    },
  };
}

import { isGoingBack, type Leftover } from '#contract/api/jobs.ts';
import type { Sha256 } from '#contract/ids.ts';
import { createKeyedQueue } from '#kit/keyed-queue.ts';
import { type OnServer, placedSiteOf, siteOn } from '../checks/site.ts';
import type { Instance } from '../model/instances/instance.ts';
import type { PackageAccess } from '../ports/access.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import type { Effect } from './effect.ts';
import type { Installer } from './package-installer.ts';

/** `isWhole`: its files are there too; somebody may have cleaned up. */
export type PackageFacts = { readonly manifestHash: Sha256; readonly payload: Sha256; readonly isWhole: boolean };
export type PackageDeps = { readonly store: Store; readonly clock: Clock; readonly packages: PackageAccess; readonly installer: Installer };

/**
 * An application package on a server. Every instance that stands, or is being placed, there with it has a claim to it: its row, until it is on its way
 * out. The last claim that is given up takes the package away, whoever brought it; of several that leave at once, the last whose files are gone does,
 * because the agent keeps what files need.
 */
export function createServerPackageEffect(deps: PackageDeps): Effect<OnServer, object, PackageFacts> {
  // Whoever brings a package has a claim by then, so that only what is being taken away just now has to be waited for.
  const queued = createKeyedQueue().run;
  const keyOf = ({ serverId, packageId }: OnServer): string => `${serverId}/${packageId}`;
  const isLeaving = async ({ desired, jobId }: Instance): Promise<boolean> => {
    const job = desired === 'made' && jobId !== null ? await deps.store.jobs.get(jobId) : undefined;
    return desired === 'removed' || (job !== undefined && isGoingBack(job));
  };
  const isClaimed = async ({ serverId, packageId, instanceId }: OnServer): Promise<boolean> => {
    const others = (await deps.store.instances.find({ serverId, packageId })).filter(({ id }) => id !== instanceId);
    for (const other of others) if (!(await isLeaving(other))) return true;
    return false;
  };
  return {
    kind: 'package',
    timeoutMs: 600_000,
    waiting: () => ({ code: 'check', parameters: {} }),
    slot: ({ serverId }) => `package@${serverId}`,
    server: ({ serverId }) => serverId,
    known: async (at) => {
      if ((await siteOn(deps, at)) === undefined) return 'place-gone';
      return deps.packages.knownOn(at.serverId, at.packageId) ?? 'absent';
    },
    observe: async (at) => {
      if ((await siteOn(deps, at)) === undefined) return 'place-gone';
      // What is being taken away just now is still listed.
      await queued(keyOf(at), () => undefined);
      return (await deps.packages.on(at.serverId, at.packageId)) ?? 'absent';
    },
    describe: (seen, wanted, { packageId }) => {
      const isThere = typeof seen === 'object';
      if (wanted === 'absent') return isThere ? { code: 'package-out', parameters: { package: packageId } } : undefined;
      return isThere && seen.isWhole ? undefined : { code: 'package-in', parameters: { package: packageId } };
    },
    ensure: async (at, _wanted, _seen, call) => {
      const server = (await placedSiteOf(deps, at)).server.name;
      call.waitFor({ code: 'package', parameters: { server } });
      await queued(keyOf(at), () => undefined);
      const brought = await deps.installer.ensureOn(at.serverId, at.packageId, {
        signal: call.signal,
        onProgress: ({ sentBytes, totalBytes }) => {
          const percent = totalBytes > 0 ? Math.floor((sentBytes / totalBytes) * 100) : 100;
          call.waitFor({ code: 'package-send', parameters: { server, percent } });
        },
      });
      return { manifestHash: brought.manifestHash, payload: brought.payload.sha256, isWhole: true };
    },
    remove: (at) =>
      queued(keyOf(at), async () => {
        if ((await siteOn(deps, at)) === undefined) return 'gone';
        if (await isClaimed(at)) return 'kept';
        const { usedBy } = await deps.installer.removeFrom(at.serverId, at.packageId);
        // Somebody whom we do not know uses it: then it is not ours to take away.
        return usedBy.length > 0 ? 'kept' : 'gone';
      }),
    restore: () => 'absent',
    evidence: async (at): Promise<readonly Leftover[]> => {
      const site = await siteOn(deps, at);
      if (site === undefined || (await isClaimed(at))) return [];
      const parameters = { server: site.server.name, package: at.packageId };
      const isPresent = (await deps.packages.on(at.serverId, at.packageId)) !== undefined;
      return [{ code: 'package', parameters, isPresent, checkedAtMs: deps.clock.nowMs(), witness: site.server.name }];
    },
  };
}

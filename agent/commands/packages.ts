import { createHash } from 'node:crypto';
import { implement } from '@orpc/server';
import { agentApi } from '#contract/agent/index.ts';
import type { InstalledPackage, PayloadRef, SignedManifest } from '#contract/agent/packages.ts';
import { createKeyedQueue } from '#kit/keyed-queue.ts';
import { FarmError } from '#contract/errors.ts';
import { type PackageManifest, packageManifest, type Platform } from '#contract/package-manifest.ts';
import type { AgentClock, AgentFolders, FailPoint, InstanceStore, PackageRecord, PackageStore } from '../ports.ts';
import { hasPayload, placePayload, removePayload, removeUpload, uploadedBytes, writePiece } from './package-files.ts';

export type PackageCommandNeeds = {
  readonly folders: AgentFolders;
  readonly packages: PackageStore;
  readonly instances: InstanceStore;
  readonly clock: AgentClock;
  readonly platform: Platform;
  /** The major version of the Node that runs packages. */
  readonly runtimeMajor: number;
  /** Did the agent authority of this agent's own farm sign that hash for that farm? */
  readonly isSigned: (manifest: SignedManifest) => boolean;
  readonly failPoint: FailPoint;
};

function readManifest({ manifestJson, manifestHash }: SignedManifest): PackageManifest {
  const invalid = (path: string, problem: string): FarmError =>
    new FarmError('MANIFEST_INVALID', { packageId: manifestHash.slice(0, 12), path, problem });
  if (createHash('sha256').update(manifestJson).digest('hex') !== manifestHash) throw invalid('', 'hash');
  let json: unknown;
  try {
    json = JSON.parse(manifestJson);
  } catch {
    throw invalid('', 'json');
  }
  const parsed = packageManifest.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalid(issue?.path.join('.') ?? '', issue?.code ?? 'schema');
}

function checkPlatform(manifest: PackageManifest, { platform, runtimeMajor }: PackageCommandNeeds): void {
  const packageId: string = manifest.id;
  const fits = manifest.payload.some(({ platforms }) => platforms.some(({ os, arch }) => os === platform.os && arch === platform.arch));
  if (!fits) throw new FarmError('PLATFORM_UNSUPPORTED', { packageId, platform: `${platform.os}-${platform.arch}` });
  if (manifest.runtime.major > runtimeMajor) throw new FarmError('PLATFORM_UNSUPPORTED', { packageId, platform: `node ${runtimeMajor}` });
}

const withoutManifest = ({ manifestJson: _, ...installed }: PackageRecord): InstalledPackage => installed;

async function install(needs: PackageCommandNeeds, signed: SignedManifest, payload: PayloadRef): Promise<InstalledPackage> {
  const { folders, packages, clock, failPoint } = needs;
  if (!needs.isSigned(signed)) throw new FarmError('MANIFEST_NOT_SIGNED', { packageId: signed.manifestHash.slice(0, 12) });
  const manifest = readManifest(signed);
  checkPlatform(manifest, needs);
  const known = packages.get(signed.manifestHash, payload.sha256);
  const isPlaced = await hasPayload(folders, payload.sha256);
  if (known !== undefined && isPlaced) return withoutManifest(known);
  const sizeBytes = isPlaced
    ? (packages.list().find((record) => record.payload === payload.sha256)?.sizeBytes ?? 0)
    : await placePayload(folders, payload, manifest, failPoint);
  const record: PackageRecord = {
    packageId: manifest.id,
    version: manifest.version,
    manifestHash: signed.manifestHash,
    payload: payload.sha256,
    installedAtMs: clock.nowMs(),
    sizeBytes,
    manifestJson: signed.manifestJson,
  };
  await packages.save(record);
  failPoint('packages.install.recorded');
  await removeUpload(folders, payload.sha256);
  return withoutManifest(record);
}

/** Record first: a folder without a record is swept at the next start, a record without a folder would be a lie. */
async function remove(
  needs: PackageCommandNeeds,
  manifestHash: string,
  payload: string,
): Promise<{ isRemoved: boolean; usedBy: string[] }> {
  const { folders, packages, instances, failPoint } = needs;
  const usedBy = instances
    .list()
    .filter(({ spec }) => spec.manifestHash === manifestHash && spec.payload === payload)
    .map(({ spec }) => spec.instanceId);
  if (usedBy.length > 0) return { isRemoved: false, usedBy };
  await packages.remove(manifestHash, payload);
  failPoint('packages.remove.record');
  if (!packages.list().some((record) => record.payload === payload)) {
    await removePayload(folders, payload);
    await removeUpload(folders, payload);
  }
  return { isRemoved: true, usedBy: [] };
}

/** Application packages: uploaded in pieces, verified, unpacked into a folder named by its content, removed when nobody uses them. */
export function createPackageCommands(needs: PackageCommandNeeds) {
  const { folders, packages } = needs;
  // Acts on one payload follow one another; different payloads go side by side.
  const queue = createKeyedQueue().run;
  const area = implement(agentApi.packages);
  return area.router({
    list: area.list.handler(() => ({ packages: packages.list().map(withoutManifest) })),
    status: area.status.handler(async ({ input: { payload } }) => {
      const record = packages.list().find((known) => known.payload === payload);
      const isInstalled = record !== undefined && (await hasPayload(folders, payload));
      return { haveBytes: await uploadedBytes(folders, payload), isInstalled };
    }),
    upload: area.upload.handler(({ input: { payload, offset, data } }) =>
      queue(payload.sha256, async () => {
        const haveBytes = await writePiece(folders, payload, offset, Buffer.from(data, 'base64'));
        needs.failPoint('packages.upload.piece');
        return { haveBytes };
      }),
    ),
    install: area.install.handler(({ input }) => queue(input.payload.sha256, () => install(needs, input.manifest, input.payload))),
    remove: area.remove.handler(({ input }) => queue(input.payload, () => remove(needs, input.manifestHash, input.payload))),
  });
}

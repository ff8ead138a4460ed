import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PayloadRef } from '#contract/agent/packages.ts';
import { FarmError } from '#contract/errors.ts';
import type { PackageManifest } from '#contract/package-manifest.ts';
import { isNoRoom } from '../os/host-os.ts';
import type { AgentFolders, FailPoint, PackageStore } from '../ports.ts';
import { syncFolder, unpackArchive } from './unpack.ts';

/** An upload that nobody continued for so long is thrown away at the next start. */
const staleUploadMs = 7 * 86_400_000;

const uploadOf = (folders: AgentFolders, payload: string): string => join(folders.uploads, payload);
export const payloadFolder = (folders: AgentFolders, payload: string): string => join(folders.packages, payload);

export async function uploadedBytes(folders: AgentFolders, payload: string): Promise<number> {
  return stat(uploadOf(folders, payload)).then(
    (found) => found.size,
    () => 0,
  );
}

export async function hasPayload(folders: AgentFolders, payload: string): Promise<boolean> {
  return lstat(payloadFolder(folders, payload)).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/**
 * Writes a piece at its place and answers with the bytes that are here. A piece that is here already changes nothing; one that would leave a
 * hole, or reach beyond the payload, throws `PAYLOAD_CUT`. Throws `DISK_FULL`, and then keeps what was whole before.
 */
export async function writePiece(folders: AgentFolders, payload: PayloadRef, offset: number, data: Uint8Array): Promise<number> {
  const path = uploadOf(folders, payload.sha256);
  const haveBytes = await uploadedBytes(folders, payload.sha256);
  const end = offset + data.byteLength;
  if (offset < 0 || offset > haveBytes || end > payload.sizeBytes)
    throw new FarmError('PAYLOAD_CUT', { packageId: payload.sha256.slice(0, 12), haveBytes, wantBytes: payload.sizeBytes });
  if (end <= haveBytes) return haveBytes;
  await mkdir(folders.uploads, { recursive: true, mode: 0o700 });
  // Not opened for appending: a write then goes to the end whatever place it names.
  const file = await open(path, haveBytes === 0 ? 'w' : 'r+', 0o600);
  try {
    for (let written = 0; written < data.byteLength; ) {
      const { bytesWritten } = await file.write(data, written, data.byteLength - written, offset + written);
      written += bytesWritten;
    }
    return end;
  } catch (error) {
    await file.truncate(haveBytes);
    if (isNoRoom(error)) throw new FarmError('DISK_FULL', { server: '', path }, { cause: error });
    throw error;
  } finally {
    await file.close();
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Uint8Array);
  return hash.digest('hex');
}

/**
 * Puts the payload's folder in its place, whole or not at all: verify, unpack beside it, sync, one rename. Answers with the bytes of its files.
 * Throws `PAYLOAD_CUT`, `PAYLOAD_HASH_WRONG`, `PAYLOAD_UNSAFE`, `PAYLOAD_BUILD`, `DISK_FULL`; what can never be installed is thrown away.
 */
export async function placePayload(
  folders: AgentFolders,
  payload: PayloadRef,
  manifest: PackageManifest,
  failPoint: FailPoint,
): Promise<number> {
  const archive = uploadOf(folders, payload.sha256);
  const packageId: string = manifest.id;
  const haveBytes = await uploadedBytes(folders, payload.sha256);
  if (haveBytes !== payload.sizeBytes) throw new FarmError('PAYLOAD_CUT', { packageId, haveBytes, wantBytes: payload.sizeBytes });
  const actual = await hashOf(archive);
  if (actual !== payload.sha256) {
    await rm(archive, { force: true });
    throw new FarmError('PAYLOAD_HASH_WRONG', { packageId, expected: payload.sha256, actual });
  }
  failPoint('packages.install.verified');
  const temporary = join(folders.packages, `.unpack-${payload.sha256.slice(0, 16)}`);
  await rm(temporary, { recursive: true, force: true });
  try {
    // Readable by the users of instances, writable by none of them.
    await mkdir(temporary, { mode: 0o755 });
    const sizeBytes = await unpackArchive({ packageId, archive, folder: temporary, limits: manifest.limits });
    failPoint('packages.install.unpacked');
    await rename(temporary, payloadFolder(folders, payload.sha256));
    await syncFolder(folders.packages);
    failPoint('packages.install.placed');
    return sizeBytes;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (error instanceof FarmError && error.code !== 'DISK_FULL') await rm(archive, { force: true });
    if (isNoRoom(error)) throw new FarmError('DISK_FULL', { server: '', path: folders.packages }, { cause: error });
    throw error;
  }
}

export async function removeUpload(folders: AgentFolders, payload: string): Promise<void> {
  await rm(uploadOf(folders, payload), { force: true });
}

/** Moves the folder out of the way in one step, then removes it: a kill in between leaves something that the next start sweeps. */
export async function removePayload(folders: AgentFolders, payload: string): Promise<void> {
  const gone = join(folders.packages, `.gone-${payload.slice(0, 16)}`);
  await rm(gone, { recursive: true, force: true });
  await rename(payloadFolder(folders, payload), gone).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rm(gone, { recursive: true, force: true });
}

/**
 * At the start: folders without a record and records without a folder go, as do uploads of what is installed or of what nobody continues. What an
 * instance runs from stays, also when its record is torn: `install` writes that anew. Answers with what was removed.
 */
export async function sweepPackages(
  folders: AgentFolders,
  packages: PackageStore,
  inUse: ReadonlySet<string>,
  nowMs: number,
): Promise<string[]> {
  const swept: string[] = [];
  const recorded = new Set<string>(packages.list().map(({ payload }) => payload));
  for (const name of await readdir(folders.packages)) {
    if (recorded.has(name) || inUse.has(name)) continue;
    await rm(join(folders.packages, name), { recursive: true, force: true });
    swept.push(`packages/${name}`);
  }
  for (const { manifestHash, payload } of packages.list()) {
    if (await hasPayload(folders, payload)) continue;
    await packages.remove(manifestHash, payload);
    swept.push(`state/${manifestHash.slice(0, 12)}`);
  }
  for (const name of await readdir(folders.uploads)) {
    const { mtimeMs } = await stat(join(folders.uploads, name));
    if (!recorded.has(name) && Math.abs(nowMs - mtimeMs) < staleUploadMs) continue;
    await rm(join(folders.uploads, name), { force: true });
    swept.push(`uploads/${name}`);
  }
  return swept;
}

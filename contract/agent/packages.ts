import * as z from 'zod';
import { packageId, sha256 } from '../ids.ts';
import { command } from './base.ts';

/** A manifest as the core signed it for its farm: `signature` is over `farmstead-manifest\n<farmId>\n<manifestHash>` by the agent authority's key, base64. */
export const signedManifest = z.object({
  farmId: z.string(),
  /** Exactly the bytes that were hashed. */
  manifestJson: z.string(),
  manifestHash: sha256,
  signature: z.string(),
});
export type SignedManifest = z.infer<typeof signedManifest>;

export const payloadRef = z.object({ sha256, sizeBytes: z.number().int().nonnegative() });
export type PayloadRef = z.infer<typeof payloadRef>;

export const installedPackage = z.object({
  packageId,
  version: z.string(),
  manifestHash: sha256,
  payload: sha256,
  installedAtMs: z.number(),
  sizeBytes: z.number(),
});
export type InstalledPackage = z.infer<typeof installedPackage>;

export const packages = {
  list: command.output(z.object({ packages: z.array(installedPackage) })),
  /** How much of a payload is here. A finished one that is installed answers `isInstalled`. */
  status: command.input(z.object({ payload: sha256 })).output(z.object({ haveBytes: z.number().int(), isInstalled: z.boolean() })),
  /** Appends at `offset`, which must be what `status` said; the same piece twice is ignored. `data` is base64 of at most 1 MiB. */
  upload: command
    .input(z.object({ payload: payloadRef, offset: z.number().int(), data: z.string().max(1_500_000) }))
    .output(z.object({ haveBytes: z.number().int() })),
  /** Verifies signature and hashes, unpacks with every refusal of `PAYLOAD_UNSAFE`, and puts the folder in its place in one rename. */
  install: command.input(z.object({ manifest: signedManifest, payload: payloadRef })).output(installedPackage),
  /** Removes the package when no instance uses it; otherwise leaves it and says so. Absent is fine. */
  remove: command
    .input(z.object({ payload: sha256, manifestHash: sha256 }))
    .output(z.object({ isRemoved: z.boolean(), usedBy: z.array(z.string()) })),
};

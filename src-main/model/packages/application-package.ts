import type { FarmId, Instant, PackageId } from '#contract/ids.ts';

/** A package version that the farm knows. The manifest's bytes are kept as they were signed. */
export type ApplicationPackage = {
  /** `<packageId>@<version>` */
  readonly id: string;
  readonly farmId: FarmId;
  readonly packageId: PackageId;
  readonly version: string;
  readonly manifestJson: string;
  readonly manifestHash: string;
  /** By the agent authority, base64. */
  readonly signature: string;
  /** Platform (`linux-x64`) to the payload built for it; filled as they are built. */
  readonly payloads: Readonly<Record<string, { readonly sha256: string; readonly sizeBytes: number }>>;
  readonly addedAtMs: Instant;
};

import type { PackageManifest } from '#contract/package-manifest.ts';

export type ManifestFile = {
  readonly manifest: PackageManifest;
  /** What agents get: without what is for people only. */
  readonly manifestJson: string;
  readonly manifestHash: string;
  readonly folder: string;
  readonly logoDataUrl: string;
};
export type BuiltPayload = { readonly sha256: string; readonly sizeBytes: number; readonly path: string };

/** Application packages on this computer: their folders, and the archives built from them. */
export interface Payloads {
  /** Every readable package. Throws `MANIFEST_INVALID` naming the package, the place in it and the problem. */
  readonly manifests: () => Promise<readonly ManifestFile[]>;
  /**
   * Builds the payload for one platform as a deterministic gzip tar and keeps it by content hash; a second call answers from the kept one.
   * npm payloads come from the package folder's lock file, with install scripts off. Throws `PAYLOAD_BUILD`, `PLATFORM_UNSUPPORTED`, `STORE_FULL`.
   */
  readonly build: (file: ManifestFile, platform: string) => Promise<BuiltPayload>;
  /** A piece of a built payload; at most `length` bytes. */
  readonly read: (payload: BuiltPayload, offset: number, length: number) => Promise<Uint8Array>;
  /** A server got other bytes than these should be: the next `build` looks at every byte again, and builds anew what has changed. Never throws. */
  readonly doubt: (payload: BuiltPayload) => void;
}

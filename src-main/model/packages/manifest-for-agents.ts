import type { PackageManifest } from '#contract/package-manifest.ts';

type Written = { readonly handOver: Readonly<Record<string, unknown>> } & Readonly<Record<string, unknown>>;

/**
 * The text of a manifest as agents get it. An agent refuses a manifest with a field that it does not know, and agents of protocol 1 stay in farms
 * for long; so what came later and is for people only stays here. A manifest without such a field goes as it was written, and the hash of one
 * with it does not depend on our schema: its fields keep their order.
 */
export function manifestForAgents(manifestJson: string, manifest: PackageManifest): string {
  if (manifest.handOver.passwordChange === undefined) return manifestJson;
  const written: Written = JSON.parse(manifestJson);
  const { passwordChange: _, ...handOver } = written.handOver;
  return JSON.stringify({ ...written, handOver });
}

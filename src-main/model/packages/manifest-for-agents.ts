import type { PackageManifest } from '#contract/package-manifest.ts';

type Written = {
  readonly handOver: Readonly<Record<string, unknown>>;
  readonly health: Readonly<Record<string, unknown>>;
  readonly network?: unknown;
} & Readonly<Record<string, unknown>>;

/**
 * The text of a manifest as agents get it. An agent refuses a manifest with a field that it does not know, and agents of protocol 1 stay in farms
 * for long; so what came later stays here: what is for people only, and what travels with each instance instead. A manifest without such a field goes
 * as it was written, and the hash of one with it does not depend on our schema: its fields keep their order.
 */
export function manifestForAgents(manifestJson: string, manifest: PackageManifest): string {
  const { handOver: told, health: watched, network } = manifest;
  if (told.passwordChange === undefined && watched.hangSeconds === undefined && network === undefined) return manifestJson;
  const { network: ___, ...written }: Written = JSON.parse(manifestJson);
  const { passwordChange: _, ...handOver } = written.handOver;
  const { hangSeconds: __, ...health } = written.health;
  return JSON.stringify({ ...written, handOver, health });
}

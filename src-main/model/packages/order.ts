import type { PackageId } from '#contract/ids.ts';

/** What the wizard proposes. */
export const defaultPackageId = 'tiddlywiki';

/** The default first, then by id, so that the order never depends on a disk. */
export function inPackageOrder(one: PackageId, other: PackageId): number {
  const rank = (id: PackageId): number => (id === defaultPackageId ? 0 : 1);
  return rank(one) - rank(other) || (one < other ? -1 : 1);
}

/** `linux-x64`: how payloads are kept and asked for. */
export function platformKey(platform: { readonly os: string; readonly arch: string }): string {
  return `${platform.os}-${platform.arch}`;
}

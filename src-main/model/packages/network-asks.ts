import type { NetworkAccess } from '#contract/agent/instances.ts';
import { FarmError } from '#contract/errors.ts';
import type { PackageManifest } from '#contract/package-manifest.ts';

/** Where an owner's agreement with what a package asks is kept, among the settings of the home. */
export const agreementPrefix = 'network-agreement:';
export const agreementKey = (packageId: string): string => `${agreementPrefix}${packageId}`;

const nothing: NetworkAccess = { loopbackPorts: [], metadata: false };

/** What the package asks to reach beside itself; undefined where it asks for nothing. */
export function networkAsked({ network }: Pick<PackageManifest, 'network'>): NetworkAccess | undefined {
  const loopbackPorts = [...new Set(network?.loopbackPorts ?? [])].toSorted((one, other) => one - other);
  const metadata = network?.metadata === true;
  return loopbackPorts.length === 0 && !metadata ? undefined : { loopbackPorts, metadata };
}

/** The part of what is asked that was agreed. */
export const agreedPart = (asked: NetworkAccess, agreed: NetworkAccess = nothing): NetworkAccess => ({
  loopbackPorts: asked.loopbackPorts.filter((port) => agreed.loopbackPorts.includes(port)),
  metadata: asked.metadata && agreed.metadata,
});

/** Was all of it agreed? A version that asks for more than the one before is asked for anew. */
export function isAgreed(asked: NetworkAccess, agreed: NetworkAccess | undefined): boolean {
  const part = agreedPart(asked, agreed);
  return part.loopbackPorts.length === asked.loopbackPorts.length && part.metadata === asked.metadata;
}

/** `what`: as the words of `PACKAGE_NOT_AGREED` have it. */
export const askedWords = ({
  loopbackPorts,
  metadata,
}: NetworkAccess): { readonly what: 'ports' | 'metadata' | 'both'; readonly ports: string } => ({
  what: loopbackPorts.length === 0 ? 'metadata' : metadata ? 'both' : 'ports',
  ports: loopbackPorts.join(', '),
});

export const notAgreed = (packageId: string, asked: NetworkAccess): FarmError =>
  new FarmError('PACKAGE_NOT_AGREED', { packageId, ...askedWords(asked) });

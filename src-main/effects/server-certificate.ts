import type { DomainId, ServerId } from '#contract/ids.ts';
import { lookAt } from '../checks/site.ts';
import type { CertificateAccess } from '../ports/access.ts';
import type { Agents } from '../ports/agents.ts';
import type { Store } from '../ports/store.ts';
import type { EdgeCertificates } from './edge-certificates.ts';
import type { Effect } from './effect.ts';

export type CertificateTarget = { readonly serverId: ServerId; readonly domainId: DomainId };
export type CertificateFacts = { readonly names: readonly string[] };

/** The newest wildcard certificate of a domain on a server's edge. Every instance there has a claim to it, and the domain itself: it stays until that leaves. */
export function createServerCertificateEffect(deps: {
  readonly store: Pick<Store, 'servers' | 'domains'>;
  readonly agents: Agents;
  readonly certificates: CertificateAccess;
  readonly edges: EdgeCertificates;
}): Effect<CertificateTarget, object, CertificateFacts> {
  return {
    kind: 'certificate',
    timeoutMs: 60_000,
    waiting: () => ({ code: 'check', parameters: {} }),
    server: ({ serverId }) => serverId,
    known: async ({ serverId, domainId }) => {
      const domain = await deps.store.domains.get(domainId);
      if (domain === undefined || (await deps.store.servers.get(serverId)) === undefined) return 'place-gone';
      switch (await deps.certificates.knownOn(serverId, domainId)) {
        case 'newest':
          return { names: [`*.${domain.name}`] };
        case 'other':
          return 'absent';
        case 'unknown':
          return 'unknown';
      }
    },
    observe: async ({ serverId, domainId }) => {
      const domain = await deps.store.domains.get(domainId);
      if (domain === undefined || (await deps.store.servers.get(serverId)) === undefined) return 'place-gone';
      const { certificates } = await (await lookAt(deps, serverId)).certificates.list();
      const newest = await deps.certificates.newestFingerprint(domainId);
      const found = certificates.find(({ fingerprintSha256 }) => fingerprintSha256 === newest);
      return found === undefined ? 'absent' : { names: found.names };
    },
    describe: (seen, wanted) => {
      const isThere = typeof seen === 'object';
      if (wanted === 'absent') return isThere ? { code: 'certificate-out', parameters: {} } : undefined;
      return isThere ? undefined : { code: 'certificate-in', parameters: {} };
    },
    ensure: async ({ serverId, domainId }) => {
      await deps.edges.ensureOn(serverId, domainId);
      const domain = await deps.store.domains.get(domainId);
      return { names: domain === undefined ? [] : [`*.${domain.name}`] };
    },
    remove: async () => 'kept',
    restore: () => ({}),
  };
}

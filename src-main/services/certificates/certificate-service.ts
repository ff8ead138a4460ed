import type { CertificateView } from '#contract/api/certificates.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import type { DomainId } from '#contract/ids.ts';
import type { FarmCertificate } from '../../model/certificates/farm-certificate.ts';
import type { FarmDomain } from '../../model/domains/farm-domain.ts';
import type { Farm } from '../../model/settings/farm.ts';
import type { Agents } from '../../ports/agents.ts';
import type { Changes } from '../../ports/changes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Pki } from '../../ports/pki.ts';
import type { Reconcilable } from '../../ports/reconcile.ts';
import type { Store } from '../../ports/store.ts';
import type { FarmKeys } from './farm-keys.ts';

const dayMs = 86_400_000;
const soonMs = 20 * dayMs;

export type CertificateService = {
  /** Makes sure that the site authority may sign for all domains of the farm, and that each has its test wildcard. May be called again. */
  readonly coverDomains: () => Promise<void>;
  /** Puts the newest wildcard of a domain on a server's edge. Does nothing when it is there. Throws `CERTIFICATE_MISSING`. */
  readonly ensureOn: (serverId: string, domainId: DomainId) => Promise<void>;
  /** Throws `CERTIFICATE_MISSING`. */
  readonly newestFingerprint: (domainId: DomainId) => Promise<string>;
  /** What a server that joined or came back should have: the same for every domain, and nothing of domains that have gone. */
  readonly certificatesOn: (serverId: string) => Promise<readonly Reconcilable[]>;
  /** Takes the certificates of domains that have gone off every server that is connected; the others are seen to when they are back. */
  readonly dropStrays: () => Promise<void>;
  readonly siteAuthorityPem: () => Promise<string>;
  readonly list: () => Promise<readonly CertificateView[]>;
  readonly file: (certificateId: string) => Promise<{ fileName: string; mediaType: string; text: string }>;
  readonly siteAuthorityFile: () => Promise<{ fileName: string; mediaType: string; text: string }>;
  readonly renew: (certificateId: string) => Promise<CertificateView>;
};

type Deps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly pki: Pki;
  readonly keys: FarmKeys;
  readonly agents: Agents;
  readonly changes: Changes;
  readonly farm: () => Farm;
};

function conditionOf(row: FarmCertificate, nowMs: number): CertificateView['condition'] {
  const leftMs = row.notAfterMs - nowMs;
  const days = Math.max(0, Math.floor(leftMs / dayMs));
  if (leftMs <= 0) return { mark: 'bad', code: 'ended', parameters: { days: Math.floor(-leftMs / dayMs) } };
  if (leftMs < soonMs) return { mark: 'warning', code: 'ends-soon', parameters: { days } };
  return { mark: 'good', code: 'valid', parameters: { days } };
}

const fileName = (row: FarmCertificate): string =>
  `${row.kind === 'site-authority' ? 'site-authority' : (row.names[0] ?? 'certificate').replace('*.', 'wildcard.')}.pem`;

/** The test certificates of a farm: one site authority, one wildcard a domain, on every server's edge. */
export function createCertificateService(deps: Deps): CertificateService {
  /** Which servers were seen with which certificate, so that the list needs not ask every server. */
  const seenOn = new Map<string, Set<string>>();
  const newestWildcard = async (domainId: DomainId): Promise<FarmCertificate> => {
    const row = await deps.keys.newest(deps.farm().id, 'test-wildcard', domainId);
    if (row !== undefined) return row;
    const domain = await deps.store.domains.get(domainId);
    throw new FarmError('CERTIFICATE_MISSING', { domain: domain?.name ?? domainId });
  };
  const domainsOfFarm = (): Promise<readonly FarmDomain[]> => deps.store.domains.find({ farmId: deps.farm().id });

  const ensureOn = async (serverId: string, domainId: DomainId): Promise<void> => {
    const row = await newestWildcard(domainId);
    const client = await deps.agents.client(serverId);
    const { certificates } = await client.certificates.list();
    const isThere = certificates.some((found) => found.fingerprintSha256 === row.fingerprintSha256);
    if (!isThere) {
      const { id, names, chainPem, notBeforeMs, notAfterMs, fingerprintSha256 } = row;
      const certificate = {
        certificateId: id,
        names: [...names],
        chainPem,
        notBeforeMs,
        notAfterMs,
        fingerprintSha256,
        isPubliclyTrusted: false,
      };
      await client.certificates.install({ certificate, keyPem: await deps.keys.keyOf(row) });
    }
    // An older one of the same names would only be in the way of the choice by name.
    for (const old of certificates) {
      if (old.fingerprintSha256 !== row.fingerprintSha256 && old.names.join() === row.names.join())
        await client.certificates.remove({ certificateId: old.certificateId });
    }
    const servers = seenOn.get(row.id) ?? new Set();
    servers.add(serverId);
    seenOn.set(row.id, servers);
    deps.changes.announce({ kind: 'certificate', id: row.id });
  };

  /** The edge holds only what we put there; what we have no row of any more belonged to a domain that has gone. */
  const dropStraysOn = async (serverId: string): Promise<void> => {
    const client = await deps.agents.client(serverId);
    for (const { certificateId } of (await client.certificates.list()).certificates) {
      // asked one by one: what was issued meanwhile has its row before it is on any server
      if ((await deps.store.certificates.get(certificateId)) === undefined) await client.certificates.remove({ certificateId });
    }
  };

  const issueWildcard = async (domain: FarmDomain): Promise<FarmCertificate> => {
    const authority = await deps.keys.keysOf(deps.farm().id, 'site-authority');
    const issued = await deps.pki.issueWildcard(authority, domain.name, deps.clock.nowMs());
    const row = await deps.keys.rowOf(deps.farm().id, 'test-wildcard', domain.id, issued);
    await deps.store.certificates.insert(row);
    deps.changes.announce({ kind: 'certificate', id: row.id });
    return row;
  };

  const viewOf = async (row: FarmCertificate): Promise<CertificateView> => {
    const names: string[] = [];
    for (const serverId of seenOn.get(row.id) ?? []) {
      const server = await deps.store.servers.get(serverId);
      if (server !== undefined) names.push(server.name);
    }
    return {
      id: row.id,
      names: [...row.names],
      kind: row.kind === 'site-authority' ? 'site-authority' : 'test-wildcard',
      condition: conditionOf(row, deps.clock.nowMs()),
      issuer: row.issuer,
      notBeforeMs: row.notBeforeMs,
      notAfterMs: row.notAfterMs,
      fingerprintSha256: row.fingerprintSha256,
      keyKind: 'ECDSA P-256',
      serialNumber: row.serialNumber,
      servers: names.sort(),
      isPubliclyTrusted: false,
    };
  };
  const rowNamed = async (certificateId: string): Promise<FarmCertificate> => {
    const row = await deps.store.certificates.get(certificateId);
    if (row === undefined || row.kind === 'agent-authority' || row.kind === 'core-identity')
      throw new FarmError('NOT_FOUND', { kind: 'certificate', name: certificateId });
    return row;
  };
  const siteAuthority = async (): Promise<FarmCertificate> => {
    const row = await deps.keys.newest(deps.farm().id, 'site-authority');
    if (row === undefined) throw new FarmError('CERTIFICATE_MISSING', { domain: deps.farm().name });
    return row;
  };

  return {
    coverDomains: async () => {
      const domains = await domainsOfFarm();
      const farm = deps.farm();
      const newest = await deps.keys.newest(farm.id, 'site-authority');
      const wanted = domains.map((domain) => domain.name).sort();
      // One that covers more stays: people trusted it by hand, and a domain that went is no reason to ask them again.
      if (newest === undefined || !wanted.every((name) => newest.names.includes(name))) {
        // The key stays, so that nobody has to trust anew what they trusted already, and no wildcard is signed again.
        const before = newest === undefined ? undefined : { chainPem: newest.chainPem, keyPem: await deps.keys.keyOf(newest) };
        const issued = await deps.pki.makeSiteAuthority(farm.id, farm.name, wanted, deps.clock.nowMs(), before);
        const row = await deps.keys.rowOf(farm.id, 'site-authority', null, { ...issued, names: wanted });
        await deps.store.certificates.insert(row);
      }
      for (const domain of domains)
        if ((await deps.keys.newest(farm.id, 'test-wildcard', domain.id)) === undefined) await issueWildcard(domain);
    },
    ensureOn,
    newestFingerprint: async (domainId) => (await newestWildcard(domainId)).fingerprintSha256,
    certificatesOn: async (serverId) => [
      ...(await domainsOfFarm()).map((domain) => ({ name: domain.name, ensure: () => ensureOn(serverId, domain.id) })),
      { name: '', ensure: () => dropStraysOn(serverId) },
    ],
    dropStrays: async () => {
      for (const server of await deps.store.servers.find({ farmId: deps.farm().id })) {
        if (deps.agents.server(server.id)?.link.state !== 'connected') continue;
        try {
          await dropStraysOn(server.id);
        } catch (error) {
          // it is asked again when its link comes back
          if (!isFarmError(error)) throw error;
        }
      }
    },
    siteAuthorityPem: async () => (await siteAuthority()).chainPem,
    list: async () => {
      const newest = [await deps.keys.newest(deps.farm().id, 'site-authority')];
      for (const domain of await domainsOfFarm()) newest.push(await deps.keys.newest(deps.farm().id, 'test-wildcard', domain.id));
      return Promise.all(newest.filter((row) => row !== undefined).map(viewOf));
    },
    file: async (certificateId) => {
      const row = await rowNamed(certificateId);
      return { fileName: fileName(row), mediaType: 'application/x-pem-file', text: row.chainPem };
    },
    siteAuthorityFile: async () => {
      const row = await siteAuthority();
      return { fileName: fileName(row), mediaType: 'application/x-pem-file', text: row.chainPem };
    },
    renew: async (certificateId) => {
      const row = await rowNamed(certificateId);
      const domain = row.domainId === null ? undefined : await deps.store.domains.get(row.domainId);
      if (domain === undefined) throw new FarmError('NOT_FOUND', { kind: 'domain', name: row.names.join(', ') });
      const fresh = await issueWildcard(domain);
      for (const server of await deps.store.servers.find({ farmId: row.farmId })) {
        if (deps.agents.server(server.id)?.link.state === 'connected') await ensureOn(server.id, domain.id);
      }
      return viewOf(fresh);
    },
  };
}

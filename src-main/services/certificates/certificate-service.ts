import type { CertificateView } from '#contract/api/certificates.ts';
import { FarmError } from '#contract/errors.ts';
import type { DomainId } from '#contract/ids.ts';
import { type FarmCertificate, newestFirst } from '../../model/certificates/farm-certificate.ts';
import type { FarmDomain } from '../../model/domains/farm-domain.ts';
import type { Farm } from '../../model/settings/farm.ts';
import type { CertificateAccess, CertificateKeys } from '../../ports/access.ts';
import type { JudgedCertificate } from '../../ports/alerts.ts';
import type { Agents } from '../../ports/agents.ts';
import type { Changes } from '../../ports/changes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';

const dayMs = 86_400_000;
const soonMs = 20 * dayMs;

export type CertificateService = CertificateAccess & {
  readonly list: () => Promise<readonly CertificateView[]>;
  /** The same without asking the store who has them: asked ten times a second. */
  readonly judged: () => Promise<readonly JudgedCertificate[]>;
  readonly file: (certificateId: string) => Promise<{ fileName: string; mediaType: string; text: string }>;
  readonly siteAuthorityFile: () => Promise<{ fileName: string; mediaType: string; text: string }>;
};

type Deps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly keys: Pick<CertificateKeys, 'newest'>;
  readonly agents: Pick<Agents, 'server'>;
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

  const judgedOf = (row: FarmCertificate): JudgedCertificate => ({
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
    isPubliclyTrusted: false,
  });
  const newestOfAll = async (): Promise<readonly FarmCertificate[]> => {
    const newest = [await deps.keys.newest(deps.farm().id, 'site-authority')];
    for (const domain of await domainsOfFarm()) newest.push(await deps.keys.newest(deps.farm().id, 'test-wildcard', domain.id));
    return newest.filter((row) => row !== undefined);
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
    newestWildcard,
    sawOn: (serverId, certificateId) => {
      const servers = seenOn.get(certificateId) ?? new Set();
      servers.add(serverId);
      seenOn.set(certificateId, servers);
      deps.changes.announce({ kind: 'certificate', id: certificateId });
    },
    knownOn: async (serverId, domainId) => {
      const issued = (await deps.store.certificates.find({ domainId, kind: 'test-wildcard' })).toSorted(newestFirst);
      // a domain that is not there yet has nothing anywhere
      if (issued.length === 0) return 'other';
      if (deps.agents.server(serverId)?.link.state !== 'connected') return 'unknown';
      const at = issued.findIndex(({ id }) => seenOn.get(id)?.has(serverId) === true);
      return at === 0 ? 'newest' : at < 0 ? 'unknown' : 'other';
    },
    newestFingerprint: async (domainId) => (await newestWildcard(domainId)).fingerprintSha256,
    siteAuthorityPem: async () => (await siteAuthority()).chainPem,
    list: async () => {
      const servers = await deps.store.servers.find({ farmId: deps.farm().id });
      return (await newestOfAll()).map((row) => {
        const seen = seenOn.get(row.id);
        const names = servers.flatMap(({ id, name }) => (seen?.has(id) === true ? [name] : []));
        return { ...judgedOf(row), servers: names.sort() };
      });
    },
    judged: async () => (await newestOfAll()).map(judgedOf),
    file: async (certificateId) => {
      const row = await rowNamed(certificateId);
      return { fileName: fileName(row), mediaType: 'application/x-pem-file', text: row.chainPem };
    },
    siteAuthorityFile: async () => {
      const row = await siteAuthority();
      return { fileName: fileName(row), mediaType: 'application/x-pem-file', text: row.chainPem };
    },
  };
}

import { createKeyedQueue } from '#kit/keyed-queue.ts';
import type { DomainId } from '#contract/ids.ts';
import { domainStateOf } from '../checks/domain-state.ts';
import type { DomainRef } from '../model/domains/farm-domain.ts';
import type { Farm } from '../model/settings/farm.ts';
import type { CertificateAccess, CertificateKeys } from '../ports/access.ts';
import type { AgentWritesOf } from '../ports/agent-writes.ts';
import type { AgentReads } from '../ports/agent-link.ts';
import type { Agents } from '../ports/agents.ts';
import type { Reconcilable } from '../ports/reconcile.ts';
import type { Store } from '../ports/store.ts';

type Listed = Awaited<ReturnType<AgentReads['certificates']['list']>>['certificates'];
type Deps = {
  readonly store: Store;
  readonly keys: Pick<CertificateKeys, 'keyOf'>;
  readonly agents: Pick<Agents, 'client'>;
  readonly agentWritesOf: AgentWritesOf;
  readonly certificates: Pick<CertificateAccess, 'newestWildcard' | 'sawOn'>;
  readonly farm: () => Farm;
};

export type EdgeCertificates = {
  /** Puts the newest wildcard of a domain on a server's edge. Does nothing when it is there. Throws `CERTIFICATE_MISSING`. */
  readonly ensureOn: (serverId: string, domainId: DomainId) => Promise<void>;
  /** Takes from a server's edge what is valid for every name below a domain. None is fine. */
  readonly removeFrom: (serverId: string, domain: Pick<DomainRef, 'domainId' | 'name'>) => Promise<void>;
  /** Resolves when nothing is under way with the certificates of a domain on a server: what is looked at then is what a later act meets. */
  readonly settled: (serverId: string, domainId: DomainId) => Promise<void>;
  /** What a server that joined or came back should have: the same for every domain, and nothing of domains that have gone. */
  readonly certificatesOn: (serverId: string) => Promise<readonly Reconcilable[]>;
};

/**
 * The certificates on the edges of servers: what jobs put there one by one, and what a server that came back is brought to. One after another for each
 * domain on a server: what is put in order there would bring back what a job just took away, or an older one than a job just brought.
 */
export function createEdgeCertificates(deps: Deps): EdgeCertificates {
  const queues = createKeyedQueue();
  const oneByOne = <Result>(serverId: string, domainId: DomainId, act: () => Promise<Result>): Promise<Result> =>
    queues.run(`${serverId} ${domainId}`, act);
  const listOn = async (serverId: string): Promise<Listed> => (await (await deps.agents.client(serverId)).certificates.list()).certificates;
  /** One look is enough for all of them; after one that failed the next asks again. */
  const listOnce = (serverId: string): (() => Promise<Listed>) => {
    let listed: Promise<Listed> | undefined;
    return () => {
      const asked = listed ?? listOn(serverId);
      listed = asked;
      asked.catch(() => {
        if (listed === asked) listed = undefined;
      });
      return asked;
    };
  };

  const ensureOn = async (serverId: string, domainId: DomainId, list = () => listOn(serverId)): Promise<void> => {
    const row = await deps.certificates.newestWildcard(domainId);
    const certificates = await list();
    const edge = deps.agentWritesOf(await deps.agents.client(serverId)).certificates;
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
      await edge.install({ certificate, keyPem: await deps.keys.keyOf(row) });
    }
    // An older one of the same names would only be in the way of the choice by name.
    for (const old of certificates) {
      if (old.fingerprintSha256 !== row.fingerprintSha256 && old.names.join() === row.names.join())
        await edge.remove({ certificateId: old.certificateId });
    }
    deps.certificates.sawOn(serverId, row.id);
  };

  /**
   * A job brings the certificates of a domain that comes, and takes away those of one that leaves. Whether it comes to its end or is undone, a server that
   * was away when the job was there has to be looked at again.
   */
  const ensureIfStaying = async (serverId: string, domainId: DomainId, list: () => Promise<Listed>): Promise<'locked' | undefined> => {
    if ((await deps.store.domains.get(domainId)) === undefined) return undefined;
    if ((await domainStateOf(deps.store, domainId)) !== 'there') return 'locked';
    await ensureOn(serverId, domainId, list);
    return undefined;
  };

  /** The edge holds only what we put there; what we have no row of any more belonged to a domain that has gone. */
  const dropStraysOn = async (serverId: string, list: () => Promise<Listed>): Promise<void> => {
    const certificates = await list();
    const edge = deps.agentWritesOf(await deps.agents.client(serverId)).certificates;
    for (const { certificateId } of certificates) {
      // asked one by one: what was issued meanwhile has its row before it is on any server
      if ((await deps.store.certificates.get(certificateId)) === undefined) await edge.remove({ certificateId });
    }
  };

  /** What has a row of another domain belongs to one that came to the name after this one left it. */
  const removeFrom = async (serverId: string, { domainId, name }: Pick<DomainRef, 'domainId' | 'name'>): Promise<void> => {
    const edge = deps.agentWritesOf(await deps.agents.client(serverId)).certificates;
    for (const { certificateId, names } of await listOn(serverId)) {
      if (!names.includes(`*.${name}`)) continue;
      const owner = (await deps.store.certificates.get(certificateId))?.domainId ?? domainId;
      if (owner === domainId) await edge.remove({ certificateId });
    }
  };

  return {
    ensureOn: (serverId, domainId) => oneByOne(serverId, domainId, () => ensureOn(serverId, domainId)),
    settled: (serverId, domainId) => oneByOne(serverId, domainId, async () => undefined),
    removeFrom: (serverId, domain) => oneByOne(serverId, domain.domainId, () => removeFrom(serverId, domain)),
    certificatesOn: async (serverId) => {
      const list = listOnce(serverId);
      return [
        ...(await deps.store.domains.find({ farmId: deps.farm().id })).map(({ id, name }) => ({
          name,
          ensure: () => oneByOne(serverId, id, () => ensureIfStaying(serverId, id, list)),
        })),
        { name: '', ensure: () => dropStraysOn(serverId, list) },
      ];
    },
  };
}

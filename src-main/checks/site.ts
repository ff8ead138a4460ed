import { FarmError, isFarmError } from '#contract/errors.ts';
import type { DomainId, InstanceId, PackageId, ServerId } from '#contract/ids.ts';
import type { FarmDomain } from '../model/domains/farm-domain.ts';
import { urlOf } from '../model/instances/address.ts';
import type { Instance } from '../model/instances/instance.ts';
import type { Server } from '../model/servers/server.ts';
import type { AgentReads } from '../ports/agent-link.ts';
import type { Agents } from '../ports/agents.ts';
import type { Store } from '../ports/store.ts';

/** What names an instance, also after its row has gone. */
export type InstanceRef = {
  readonly instanceId: InstanceId;
  readonly name: string;
  readonly domainId: DomainId;
  readonly packageId: PackageId;
};
/** An instance on a server: of one that moves there are two. */
export type OnServer = InstanceRef & { readonly serverId: ServerId };

/** One instance with its name in the world. */
export type Site = {
  readonly instanceId: InstanceId;
  readonly name: string;
  readonly host: string;
  readonly domain: FarmDomain;
  readonly packageId: PackageId;
};
export type PlacedSite = Site & { readonly server: Server };

type Deps = { readonly store: Pick<Store, 'domains' | 'servers'> };

/** Throws `NOT_FOUND` when the domain has left the farm. */
export async function siteOf({ store }: Deps, ref: InstanceRef): Promise<Site> {
  const domain = await store.domains.get(ref.domainId);
  if (domain === undefined) throw new FarmError('NOT_FOUND', { kind: 'domain', name: ref.domainId });
  const { instanceId, name, packageId } = ref;
  return { instanceId, name, host: `${name}.${domain.name}`, domain, packageId };
}

/** Undefined when the server has left the farm. Throws as `siteOf`. */
export async function siteOn(deps: Deps, ref: OnServer): Promise<PlacedSite | undefined> {
  const server = await deps.store.servers.get(ref.serverId);
  return server === undefined ? undefined : { ...(await siteOf(deps, ref)), server };
}

/** The same where the server must be there. Throws `NOT_FOUND` naming what is not. */
export async function placedSiteOf(deps: Deps, ref: OnServer): Promise<PlacedSite> {
  const site = await siteOn(deps, ref);
  if (site === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: ref.name });
  return site;
}

export const refOf = ({ id, name, domainId, packageId }: Instance): InstanceRef => ({ instanceId: id, name, domainId, packageId });

/** Throws `NOT_FOUND` when it has no server, or the server or its domain has left the farm. */
export function siteOfRow(deps: Deps, row: Instance): Promise<PlacedSite> {
  if (row.serverId === null) throw new FarmError('NOT_FOUND', { kind: 'server', name: row.name });
  return placedSiteOf(deps, { ...refOf(row), serverId: row.serverId });
}

export const addressOf = (site: PlacedSite): string => urlOf(site.host, site.server.facts.httpsPort);

/** For questions that only look: a server that does not answer soon is told as such. */
const lookTimeoutMs = 2000;
export const lookAt = (deps: { readonly agents: Agents }, serverId: string): Promise<AgentReads> =>
  deps.agents.client(serverId, lookTimeoutMs);

export async function orIfAbsent<Answer>(asking: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (isFarmError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}

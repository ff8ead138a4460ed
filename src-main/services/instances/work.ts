import * as z from 'zod';
import { FarmError, isFarmError } from '#contract/errors.ts';
import { customerId, domainId, instanceId, packageId, planId, serverId } from '#contract/ids.ts';
import type { FarmDomain } from '../../model/domains/farm-domain.ts';
import type { Instance } from '../../model/instances/instance.ts';
import type { Job } from '../../model/jobs/job.ts';
import type { Server } from '../../model/servers/server.ts';
import type { Farm } from '../../model/settings/farm.ts';
import type { AgentClient } from '../../ports/agent-link.ts';
import type { Agents } from '../../ports/agents.ts';
import type { Changes } from '../../ports/changes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { OutsideProbe } from '../../ports/probe.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { Store } from '../../ports/store.ts';
import type { StepContext } from '../../engine/job-table.ts';
import type { CertificateAccess, DnsAccess, PackageAccess, PlacementAccess } from './access.ts';
import type { InstanceRows } from './instance-rows.ts';
import { urlOf } from './instance-view.ts';
import type { RoadBook } from './road-book.ts';

/** What the two job tables of this area work with. */
export type InstanceJobDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly changes: Changes;
  readonly secrets: Secrets;
  readonly agents: Agents;
  readonly probe: OutsideProbe;
  readonly farm: () => Farm;
  readonly rows: InstanceRows;
  readonly road: RoadBook;
  readonly packages: PackageAccess;
  readonly dns: DnsAccess;
  readonly certificates: CertificateAccess;
  readonly placement: PlacementAccess;
};

const base = { instanceId, name: z.string(), domainId, packageId, planId };
/** What a create was asked for, beside what stands in the instance's row. `wanted`: the server that a person chose. */
export const createInput = z.object({ ...base, wanted: serverId.optional(), newCustomerId: customerId.optional() });
export type CreateInput = z.infer<typeof createInput>;
/** What a remove needs to know when the row has gone. `wish`: what the instance was before. */
export const removeInput = z.object({ ...base, serverId: serverId.nullable(), wish: z.enum(['made', 'running', 'stopped', 'suspended']) });
export type RemoveInput = z.infer<typeof removeInput>;

/** The instance's row. Throws `NOT_FOUND` when somebody took it away. */
export async function createdRow(deps: Pick<InstanceJobDeps, 'store'>, job: Job): Promise<Instance> {
  const { instanceId, name } = createInput.parse(job.input);
  const row = await deps.store.instances.get(instanceId);
  if (row === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name });
  return row;
}

const anyInput = z.object({ ...base, serverId: serverId.nullable().optional() });

/** One instance with the places that have something of it. */
export type Site = {
  readonly instanceId: z.infer<typeof instanceId>;
  readonly name: string;
  readonly host: string;
  readonly domain: FarmDomain;
  readonly packageId: z.infer<typeof packageId>;
  /** Undefined while none was chosen. */
  readonly server: Server | undefined;
};
export type PlacedSite = Site & { readonly server: Server };

type Remembered = Pick<StepContext, 'job' | 'memo'>;

/** Where the instance is: by its row; when the row has gone, by what its job was asked or remembers. */
export async function siteOf(deps: Pick<InstanceJobDeps, 'store'>, { job, memo }: Remembered): Promise<Site> {
  const input = anyInput.parse(job.input);
  const domain = await deps.store.domains.get(input.domainId);
  if (domain === undefined) throw new FarmError('NOT_FOUND', { kind: 'domain', name: input.domainId });
  const row = await deps.store.instances.get(input.instanceId);
  const placed = row?.serverId ?? input.serverId ?? serverId.safeParse(memo('place').serverId).data ?? null;
  const server = placed === null ? undefined : await deps.store.servers.get(placed);
  const { name, packageId: ofPackage } = input;
  return { instanceId: input.instanceId, name, host: `${name}.${domain.name}`, domain, packageId: ofPackage, server };
}

/** The same once a server was chosen. Throws `NOT_FOUND` when that server has left the farm. */
export async function placedSiteOf(deps: Pick<InstanceJobDeps, 'store'>, remembered: Remembered): Promise<PlacedSite> {
  const site = await siteOf(deps, remembered);
  if (site.server === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: site.name });
  return { ...site, server: site.server };
}

export const addressOf = (site: PlacedSite): string => urlOf(site.host, site.server.facts.httpsPort);

/** For questions that only look: a server that does not answer soon is told as such. */
const lookTimeoutMs = 2000;
export const lookAt = (deps: Pick<InstanceJobDeps, 'agents'>, server: Server): Promise<AgentClient> =>
  deps.agents.client(server.id, lookTimeoutMs);

export async function orIfAbsent<Answer>(asking: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (isFarmError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}

/** Resolves after a while, or throws the signal's reason. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      disarm();
      reject(signal.reason);
    };
    const disarm = clock.after(delayMs, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** Waits a little longer each time: quick things are seen quickly, slow ones are not bothered. */
export const nextWaitMs = (waitMs: number): number => Math.min(1000, Math.ceil(waitMs * 1.5));
export const firstWaitMs = 20;

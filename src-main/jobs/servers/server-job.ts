import * as z from 'zod';
import { dnsKind } from '#contract/catalogue/providers.ts';
import { FarmError } from '#contract/errors.ts';
import { domainId, farmId, instanceId, packageId, type ServerId, serverId } from '#contract/ids.ts';
import type { InstanceRef } from '../../checks/site.ts';
import type { Effect } from '../../effects/effect.ts';
import type { MembershipFacts, MembershipTarget, MembershipWanted } from '../../effects/membership.ts';
import type { RecordFacts, RecordWanted } from '../../effects/record.ts';
import type { DomainEffects } from '../../effects/domain-effects.ts';
import type { ServerAddresses } from '../../effects/server-addresses.ts';
import type { ServerRef, ServerRowFacts, ServerRowWanted } from '../../effects/server-row.ts';
import type { Server } from '../../model/servers/server.ts';
import type { DnsAccess } from '../../ports/access.ts';
import type { Agents } from '../../ports/agents.ts';
import type { Clock } from '../../ports/clock.ts';
import type { JobPlan, Within } from '../../ports/job-plan.ts';
import type { OutsideProbe } from '../../ports/probe.ts';
import type { Store, Tables } from '../../ports/store.ts';

/** What the jobs of this area are made of. */
export type ServerJobDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly dns: DnsAccess;
  readonly probe: Pick<OutsideProbe, 'lookup'>;
  readonly agents: Pick<Agents, 'client'>;
  readonly effects: {
    readonly membership: Effect<MembershipTarget, MembershipWanted, MembershipFacts>;
    readonly row: Effect<ServerRef, ServerRowWanted, ServerRowFacts>;
    readonly addresses: Effect<ServerRef, ServerAddresses, ServerAddresses>;
    readonly record: Effect<InstanceRef, RecordWanted, RecordFacts>;
  } & Pick<DomainEffects, 'keptWildcard' | 'wildcardRecord'>;
};

const base = { serverId, name: z.string(), address: z.string() };
/** Everything by which the agent can be asked when the row has gone. */
export const removeServerInput = z.object({ ...base, keyFingerprint: z.string(), isGivenUp: z.boolean() });
export type RemoveServerInput = z.infer<typeof removeServerInput>;
/** `isGivenUp`: a person gave up the agent while the join took itself back. `sealedCode`: good for this server alone, and used up once it has joined. Absent addresses are proposed by what its agent says of itself. */
export const joinServerInput = z.object({
  ...base,
  farmId,
  sealedCode: z.string(),
  publicAddresses: z.array(z.string()).optional(),
  isGivenUp: z.boolean().optional(),
});
export type JoinServerInput = z.infer<typeof joinServerInput>;

const addresses = z.array(z.object({ address: z.string(), state: z.enum(['proposed', 'confirmed']) }));
/** A wildcard that the farm keeps for the server; `kept`: as it was when the job began. */
const followingWildcard = z.object({
  domainId,
  name: z.string(),
  dnsKind,
  kept: z.object({ serverId, values: z.array(z.string()).readonly(), isRelied: z.boolean() }),
});
/** `instances`: those that stand on the server when it begins; each is locked, so that none comes or goes meanwhile. */
export const addressServerInput = z.object({
  serverId,
  name: z.string(),
  before: addresses,
  after: addresses,
  instances: z.array(z.object({ instanceId, name: z.string(), domainId, packageId })),
  /** Each domain is locked. None in jobs of earlier versions. */
  wildcards: z.array(followingWildcard).default([]),
});
export type AddressServerInput = z.infer<typeof addressServerInput>;

/** Throws `NOT_FOUND`. */
export async function serverRowOf({ servers }: Pick<Tables, 'servers'>, id: ServerId): Promise<Server> {
  const row = await servers.get(id);
  if (row === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: id });
  return row;
}

/** A job of one server that is there: nobody else works on it, nor on what `more` locks. */
export function planOn<I>(
  { id, name }: Server,
  job: { readonly input: I; readonly more?: readonly string[]; readonly within: Within },
): JobPlan<I> {
  return {
    subject: { kind: 'server', id, name },
    input: job.input,
    parameters: async () => ({ name, server: name }),
    locks: [`server:${id}`, ...(job.more ?? [])],
    within: job.within,
  };
}

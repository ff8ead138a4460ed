import * as z from 'zod';
import { farmId, serverId } from '#contract/ids.ts';
import type { Effect } from '../../effects/effect.ts';
import type { MembershipFacts, MembershipTarget, MembershipWanted } from '../../effects/membership.ts';
import type { ServerRef, ServerRowFacts, ServerRowWanted } from '../../effects/server-row.ts';
import type { Agents } from '../../ports/agents.ts';
import type { Store } from '../../ports/store.ts';

/** What the jobs of this area are made of. */
export type ServerJobDeps = {
  readonly store: Pick<Store, 'servers'>;
  readonly agents: Pick<Agents, 'client'>;
  readonly effects: {
    readonly membership: Effect<MembershipTarget, MembershipWanted, MembershipFacts>;
    readonly row: Effect<ServerRef, ServerRowWanted, ServerRowFacts>;
  };
};

const base = { serverId, name: z.string(), address: z.string() };
/** Everything by which the agent can be asked when the row has gone. */
export const removeServerInput = z.object({ ...base, keyFingerprint: z.string(), isGivenUp: z.boolean() });
export type RemoveServerInput = z.infer<typeof removeServerInput>;
/** `sealedCode`: good for this server alone, and used up once it has joined. Absent addresses are proposed by what its agent says of itself. */
export const joinServerInput = z.object({ ...base, farmId, sealedCode: z.string(), publicAddresses: z.array(z.string()).optional() });
export type JoinServerInput = z.infer<typeof joinServerInput>;

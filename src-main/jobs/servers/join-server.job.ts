import { FarmError } from '#contract/errors.ts';
import { type JobDefinition, look, use } from '../../effects/effect.ts';
import type { MembershipFacts } from '../../effects/membership.ts';
import { proposedAddresses } from '../../model/servers/public-addresses.ts';
import type { Server } from '../../model/servers/server.ts';
import { type JoinServerInput, joinServerInput, type ServerJobDeps } from './server-job.ts';

const linkMs = 10_000;

/**
 * A server joins: its agent first, then its row, then its kept link, and only then is anything placed on it. What fails takes itself back: an agent that
 * was paired is told to leave, so that nothing is half joined.
 */
export function createJoinServerJob({ effects, agents }: ServerJobDeps): JobDefinition<JoinServerInput> {
  return {
    type: 'join-server',
    version: 1,
    continues: [],
    read: (input) => joinServerInput.parse(input),
    parts: (i) => {
      const pair = use('pair', effects.membership).ensure(
        () => i,
        () => ({ sealedCode: i.sealedCode }),
        { before: 'absent' },
      );
      return [
        pair,
        use('row', effects.row).ensure(
          () => i,
          (s) => {
            const { after } = s.of(pair);
            // said before it is done: nobody has asked the agent what it is
            return after === undefined ? { membership: 'joining' } : { membership: 'joining', row: rowOf(i, after) };
          },
          { before: 'absent' },
        ),
        look('link', { timeoutMs: 2 * linkMs, waiting: { code: 'server', parameters: { server: i.name } } }, async () => {
          await agents.client(i.serverId, linkMs);
        }),
        use('ready', effects.row).ensure(
          () => i,
          () => ({ membership: 'in' }),
          { before: { membership: 'joining' } },
        ),
      ];
    },
  };
}

function rowOf(i: JoinServerInput, paired: MembershipFacts): Server {
  const { joined } = paired;
  if (joined === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: i.name });
  const { facts, agentVersion, clockOffsetMs, atMs } = joined;
  return {
    id: i.serverId,
    farmId: i.farmId,
    name: i.name,
    address: i.address,
    publicAddresses: i.publicAddresses?.map((address) => ({ address, state: 'confirmed' as const })) ?? proposedAddresses(facts, i.address),
    keyFingerprint: paired.keyFingerprint,
    facts,
    agentVersion,
    isDraining: false,
    membership: 'joining',
    clockOffsetMs,
    seenAtMs: atMs,
    joinedAtMs: atMs,
  };
}

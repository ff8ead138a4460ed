import type { AgentLinks } from '../../ports/agent-writes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/request.ts';
import { keepLink } from './kept-link.ts';
import { pairAgent } from './pair-agent.ts';

export type AgentLinksOptions = {
  readonly clock: Clock;
  readonly log: Log;
  readonly coreVersion: string;
  /** Between 0 and 1, for the jitter. */
  readonly random?: () => number;
  /** How often an agent gives a sign of life; three missed ones end a link. */
  readonly beatMs?: number;
};

/** Links to agents over mutual TLS 1.3 and WebSocket, and pairing by a code. Holds nothing of its own: each link is closed by who opened it. */
export function createAgentLinks({ clock, log, coreVersion, random = Math.random, beatMs = 3_000 }: AgentLinksOptions): AgentLinks {
  return {
    open: (identity, target) => keepLink({ clock, log, coreVersion, random, beatMs, identity, target }),
    pair: (request) => pairAgent(clock, request),
  };
}

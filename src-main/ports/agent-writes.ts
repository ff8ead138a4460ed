import type { ContractRouterClient } from '@orpc/contract';
import type { AgentApiHalf } from '#contract/agent/halves.ts';
import type { AgentApi } from '#contract/agent/index.ts';
import type { AgentLink, AgentReads, CoreIdentity, LinkOpener, LinkTarget } from './agent-link.ts';

/** All typed commands of one agent; what a call throws: `AgentReads`. For drivers, and for effects that hold a link of their own. */
export type AgentClient = ContractRouterClient<AgentApi>;

/** The commands of an agent that change something on its server. Only effects give them; what a call throws: `AgentReads`. */
export type AgentWrites = ContractRouterClient<AgentApiHalf<'write'>>;

/** The writing commands of the same agent, over the same link. Throws an `Error` for reads that came from elsewhere. */
export type AgentWritesOf = (reads: AgentReads) => AgentWrites;

/** A link over which an agent can also be changed. */
export interface AgentWriteLink extends AgentLink {
  readonly client: AgentClient;
}

/** What joining an agent gives. */
export type Joined = { readonly keyFingerprint: string; readonly agentVersion: string };

export interface AgentLinks extends LinkOpener {
  readonly open: (identity: CoreIdentity, target: LinkTarget) => AgentWriteLink;
  /**
   * Pairs by a code shown at the agent. Checks the agent's key against the code before anything is sent; then proves the random part inside that channel.
   * `sign` is called with the agent's certificate request and the SHA-256 of its key, and answers with its chain; what it throws is told to the
   * agent, which then keeps what it had. Throws `CODE_INVALID`, `CODE_EXPIRED`, `CODE_USED`,
   * `CODE_TRIES_EXHAUSTED`, `AGENT_IN_OTHER_FARM`, `SERVER_UNREACHABLE`, `CLOCK_OFF`, `AGENT_TOO_OLD`. A repeat for the same farm and server id is fine.
   */
  readonly pair: (request: {
    readonly address: string;
    readonly code: string;
    readonly identity: CoreIdentity;
    readonly serverId: string;
    readonly farmName: string;
    readonly sign: (requestPem: string, keyFingerprint: string) => Promise<{ readonly chainPem: string }>;
  }) => Promise<Joined>;
}

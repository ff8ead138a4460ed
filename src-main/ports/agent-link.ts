import type { ContractRouterClient } from '@orpc/contract';
import type { AgentApi } from '#contract/agent/index.ts';
import type { Failure } from '#contract/errors.ts';

/**
 * The typed commands of one agent. A call throws the agent's own coded errors as `FarmError`, `COMMAND_MISSING` when an older agent lacks it, and
 * `SERVER_UNREACHABLE` when the link is gone or was never there: at once while the link waits, after 10 s at most while it connects. A stream ends with its
 * signal, with the link (`SERVER_UNREACHABLE`), and when its reader stays behind by 1,000 events or 16 MB (`SERVER_UNREACHABLE`, the link stays).
 */
export type AgentClient = ContractRouterClient<AgentApi>;

/** What one link is doing. `failure` is a coded cause, never "offline". */
export type LinkState =
  | { readonly state: 'connecting'; readonly sinceMs: number; readonly failure?: Failure }
  | {
      readonly state: 'connected';
      readonly sinceMs: number;
      readonly agentVersion: string;
      readonly bootId: string;
      /** Agent's clock minus ours; told anew when one of the two was set while the link stands. */
      readonly clockOffsetMs: number;
      readonly commands: readonly string[];
    }
  | { readonly state: 'waiting'; readonly sinceMs: number; readonly retryAtMs: number; readonly failure: Failure };

export type LinkTarget = {
  readonly serverId: string;
  readonly serverName: string;
  readonly address: string;
  readonly keyFingerprint: string;
};

/** One kept link to one agent. It reconnects by itself with back-off and jitter until it is closed. */
export interface AgentLink {
  readonly client: AgentClient;
  readonly state: () => LinkState;
  /** Calls at once and after every change; returns its disposer. */
  readonly onState: (listener: (state: LinkState) => void) => () => void;
  /**
   * Tries at once, resolves when connected. Throws `SERVER_UNREACHABLE` or a more exact cause after `timeoutMs`; at once for one that will not pass by
   * itself (identity, `CLOCK_OFF`, `AGENT_TOO_OLD`, `CORE_EPOCH_OLD`) and when the link is closed.
   */
  readonly ready: (timeoutMs: number) => Promise<void>;
  readonly retryNow: () => void;
  readonly close: () => Promise<void>;
}

/** What joining an agent gives. */
export type Joined = { readonly keyFingerprint: string; readonly agentVersion: string };

/** The core's proof of who it is: its identity below the agent authority. */
export type CoreIdentity = {
  readonly farmId: string;
  readonly epoch: number;
  readonly chainPem: string;
  readonly keyPem: string;
  readonly authorityPem: string;
};

export interface AgentLinks {
  /** Keeps a link to an agent that has joined: mutual TLS 1.3, its key pinned. */
  readonly open: (identity: CoreIdentity, target: LinkTarget) => AgentLink;
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

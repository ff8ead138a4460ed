import type { ContractRouterClient } from '@orpc/contract';
import type { AgentApiHalf } from '#contract/agent/halves.ts';
import type { Failure } from '#contract/errors.ts';

/**
 * The commands of one agent that only look; those that change something are `AgentWrites`. A call throws the agent's own coded errors as `FarmError`, `COMMAND_MISSING` when an older agent lacks it, and
 * `SERVER_UNREACHABLE` when the link is gone or was never there: at once while the link waits, after 10 s at most while it connects. A stream ends with its
 * signal, with the link (`SERVER_UNREACHABLE`), and when its reader stays behind by 1,000 events or 16 MB (`SERVER_UNREACHABLE`, the link stays).
 */
export type AgentReads = ContractRouterClient<AgentApiHalf<'read'>>;

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
  readonly client: AgentReads;
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

/** The core's proof of who it is: its identity below the agent authority. */
export type CoreIdentity = {
  readonly farmId: string;
  readonly epoch: number;
  readonly chainPem: string;
  readonly keyPem: string;
  readonly authorityPem: string;
};

/** Who opens links. What makes an agent join or leave is in `agent-writes.ts`. */
export interface LinkOpener {
  /** Keeps a link to an agent that has joined: mutual TLS 1.3, its key pinned. */
  readonly open: (identity: CoreIdentity, target: LinkTarget) => AgentLink;
}

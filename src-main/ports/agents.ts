import type { AgentInstance } from '#contract/agent/instances.ts';
import type { ServerSigns } from '#contract/agent/servers.ts';
import type { MeasuredResources } from '#contract/api/base.ts';
import type { AgentReads, LinkState } from './agent-link.ts';

/** What was last measured of a server, with its age. Absent values were never measured. */
export type LiveServer = {
  readonly link: LinkState;
  readonly seenAtMs: number | undefined;
  readonly now: MeasuredResources | undefined;
  /** The highest of each in the last 24 h. */
  readonly busiest: MeasuredResources | undefined;
  readonly measuredAtMs: number | undefined;
  /** What its agent last said of it, while it is heard; empty for agents that watch nothing. */
  readonly signs: ServerSigns;
};

export type LiveInstance = { readonly instance: AgentInstance; readonly serverId: string; readonly seenAtMs: number };

/** The farm's agents as the core holds them: one kept link each, over which is only looked, and the last that was seen. */
export interface Agents {
  /** Throws `SERVER_UNREACHABLE` (with its exact cause) when the server is unknown or not connected within `timeoutMs` (default 10 000). */
  readonly client: (serverId: string, timeoutMs?: number) => Promise<AgentReads>;
  readonly server: (serverId: string) => LiveServer | undefined;
  readonly instance: (instanceId: string) => LiveInstance | undefined;
  /** The agent's whole list of instances is known and followed: an instance that is not in it is not there. */
  readonly followsInstances: (serverId: string) => boolean;
  /** What an instance's command just answered, so that screens need not wait for the next event. */
  readonly saw: (serverId: string, instance: AgentInstance) => void;
  readonly forget: (instanceId: string) => void;
}

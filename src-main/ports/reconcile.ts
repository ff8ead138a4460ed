import type { EdgeRoute } from '#contract/agent/edge.ts';
import type { AgentInstance, NetworkAccess } from '#contract/agent/instances.ts';
import type { DomainId, InstanceId, PackageId, ServerId } from '#contract/ids.ts';

/** One thing that should be on a server: what puts it in order, for whoever goes through them one by one. */
export type Reconcilable = {
  /** As people know it: a domain, a host. Empty for what has no name of its own. */
  readonly name: string;
  /** Makes it as it is wanted; repeatable. Answers `'locked'` where a job has it now, so that it was left alone and has to be looked at again. Throws coded errors. */
  readonly ensure: () => Promise<unknown>;
};

/** What is wanted of an instance on its server: whether it runs, what visitors get, and what owners agree that it reaches of what it was made with. */
export type InstanceWanted = {
  readonly run: 'running' | 'stopped';
  readonly shows: 'running' | 'broken' | 'suspended';
  readonly agreed: NetworkAccess;
};
/** What one look at a server showed of an instance. */
export type InstanceSeen = { readonly instance: AgentInstance | undefined; readonly route: EdgeRoute | undefined };
type At = {
  readonly instanceId: InstanceId;
  readonly name: string;
  readonly domainId: DomainId;
  readonly packageId: PackageId;
  readonly serverId: ServerId;
};

/** Brings route, process and reach of an instance to what is wanted of it. It never writes what is wanted. */
export type InstanceHealer = {
  /** Pure. What is not there at all is so: it is told as missing, and a way to nothing would help nobody. */
  readonly isSo: (at: At, wanted: InstanceWanted, seen: InstanceSeen) => boolean;
  /** Looks afresh, and changes what differs; repeatable. Throws coded errors. */
  readonly heal: (at: At, wanted: InstanceWanted, signal: AbortSignal) => Promise<void>;
};

import type { EdgeRouteState } from '#contract/agent/edge.ts';
import type { HostOs, ProcessIdentity } from '../os/host-os.ts';
import type { HostUser, Isolation } from '../os/identity.ts';
import type { LimitGroups } from '../os/limits.ts';
import type {
  AgentClock,
  AgentFolders,
  AgentLog,
  FailPoint,
  InstanceLogs,
  InstanceRecord,
  InstanceStore,
  PackageStore,
  Visitors,
} from '../ports.ts';
import type { PlaceholderValues } from './command-values.ts';
import { join } from 'node:path';
import type { PackageManifest } from '#contract/package-manifest.ts';
import { FarmError } from '#contract/errors.ts';
import { listenHost } from './instance-ports.ts';

/** What supervision needs of the rest of the agent. */
export type SupervisorNeeds = {
  readonly os: HostOs;
  readonly clock: AgentClock;
  readonly log: AgentLog;
  readonly folders: AgentFolders;
  readonly instances: InstanceStore;
  readonly packages: PackageStore;
  readonly logs: InstanceLogs;
  /** The Node that runs packages. */
  readonly runtime: string;
  /** Says which agent of this machine a process belongs to. */
  readonly agentKey: string;
  /** Under whom instances run: looked at afresh before anything is started. */
  readonly isolation: () => Promise<Isolation>;
  /** Called when ports or users were given or taken back: resolves when the system's rules hold for them, or cannot. */
  readonly guardPorts: () => Promise<void>;
  /** Groups of the system that bound instances, where it has them. */
  readonly limits: LimitGroups;
  /** Called when visitors should see something else than before. */
  readonly onRouteState: (host: string, instanceId: string, state: EdgeRouteState, port: number) => void;
  /** Who comes while it is stopped or restarted waits for a moment. */
  readonly visitors: Visitors;
  readonly failPoint: FailPoint;
};

/** Ports and users are given to one instance at a time, so that two at once never get the same. */
export type Allocation = { last: Promise<unknown> };
/** What the acts on one instance need. */
export type InstanceNeeds = SupervisorNeeds & { readonly allocation: Allocation };

export function dataFolder(needs: SupervisorNeeds, instanceId: string): string {
  return join(needs.folders.instances, instanceId);
}

/** Throws `NOT_FOUND` when the instance's package is not installed. */
export function manifestOf(needs: SupervisorNeeds, spec: InstanceRecord['spec']): PackageManifest {
  const manifest = needs.packages.manifest(spec.manifestHash, spec.payload);
  if (manifest === undefined) throw new FarmError('NOT_FOUND', { kind: 'package', name: spec.manifestHash.slice(0, 12) });
  return manifest;
}

/** Throws `NOT_FOUND`. */
export function recordOf({ instances }: Pick<SupervisorNeeds, 'instances'>, instanceId: string): InstanceRecord {
  const record = instances.get(instanceId);
  if (record === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name: instanceId });
  return record;
}

export function placeholderValues(needs: SupervisorNeeds, record: InstanceRecord): PlaceholderValues {
  const { spec, port } = record;
  return {
    runtime: needs.runtime,
    payload: join(needs.folders.packages, spec.payload),
    data: dataFolder(needs, spec.instanceId),
    port,
    listenHost,
    spec,
  };
}

export const userOf = (record: InstanceRecord): { userId: number } | undefined =>
  record.userId === undefined ? undefined : { userId: record.userId };

type Stray = Pick<SupervisorNeeds, 'os' | 'agentKey' | 'folders' | 'limits'>;

/**
 * What may still run of an instance: what is in its group, carries its marker or runs under its user; where it has none, also what left both its
 * session and its environment and still stands in its folder or holds a file of it.
 */
export function straysOf({ os, agentKey, folders, limits }: Stray, instanceId: string, user: HostUser | undefined): ProcessIdentity[] {
  const marked = os.findMarked(agentKey).get(instanceId) ?? [];
  const others = user === undefined ? os.holdersOf(join(folders.instances, instanceId)) : os.processesOf(user);
  return [...new Map([...limits.membersOf(instanceId), ...marked, ...others].map((stray) => [stray.processId, stray])).values()];
}

/** Ends what is left of an instance, so that nothing of it acts while its folder is ours to change. */
export async function endStrays(needs: Stray, record: InstanceRecord): Promise<void> {
  // First the group: in it nothing new can begin meanwhile.
  await needs.limits.end(record.spec.instanceId);
  for (const stray of straysOf(needs, record.spec.instanceId, userOf(record))) await needs.os.killTree(stray);
}

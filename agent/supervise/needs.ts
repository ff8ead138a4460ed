import type { EdgeRouteState } from '#contract/agent/edge.ts';
import type { HostOs, HostUser } from '../os/host-os.ts';
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
  /** Does every instance get a user of its own? */
  readonly isIsolated: boolean;
  /** Called when visitors should see something else than before. */
  readonly onRouteState: (host: string, instanceId: string, state: EdgeRouteState) => void;
  /** Who comes while it is stopped or restarted waits for a moment. */
  readonly visitors: Visitors;
  readonly failPoint: FailPoint;
};

export function dataFolder(needs: SupervisorNeeds, instanceId: string): string {
  return join(needs.folders.instances, instanceId);
}

/** Throws `NOT_FOUND` when the instance's package is not installed. */
export function manifestOf(needs: SupervisorNeeds, spec: InstanceRecord['spec']): PackageManifest {
  const manifest = needs.packages.manifest(spec.manifestHash, spec.payload);
  if (manifest === undefined) throw new FarmError('NOT_FOUND', { kind: 'package', name: spec.manifestHash.slice(0, 12) });
  return manifest;
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

/** Ends what carries the instance's marker, and what runs under its user, so that nothing of it acts while its folder is ours to change. */
export async function endStrays(os: HostOs, agentKey: string, instanceId: string, user: HostUser | undefined): Promise<void> {
  for (const stray of os.findMarked(agentKey).get(instanceId) ?? []) await os.killTree(stray);
  if (user !== undefined) for (const stray of os.processesOf(user)) await os.killTree(stray);
}

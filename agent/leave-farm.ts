import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removePayload, removeUpload } from './commands/package-files.ts';
import type { Collectors } from './collectors/collectors.ts';
import type { AgentFolders, EdgeControl, PackageStore, Supervisor } from './ports.ts';
import type { RouteStates } from './route-states.ts';

export type LeaveNeeds = {
  readonly supervisor: Supervisor;
  readonly edge: EdgeControl;
  readonly routes: RouteStates;
  readonly packages: PackageStore;
  readonly folders: AgentFolders;
  readonly collectors: Collectors;
};

/**
 * Takes everything of the farm off this server: instances, routes, certificates, the edge, packages, measurements. Repeatable; answers with what
 * it removed. The agent itself stays and shows a new code.
 */
export async function leaveFarm({ supervisor, edge, routes, packages, folders, collectors }: LeaveNeeds): Promise<string[]> {
  const removed: string[] = [];
  // Routes first: visitors get a clear answer instead of a connection that breaks.
  for (const { host } of await edge.routes()) {
    await routes.forget(host);
    removed.push(`route:${host}`);
  }
  // Each waits until it is quiet: side by side, or a full server would take minutes.
  const gone = await Promise.allSettled(
    supervisor.list().map(async ({ instanceId }) => {
      await supervisor.remove(instanceId);
      removed.push(`instance:${instanceId}`);
    }),
  );
  for (const one of gone) if (one.status === 'rejected') throw one.reason;
  for (const { certificateId } of await edge.certificates()) {
    await edge.removeCertificate(certificateId);
    removed.push(`certificate:${certificateId}`);
  }
  await edge.stop();
  removed.push('edge');
  for (const { packageId, manifestHash, payload } of packages.list()) {
    await packages.remove(manifestHash, payload);
    await removePayload(folders, payload);
    await removeUpload(folders, payload);
    removed.push(`package:${packageId}`);
  }
  await rm(join(folders.uploads), { recursive: true, force: true });
  collectors.clear();
  return removed;
}

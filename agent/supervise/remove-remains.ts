import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RemovedPart } from '../ports.ts';
import { dataFolder, type SupervisorNeeds, userOf } from './needs.ts';

/** Takes away what an instance without a process has: folder, log, record. Cut anywhere, it is done by asking again. Says what was there. */
export async function removeRemains(needs: SupervisorNeeds, instanceId: string): Promise<RemovedPart[]> {
  const { folders, logs, instances, failPoint } = needs;
  const removed: RemovedPart[] = [];
  const record = instances.get(instanceId);
  const user = record === undefined ? undefined : userOf(record);
  const gone = join(folders.instances, `.gone-${instanceId}`);
  await rm(gone, { recursive: true, force: true });
  const hadFolder = await rename(dataFolder(needs, instanceId), gone).then(
    () => true,
    () => false,
  );
  await rm(gone, { recursive: true, force: true });
  if (hadFolder) removed.push('folder');
  failPoint('instances.remove.folder');
  if (user !== undefined) await needs.os.takeAwayFilesOf(user);
  if (logs.has(instanceId)) removed.push('log');
  await logs.remove(instanceId);
  await instances.remove(instanceId);
  await needs.guardPorts();
  if (user !== undefined) removed.push('user');
  removed.push('port');
  return removed;
}

import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Spawned } from '../os/host-os.ts';
import type { InstanceRecord } from '../ports.ts';
import { prepareStart } from './allocate.ts';
import { resolveCommand, resolveEnvironment } from './command-values.ts';
import { heapOption, limitsOf } from './instance-limits.ts';
import { dataFolder, endStrays, type InstanceNeeds, manifestOf, placeholderValues, userOf } from './needs.ts';

/** A folder for what is not to last: with its instance's disk it is counted, and no neighbour sees it. Emptied at every start. */
async function makeTemporary(needs: InstanceNeeds, record: InstanceRecord): Promise<string> {
  const folder = join(dataFolder(needs, record.spec.instanceId), '.tmp');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await needs.os.closeFolder(folder, userOf(record));
  return folder;
}

/**
 * Starts the process of an instance by its manifest, with nothing of an earlier one beside it, under a user of its own where there are users, and on
 * another port where somebody else has its own, or had it a moment ago (`lostPort`). Throws `NOT_FOUND`, `PORT_TAKEN`, `INSTANCE_WITHOUT_USER`.
 */
export async function spawnProcess(needs: InstanceNeeds, known: InstanceRecord, lostPort?: number): Promise<Spawned> {
  const { os, logs, agentKey, failPoint } = needs;
  const { instanceId } = known.spec;
  const manifest = manifestOf(needs, known.spec);
  await endStrays(needs, known);
  const record = await prepareStart(needs, known, lostPort);
  const values = placeholderValues(needs, record);
  const limits = limitsOf(record.spec);
  const { program, args } = resolveCommand(manifest.start.command, manifest, values, [heapOption(limits)]);
  await mkdir(dirname(values.data), { recursive: true });
  const temporary = await makeTemporary(needs, record);
  const started = needs.limits.prepare(instanceId, limits, record.userId !== undefined);
  failPoint('instances.start.limited');
  const spawned = await os.spawnDetached({
    program,
    args,
    folder: values.data,
    environment: { ...resolveEnvironment(manifest, values), TMPDIR: temporary },
    user: userOf(record),
    limits: started,
    ...logs.prepare(instanceId),
    marker: `${agentKey}:${instanceId}`,
  });
  failPoint('instances.start.spawned');
  return spawned;
}

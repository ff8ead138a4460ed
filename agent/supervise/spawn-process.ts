import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FarmError } from '#contract/errors.ts';
import type { Spawned } from '../os/host-os.ts';
import type { InstanceRecord } from '../ports.ts';
import { resolveCommand, resolveEnvironment } from './command-values.ts';
import { isPortFree } from './instance-ports.ts';
import { endStrays, manifestOf, placeholderValues, type SupervisorNeeds, userOf } from './needs.ts';

/** Starts the process of an instance by its manifest, with nothing of an earlier one beside it. Throws `NOT_FOUND`, `PORT_TAKEN`. */
export async function spawnProcess(needs: SupervisorNeeds, record: InstanceRecord): Promise<Spawned> {
  const { os, logs, agentKey, failPoint } = needs;
  const { instanceId } = record.spec;
  const manifest = manifestOf(needs, record.spec);
  await endStrays(os, agentKey, instanceId, userOf(record));
  if (!(await isPortFree(record.port)))
    throw new FarmError('PORT_TAKEN', { port: record.port, owner: os.portOwner(record.port) || 'unknown' });
  const values = placeholderValues(needs, record);
  const { program, args } = resolveCommand(manifest.start.command, manifest, values);
  await mkdir(dirname(values.data), { recursive: true });
  const spawned = await os.spawnDetached({
    program,
    args,
    folder: values.data,
    environment: resolveEnvironment(manifest, values),
    user: userOf(record),
    ...logs.prepare(instanceId),
    marker: `${agentKey}:${instanceId}`,
  });
  failPoint('instances.start.spawned');
  return spawned;
}

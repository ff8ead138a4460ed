import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { InstanceSpec } from '#contract/agent/instances.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import { isNoRoom } from '../os/host-os.ts';
import type { InstanceRecord } from '../ports.ts';
import { queued, portFor, userFor } from './allocate.ts';
import { checkParameters } from './command-values.ts';
import { dataFolder, endStrays, type InstanceNeeds, manifestOf, placeholderValues, userOf } from './needs.ts';
import { runSetUp } from './set-up.ts';

function allocate(needs: InstanceNeeds, spec: InstanceSpec, known: InstanceRecord | undefined): Promise<InstanceRecord> {
  return queued(needs.allocation, async () => {
    const userId = await userFor(needs, spec.instanceId, known?.userId);
    const port = await portFor(needs, spec.instanceId, known?.port);
    const fresh = { wanted: 'stopped', restarts: 0, setupBegun: [], setupDone: [] } as const;
    const record = { ...fresh, ...known, spec, allowed: undefined, packageId: manifestOf(needs, spec).id, port, userId };
    await needs.instances.save(record);
    await needs.guardPorts();
    return record;
  });
}

function toDiskFull(error: unknown, path: string): unknown {
  const isFull = isNoRoom(error) || (isFarmError(error, 'SETUP_FAILED') && /ENOSPC|no space left/i.test(error.parameters.lastLine));
  return isFull ? new FarmError('DISK_FULL', { server: '', path }, { cause: error }) : error;
}

/**
 * Folder, user, port, files and set-up steps. Repeatable at any point: what is done stays, what is half done is done again.
 * The record is saved before anything is made, so that nothing can be left over that nobody knows of.
 */
export async function createInstance(needs: InstanceNeeds, spec: InstanceSpec): Promise<InstanceRecord> {
  const { os, clock, logs, instances, limits, failPoint } = needs;
  const manifest = manifestOf(needs, spec);
  checkParameters(manifest, spec);
  let record = await allocate(needs, spec, instances.get(spec.instanceId));
  failPoint('instances.create.recorded');
  const folder = dataFolder(needs, spec.instanceId);
  try {
    await endStrays(needs, record);
    await mkdir(resolve(folder), { recursive: true, mode: 0o700 });
    const user = userOf(record);
    await (user === undefined ? os.closeFolder(folder, user) : os.giveFolder(folder, user));
    failPoint('instances.create.folder');
    const save = async (change: Partial<InstanceRecord>): Promise<InstanceRecord> => {
      record = { ...record, ...change };
      await instances.save(record);
      return record;
    };
    const marker = `${needs.agentKey}:${spec.instanceId}`;
    await runSetUp(
      { os, clock, logs, limits, manifest, values: placeholderValues(needs, record), user: userOf(record), marker, save },
      record,
    );
    failPoint('instances.create.set-up');
    return await save({ createdAtMs: record.createdAtMs ?? clock.nowMs() });
  } catch (error) {
    throw toDiskFull(error, folder);
  }
}

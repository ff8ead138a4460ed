import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { InstanceSpec } from '#contract/agent/instances.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import { isNoRoom } from '../os/host-os.ts';
import type { InstanceRecord } from '../ports.ts';
import { checkParameters } from './command-values.ts';
import { isPortFree, newPort } from './instance-ports.ts';
import { dataFolder, endStrays, manifestOf, placeholderValues, type SupervisorNeeds, userOf } from './needs.ts';
import { runSetUp } from './set-up.ts';

/** Ports and users are given to one instance at a time, so that two creates at once never get the same. */
export type Allocation = { last: Promise<unknown> };

async function allocate(
  needs: SupervisorNeeds,
  allocation: Allocation,
  spec: InstanceSpec,
  known: InstanceRecord | undefined,
): Promise<InstanceRecord> {
  const { instances, os, folders } = needs;
  const give = async (): Promise<InstanceRecord> => {
    const others = instances.list().filter((record) => record.spec.instanceId !== spec.instanceId);
    const takenPorts = new Set(others.map((record) => record.port));
    const isKept = known !== undefined && !takenPorts.has(known.port) && (await isPortFree(known.port));
    const port = isKept ? known.port : await newPort(takenPorts, folders.home);
    const takenUsers = new Set(others.flatMap((record) => record.userId ?? []));
    const userId = needs.isIsolated ? (known?.userId ?? os.newUser(takenUsers, folders.home).userId) : undefined;
    const fresh = { wanted: 'stopped', restarts: 0, setupBegun: [], setupDone: [] } as const;
    const record = { ...fresh, ...known, spec, packageId: manifestOf(needs, spec).id, port, userId };
    await instances.save(record);
    return record;
  };
  const mine = allocation.last.then(give, give);
  allocation.last = mine.catch(() => undefined);
  return mine;
}

function toDiskFull(error: unknown, path: string): unknown {
  const isFull = isNoRoom(error) || (isFarmError(error, 'SETUP_FAILED') && /ENOSPC|no space left/i.test(error.parameters.lastLine));
  return isFull ? new FarmError('DISK_FULL', { server: '', path }, { cause: error }) : error;
}

/**
 * Folder, user, port, files and set-up steps. Repeatable at any point: what is done stays, what is half done is done again.
 * The record is saved before anything is made, so that nothing can be left over that nobody knows of.
 */
export async function createInstance(needs: SupervisorNeeds, allocation: Allocation, spec: InstanceSpec): Promise<InstanceRecord> {
  const { os, clock, logs, instances, failPoint } = needs;
  const manifest = manifestOf(needs, spec);
  checkParameters(manifest, spec);
  let record = await allocate(needs, allocation, spec, instances.get(spec.instanceId));
  failPoint('instances.create.recorded');
  const folder = dataFolder(needs, spec.instanceId);
  try {
    await endStrays(os, needs.agentKey, spec.instanceId, userOf(record));
    await mkdir(resolve(folder), { recursive: true, mode: 0o700 });
    await os.closeFolder(folder, userOf(record));
    failPoint('instances.create.folder');
    const save = async (change: Partial<InstanceRecord>): Promise<InstanceRecord> => {
      record = { ...record, ...change };
      await instances.save(record);
      return record;
    };
    const marker = `${needs.agentKey}:${spec.instanceId}`;
    await runSetUp({ os, clock, logs, manifest, values: placeholderValues(needs, record), user: userOf(record), marker, save }, record);
    failPoint('instances.create.set-up');
    return await save({ createdAtMs: record.createdAtMs ?? clock.nowMs() });
  } catch (error) {
    throw toDiskFull(error, folder);
  }
}

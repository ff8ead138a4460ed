import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { instanceSpec, networkAccess } from '#contract/agent/instances.ts';
import type { AgentLog, InstanceRecord, InstanceStore, Room } from '../ports.ts';
import { readJson, removeFile, sweepTemporary, writeFileAtomically } from './atomic-file.ts';
import { withRoom } from './reserve.ts';

const instanceRecord = z.object({
  formatVersion: z.literal(1),
  spec: instanceSpec,
  allowed: networkAccess.optional(),
  packageId: z.string(),
  port: z.number().int(),
  userId: z.number().int().optional(),
  wanted: z.enum(['running', 'stopped']),
  process: z.object({ processId: z.number().int(), startMark: z.string(), startedAtMs: z.number() }).optional(),
  restarts: z.number().int(),
  setupBegun: z.array(z.string()),
  setupDone: z.array(z.string()),
  createdAtMs: z.number().optional(),
});

/** Loads every instance record. A torn one is left where it is, named in the log, and counts as absent: `create` writes it anew. */
export async function openInstanceStore(
  folder: string,
  log: AgentLog,
  room: Pick<Room, 'release'> = { release: () => false },
): Promise<InstanceStore> {
  const records = new Map<string, InstanceRecord>();
  const torn = new Set<string>();
  const pathOf = (instanceId: string): string => join(folder, `${instanceId}.json`);
  await sweepTemporary(folder);
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.endsWith('.json')) continue;
    const read = await readJson(join(folder, name), instanceRecord);
    if (read.state === 'good') {
      const { formatVersion: _, ...record } = read.value;
      records.set(record.spec.instanceId, record);
    }
    if (read.state !== 'torn') continue;
    torn.add(name.slice(0, -'.json'.length));
    log.warn('state.torn', { path: join(folder, name), problem: read.problem });
  }
  // Writes of one record queue up, and each writes what is newest, so that an older text never comes to lie over a newer one.
  const queues = new Map<string, Promise<void>>();
  const queue = (instanceId: string, isNeeded = false): Promise<void> => {
    const write = async (): Promise<void> => {
      const record = records.get(instanceId);
      if (record === undefined) await removeFile(pathOf(instanceId));
      else await writeFileAtomically(pathOf(instanceId), JSON.stringify({ formatVersion: 1, ...record }));
    };
    const act = (): Promise<void> => (isNeeded ? withRoom(room, write) : write());
    const mine = (queues.get(instanceId) ?? Promise.resolve()).then(act, act);
    queues.set(instanceId, mine);
    const forget = (): void => void (queues.get(instanceId) === mine && queues.delete(instanceId));
    mine.then(forget, forget);
    return mine;
  };
  return {
    list: () => [...records.values()],
    torn: () => [...torn],
    get: (instanceId) => records.get(instanceId),
    save: (record, isNeeded) => {
      torn.delete(record.spec.instanceId);
      records.set(record.spec.instanceId, record);
      return queue(record.spec.instanceId, isNeeded);
    },
    remove: (instanceId) => {
      torn.delete(instanceId);
      records.delete(instanceId);
      return queue(instanceId);
    },
  };
}

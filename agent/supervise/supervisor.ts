import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { AgentInstance, InstanceSpec, NetworkAccess } from '#contract/agent/instances.ts';
import { FarmError } from '#contract/errors.ts';
import type { RemovedPart, Supervisor } from '../ports.ts';
import { createInstance } from './create-instance.ts';
import { SupervisedInstance } from './instance.ts';
import { isPortFree } from './instance-ports.ts';
import { dataFolder, type InstanceNeeds, manifestOf, straysOf, type SupervisorNeeds, userOf } from './needs.ts';

/** What is there of an instance that no readable record names: after a torn record, or a removal that was cut between its steps. */
async function removeUnrecorded(needs: SupervisorNeeds, instanceId: string): Promise<RemovedPart[]> {
  const { os, folders, instances, limits, logs } = needs;
  const strays = straysOf(needs, instanceId, undefined);
  await limits.end(instanceId);
  for (const stray of strays) await os.killTree(stray);
  await limits.remove(instanceId);
  const removed: RemovedPart[] = strays.length > 0 ? ['process'] : [];
  const folder = join(folders.instances, instanceId);
  if (existsSync(folder)) removed.push('folder');
  await rm(folder, { recursive: true, force: true });
  if (logs.has(instanceId)) removed.push('log');
  await logs.remove(instanceId);
  await instances.remove(instanceId);
  return removed;
}

/** All instances of this agent. One object per instance keeps its acts in order; different instances act side by side. */
export function createSupervisor(given: SupervisorNeeds): Supervisor {
  const needs: InstanceNeeds = { ...given, allocation: { last: Promise.resolve() } };
  const { os, instances, logs, agentKey, log } = needs;
  const held = new Map<string, SupervisedInstance>();
  const listeners = new Set<(instanceId: string) => void>();

  const changed = (instanceId: string): void => {
    for (const listener of listeners) listener(instanceId);
  };
  const hold = (instanceId: string): SupervisedInstance => {
    const known = held.get(instanceId);
    if (known !== undefined) return known;
    const instance = new SupervisedInstance(needs, instanceId, () => changed(instanceId));
    held.set(instanceId, instance);
    return instance;
  };
  const existing = (instanceId: string): SupervisedInstance => {
    if (instances.get(instanceId) === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name: instanceId });
    return hold(instanceId);
  };

  const create = async (spec: InstanceSpec): Promise<AgentInstance> => {
    manifestOf(needs, spec);
    const instance = hold(spec.instanceId);
    return instance.queue(async () => {
      const known = instances.get(spec.instanceId);
      // What runs is finished: only what was asked for is remembered anew.
      if (known?.createdAtMs !== undefined && instance.isRunning) {
        await instances.save({ ...known, spec, allowed: undefined });
        if (!isDeepStrictEqual(known.spec.limits, spec.limits)) instance.limitsChanged();
      } else await createInstance(needs, spec);
      changed(spec.instanceId);
      return instance.view();
    });
  };

  const allow = async (instanceId: string, network: NetworkAccess): Promise<AgentInstance> => {
    const instance = existing(instanceId);
    return instance.queue(async () => {
      const record = instances.get(instanceId);
      const asked = record?.spec.network;
      if (record === undefined || asked === undefined) return instance.view();
      const loopbackPorts = asked.loopbackPorts.filter((port) => network.loopbackPorts.includes(port));
      await instances.save({ ...record, allowed: { loopbackPorts, metadata: asked.metadata && network.metadata } });
      await needs.guardPorts();
      changed(instanceId);
      return instance.view();
    });
  };

  return {
    list: () => instances.list().map((record) => hold(record.spec.instanceId).view()),
    describe: (instanceId) => existing(instanceId).described(),
    create,
    allow,
    start: async (instanceId) => existing(instanceId).start(),
    stop: async (instanceId) => existing(instanceId).stop(),
    restart: async (instanceId) => existing(instanceId).restart(),
    remove: async (instanceId) => {
      if (instances.get(instanceId) === undefined) return { removed: await removeUnrecorded(needs, instanceId) };
      const removed = await existing(instanceId).remove();
      held.delete(instanceId);
      changed(instanceId);
      return removed;
    },
    remains: async (instanceId) => {
      const record = instances.get(instanceId);
      const user = record === undefined ? undefined : userOf(record);
      const found = straysOf(needs, instanceId, user);
      const identity = held.get(instanceId)?.identity;
      if (identity !== undefined && os.isAlive(identity)) found.push(identity);
      return {
        processIds: [...new Set(found.map(({ processId }) => processId))],
        hasFolder: existsSync(dataFolder(needs, instanceId)),
        hasUser: user !== undefined,
        isPortOpen: record !== undefined && !(await isPortFree(record.port)),
        hasState: record !== undefined || logs.has(instanceId),
      };
    },
    adopt: async () => {
      const marked = os.findMarked(agentKey);
      for (const [instanceId, strays] of marked) {
        if (instances.get(instanceId) !== undefined || instances.torn().includes(instanceId)) continue;
        log.warn('supervise.stray', { instanceId, processes: strays.length });
        for (const stray of strays) await os.killTree(stray);
      }
      const known = new Set([...instances.list().map(({ spec }) => spec.instanceId), ...instances.torn()]);
      const swept = await needs.limits.sweep(known);
      if (swept.length > 0) log.info('supervise.groups-swept', { swept });
      await Promise.all(instances.list().map(({ spec }) => hold(spec.instanceId).adopt(marked.get(spec.instanceId) ?? [])));
    },
    measured: (instanceId, usage) => held.get(instanceId)?.measured(usage),
    watched: (instanceId, taken) => held.get(instanceId)?.watched(taken),
    processes: () =>
      [...held.values()].flatMap((instance) =>
        instance.identity === undefined ? [] : { instanceId: instance.instanceId, ...instance.identity },
      ),
    diskOf: (instanceId) =>
      instances.get(instanceId) === undefined ? { endBytes: Number.POSITIVE_INFINITY, writers: [] } : hold(instanceId).disk,
    unlimited: () => [...held.values()].filter((instance) => instance.isUnlimited).length,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      for (const instance of held.values()) instance.close();
    },
  };
}

import type { AgentInstance } from '#contract/agent/instances.ts';
import type { Samples } from '#contract/agent/monitoring.ts';
import type { HostFacts, ServerSigns } from '#contract/agent/servers.ts';
import type { Resources } from '#contract/api/base.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import { busiestOf, type Peaks, withMeasurement } from '../../model/monitoring/peaks.ts';
import type { Server } from '../../model/servers/server.ts';
import type { AgentClient, AgentLink, AgentLinks, CoreIdentity } from '../../ports/agent-link.ts';
import type { Agents, LiveInstance, LiveServer } from '../../ports/agents.ts';
import type { Changes } from '../../ports/changes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/request.ts';
import type { Store, StoredSample } from '../../ports/store.ts';
import { runSession } from './agent-session.ts';

type Kept = {
  readonly link: AgentLink;
  readonly dispose: () => Promise<void>;
  peaks: Peaks;
  now: Resources | undefined;
  measuredAtMs: number | undefined;
  seenAtMs: number | undefined;
  signs: ServerSigns;
};

export type AgentDirectory = Agents & {
  /** Opens a kept link to a server of the farm; a second call with the same server is nothing. */
  readonly open: (server: Server) => Promise<void>;
  readonly close: (serverId: string) => Promise<void>;
  readonly closeAll: () => Promise<void>;
  readonly retry: (serverId: string) => void;
  /** Called after each connection with the facts, e.g. to put certificates and routes in order. */
  readonly onConnected: (listener: (serverId: string) => Promise<void>) => void;
  readonly onSamples: (listener: (serverId: string, samples: readonly StoredSample[]) => void) => void;
  readonly instancesOf: (serverId: string) => readonly LiveInstance[];
};

type Deps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly links: AgentLinks;
  readonly identity: () => CoreIdentity;
  readonly changes: Changes;
  readonly log: Log;
};

const resourcesOf = (sample: { cpuMillicores: number; memoryBytes: number; diskBytes: number }): Resources => ({
  cpuMillicores: sample.cpuMillicores,
  memoryBytes: sample.memoryBytes,
  diskBytes: sample.diskBytes,
});

/** Samples as they are stored: instants corrected to our clock, each with the agent's own instant and offset. */
function toStored(farmId: string, serverId: string, samples: Samples, clockOffsetMs: number): StoredSample[] {
  const offsetMs = Math.round(clockOffsetMs);
  const base = { farmId, serverId, clockOffsetMs: offsetMs };
  const host = samples.host.map(({ atMs, ...values }) => ({
    ...base,
    subjectId: serverId,
    atMs: Math.round(atMs) - offsetMs,
    agentAtMs: Math.round(atMs),
    values,
  }));
  const instances = samples.instances.map(({ atMs, instanceId, ...values }) => ({
    ...base,
    subjectId: instanceId,
    atMs: Math.round(atMs) - offsetMs,
    agentAtMs: Math.round(atMs),
    values,
  }));
  return [...host, ...instances];
}

/** Holds one kept link to each agent of the farm, and what was last seen through it. */
export function createAgentDirectory(deps: Deps): AgentDirectory {
  const kept = new Map<string, Kept>();
  const live = new Map<string, LiveInstance>();
  const connectedListeners: ((serverId: string) => Promise<void>)[] = [];
  let isFull = false;
  const sampleListeners: ((serverId: string, samples: readonly StoredSample[]) => void)[] = [];

  const see = (serverId: string, instance: AgentInstance): void => {
    const before = live.get(instance.instanceId);
    live.set(instance.instanceId, { instance, serverId, seenAtMs: deps.clock.nowMs() });
    if (before === undefined || JSON.stringify(before.instance) !== JSON.stringify(instance))
      deps.changes.announce({ kind: 'instance', id: instance.instanceId });
  };

  /** What is only measured again may be lost on a full disk; following an agent must not end with it. */
  const keepIfRoom = async (saving: Promise<void>): Promise<void> => {
    try {
      await saving;
      isFull = false;
    } catch (error) {
      if (!isFarmError(error, 'STORE_FULL')) throw error;
      if (!isFull) deps.log.warn('measured-not-kept', { code: error.code });
      isFull = true;
    }
  };

  const takeSamples = async (server: Server, entry: Kept, samples: Samples): Promise<void> => {
    const state = entry.link.state();
    const offset = state.state === 'connected' ? state.clockOffsetMs : server.clockOffsetMs;
    const stored = toStored(server.farmId, server.id, samples, offset);
    for (const sample of samples.host) {
      entry.now = resourcesOf(sample);
      entry.measuredAtMs = sample.atMs - offset;
      entry.peaks = withMeasurement(entry.peaks, sample.atMs - offset, entry.now);
    }
    entry.seenAtMs = deps.clock.nowMs();
    if (stored.length > 0) await keepIfRoom(deps.store.samples.add(stored));
    for (const listener of sampleListeners) listener(server.id, stored);
    if (samples.host.length > 0) deps.changes.announce({ kind: 'server', id: server.id });
  };

  const takeFacts = async (serverId: string, facts: HostFacts, entry: Kept): Promise<void> => {
    const state = entry.link.state();
    const row = await deps.store.servers.get(serverId);
    if (row === undefined) return;
    entry.seenAtMs = deps.clock.nowMs();
    const connected =
      state.state === 'connected' ? { agentVersion: state.agentVersion, clockOffsetMs: Math.round(state.clockOffsetMs) } : {};
    await keepIfRoom(deps.store.servers.put({ ...row, facts, ...connected, seenAtMs: entry.seenAtMs }));
    deps.changes.announce({ kind: 'server', id: serverId });
    for (const listener of connectedListeners) await listener(serverId);
  };

  const open = async (server: Server): Promise<void> => {
    if (kept.has(server.id)) return;
    const link = deps.links.open(deps.identity(), {
      serverId: server.id,
      serverName: server.name,
      address: server.address,
      keyFingerprint: server.keyFingerprint,
    });
    let session: AbortController | undefined;
    const entry: Kept = {
      link,
      dispose: async () => {
        stopListening();
        session?.abort();
        await link.close();
      },
      peaks: new Map(),
      now: undefined,
      measuredAtMs: undefined,
      seenAtMs: server.seenAtMs,
      signs: {},
    };
    kept.set(server.id, entry);
    const begin = (): void => {
      const mine = new AbortController();
      session = mine;
      const events = {
        onFacts: (facts: HostFacts) => takeFacts(server.id, facts, entry),
        onInstances: (instances: readonly AgentInstance[], removed: readonly string[]) => {
          entry.seenAtMs = deps.clock.nowMs();
          for (const instance of instances) see(server.id, instance);
          for (const instanceId of removed) if (live.delete(instanceId)) deps.changes.announce({ kind: 'instance', id: instanceId });
        },
        onSigns: (signs: ServerSigns) => {
          entry.signs = signs;
          deps.changes.announce({ kind: 'server', id: server.id });
        },
        newestSampleMs: () => deps.store.samples.newestAgentMs(server.id),
        onSamples: (samples: Samples) => takeSamples(server, entry, samples),
      };
      void runSession(link, events, mine.signal, deps.log, deps.clock.nowMs()).finally(() => {
        // The link stands but a stream broke: begin again after a breath, or nothing would be followed any more.
        if (session === mine && !mine.signal.aborted && link.state().state === 'connected')
          deps.clock.after(1000, () => session === mine && link.state().state === 'connected' && begin());
      });
    };
    let connectedBoot: string | undefined;
    const stopListening = link.onState((state) => {
      deps.changes.announce({ kind: 'server', id: server.id });
      if (state.state === 'connected') {
        if (session === undefined || session.signal.aborted || connectedBoot === undefined) begin();
        connectedBoot = state.bootId;
        return;
      }
      connectedBoot = undefined;
      session?.abort();
      entry.signs = {};
      for (const seen of live.values())
        if (seen.serverId === server.id) deps.changes.announce({ kind: 'instance', id: seen.instance.instanceId });
    });
    for (const sample of await deps.store.samples.range(server.id, deps.clock.nowMs() - 86_400_000, deps.clock.nowMs())) {
      const { cpuMillicores, memoryBytes, diskBytes } = sample.values;
      entry.peaks = withMeasurement(entry.peaks, sample.atMs, {
        cpuMillicores: cpuMillicores ?? 0,
        memoryBytes: memoryBytes ?? 0,
        diskBytes: diskBytes ?? 0,
      });
    }
  };

  const close = async (serverId: string): Promise<void> => {
    const entry = kept.get(serverId);
    kept.delete(serverId);
    for (const [instanceId, seen] of live) if (seen.serverId === serverId) live.delete(instanceId);
    await entry?.dispose();
  };

  const client = async (serverId: string, timeoutMs = 10_000): Promise<AgentClient> => {
    const entry = kept.get(serverId);
    if (entry === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: serverId });
    await entry.link.ready(timeoutMs);
    return entry.link.client;
  };

  const server = (serverId: string): LiveServer | undefined => {
    const entry = kept.get(serverId);
    if (entry === undefined) return undefined;
    const link = entry.link.state();
    const seenAtMs = link.state === 'connected' ? deps.clock.nowMs() : entry.seenAtMs;
    return { link, seenAtMs, now: entry.now, busiest: busiestOf(entry.peaks), measuredAtMs: entry.measuredAtMs, signs: entry.signs };
  };

  return {
    open,
    close,
    closeAll: async () => {
      await Promise.all([...kept.keys()].map(close));
    },
    retry: (serverId) => kept.get(serverId)?.link.retryNow(),
    onConnected: (listener) => {
      connectedListeners.push(listener);
    },
    onSamples: (listener) => {
      sampleListeners.push(listener);
    },
    instancesOf: (serverId) => [...live.values()].filter((seen) => seen.serverId === serverId),
    client,
    server,
    instance: (instanceId) => live.get(instanceId),
    saw: see,
    forget: (instanceId) => {
      live.delete(instanceId);
      deps.changes.announce({ kind: 'instance', id: instanceId });
    },
  };
}

import type { AgentInstance } from '#contract/agent/instances.ts';
import type { Samples } from '#contract/agent/monitoring.ts';
import type { HostFacts } from '#contract/agent/servers.ts';
import type { Resources } from '#contract/api/base.ts';
import { FarmError } from '#contract/errors.ts';
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
  /** As the store has it. */
  savedSeenAtMs: number | undefined;
};

export type AgentDirectory = Agents & {
  /** Opens a kept link to a server of the farm; a second call with the same server is nothing. */
  readonly open: (server: Server) => Promise<void>;
  readonly close: (serverId: string) => Promise<void>;
  readonly closeAll: () => Promise<void>;
  readonly retry: (serverId: string) => void;
  /** Called after each connection with the facts, e.g. to put certificates and routes in order; again after a while, where one of them threw. */
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

/** Certificates, packages and routes of a server that could not be put in order after a connection. */
const putInOrderAgainMs = 30_000;
/** So old, at most, is what the store knows of when a server was seen last: more is lost with a core that is killed. */
const saveSeenEveryMs = 10_000;

/** Holds one kept link to each agent of the farm, and what was last seen through it. */
export function createAgentDirectory(deps: Deps): AgentDirectory {
  const kept = new Map<string, Kept>();
  const live = new Map<string, LiveInstance>();
  const connectedListeners: ((serverId: string) => Promise<void>)[] = [];
  const sampleListeners: ((serverId: string, samples: readonly StoredSample[]) => void)[] = [];

  const see = (serverId: string, instance: AgentInstance): void => {
    const before = live.get(instance.instanceId);
    live.set(instance.instanceId, { instance, serverId, seenAtMs: deps.clock.nowMs() });
    if (before === undefined || JSON.stringify(before.instance) !== JSON.stringify(instance))
      deps.changes.announce({ kind: 'instance', id: instance.instanceId });
  };

  /** What an agent had when it was followed last, and has no more. */
  const missingFrom = (serverId: string, instances: readonly AgentInstance[]): readonly string[] => {
    const there = new Set(instances.map(({ instanceId }) => instanceId));
    return [...live].flatMap(([instanceId, seen]) => (seen.serverId === serverId && !there.has(instanceId) ? [instanceId] : []));
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
    if (stored.length > 0) await deps.store.samples.add(stored);
    for (const listener of sampleListeners) listener(server.id, stored);
    if (samples.host.length > 0) deps.changes.announce({ kind: 'server', id: server.id });
  };

  /** Each on its own: what fails there is tried again, and nobody is blind meanwhile for what the agent tells. */
  const putInOrder = async (serverId: string, entry: Kept): Promise<void> => {
    const results = await Promise.allSettled(connectedListeners.map((listener) => listener(serverId)));
    const failed = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    if (failed.length === 0) return;
    deps.log.warn('after-connection', { server: serverId, errors: failed.map(String) });
    deps.clock.after(putInOrderAgainMs, () => {
      const isSame = kept.get(serverId) === entry && entry.link.state().state === 'connected';
      if (isSame) putInOrder(serverId, entry).catch((error: unknown) => deps.log.bug(error, { server: serverId }));
    });
  };

  const takeFacts = async (serverId: string, facts: HostFacts, entry: Kept): Promise<void> => {
    const state = entry.link.state();
    entry.seenAtMs = deps.clock.nowMs();
    const connected =
      state.state === 'connected' ? { agentVersion: state.agentVersion, clockOffsetMs: Math.round(state.clockOffsetMs) } : {};
    const row = await deps.store.servers.patch(serverId, { facts, ...connected, seenAtMs: entry.seenAtMs });
    if (row === undefined) return;
    deps.changes.announce({ kind: 'server', id: serverId });
    await putInOrder(serverId, entry);
  };

  const lastSeenOf = ({ link, seenAtMs }: Kept): number | undefined => (link.state().state === 'connected' ? deps.clock.nowMs() : seenAtMs);
  /** One commit for all of them, and nothing but these columns: whatever else was changed meanwhile stays. */
  const saveSeen = async (): Promise<void> => {
    const seen = [...kept].flatMap(([serverId, entry]) => {
      const seenAtMs = lastSeenOf(entry);
      return seenAtMs === undefined || seenAtMs === entry.savedSeenAtMs ? [] : [{ serverId, entry, seenAtMs }];
    });
    if (seen.length === 0) return;
    await deps.store.transaction(async (tables) => {
      for (const { serverId, entry, seenAtMs } of seen) {
        const state = entry.link.state();
        const clockOffsetMs = state.state === 'connected' ? Math.round(state.clockOffsetMs) : undefined;
        await tables.servers.patch(serverId, { seenAtMs: Math.round(seenAtMs), clockOffsetMs });
      }
    });
    for (const { entry, seenAtMs } of seen) entry.savedSeenAtMs = seenAtMs;
  };
  const trySaving = (): Promise<void> => saveSeen().catch((error: unknown) => deps.log.warn('server-seen', { error: String(error) }));
  let stopSaving: (() => void) | undefined;
  const keepSaving = (): void => {
    stopSaving ??= deps.clock.after(saveSeenEveryMs, () => {
      void trySaving().then(() => {
        stopSaving = undefined;
        if (kept.size > 0) keepSaving();
      });
    });
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
      savedSeenAtMs: server.seenAtMs,
    };
    kept.set(server.id, entry);
    keepSaving();
    const begin = (): void => {
      const mine = new AbortController();
      session = mine;
      const events = {
        onFacts: (facts: HostFacts) => takeFacts(server.id, facts, entry),
        onInstances: (instances: readonly AgentInstance[], removed: readonly string[], isWhole: boolean) => {
          entry.seenAtMs = deps.clock.nowMs();
          for (const instance of instances) see(server.id, instance);
          for (const instanceId of isWhole ? missingFrom(server.id, instances) : removed)
            if (live.delete(instanceId)) deps.changes.announce({ kind: 'instance', id: instanceId });
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
    return { link, seenAtMs: lastSeenOf(entry), now: entry.now, busiest: busiestOf(entry.peaks), measuredAtMs: entry.measuredAtMs };
  };

  return {
    open,
    close,
    closeAll: async () => {
      stopSaving?.();
      stopSaving = undefined;
      await trySaving();
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

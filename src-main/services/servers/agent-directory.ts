import type { AgentInstance } from '#contract/agent/instances.ts';
import type { Measurements } from '#contract/agent/monitoring.ts';
import type { HostFacts, ServerSigns } from '#contract/agent/servers.ts';
import type { MeasuredResources } from '#contract/api/base.ts';
import { knownValues, type MetricCatalogue, type MetricValues, resourcesOf } from '#contract/catalogue/metrics.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import { busiestOf, type Peaks, withMeasurement } from '../../model/monitoring/peaks.ts';
import { withFacts } from '../../model/servers/public-addresses.ts';
import type { Server } from '../../model/servers/server.ts';
import type { AgentReads, AgentLink, LinkOpener, CoreIdentity } from '../../ports/agent-link.ts';
import type { Agents, LiveInstance, LiveServer } from '../../ports/agents.ts';
import type { Changes } from '../../ports/changes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { FollowServer } from '../../ports/follow.ts';
import type { Log } from '../../ports/request.ts';
import type { Store, StoredSample } from '../../ports/store.ts';
import { LiveInstances } from './live-instances.ts';

type Kept = {
  readonly link: AgentLink;
  readonly dispose: () => Promise<void>;
  peaks: Peaks;
  now: MeasuredResources | undefined;
  measuredAtMs: number | undefined;
  seenAtMs: number | undefined;
  /** As the store has it. */
  savedSeenAtMs: number | undefined;
  /** The agent's whole list was received in this connection. */
  areInstancesKnown: boolean;
  /** Since when the list is not followed any more while the link stands. */
  instancesLostAtMs: number | undefined;
  signs: ServerSigns;
};

export type AgentDirectory = Agents & {
  /** Opens a kept link to a server of the farm; a second call with the same server is nothing. */
  readonly open: (server: Server) => Promise<void>;
  readonly close: (serverId: string) => Promise<void>;
  readonly closeAll: () => Promise<void>;
  readonly retry: (serverId: string) => void;
  /** Called after each connection, when the facts are known: what should be on the server is put in order until the signal is given. */
  readonly onConnected: (listener: (serverId: string, signal: AbortSignal) => Promise<void>) => void;
  readonly instancesOf: (serverId: string) => readonly LiveInstance[];
};

type Deps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly links: LinkOpener;
  readonly follow: FollowServer;
  readonly identity: () => CoreIdentity;
  readonly changes: Changes;
  readonly log: Log;
  /** The metrics that are kept; whatever else an agent tells falls away. */
  readonly metrics: MetricCatalogue;
};

/**
 * Measurements as they are stored: instants corrected to our clock, each with the agent's own instant and offset, and of the values those that the
 * catalogue has. Where none is left there is nothing to store.
 */
function toStored(farmId: string, serverId: string, measured: Measurements, offsetMs: number, metrics: MetricCatalogue): StoredSample[] {
  const clockOffsetMs = Math.round(offsetMs);
  const stored = (subjectId: string, atMs: number, values: MetricValues): StoredSample[] => {
    const agentAtMs = Math.round(atMs);
    const isEmpty = Object.keys(values).length === 0;
    return isEmpty ? [] : [{ farmId, serverId, subjectId, atMs: agentAtMs - clockOffsetMs, agentAtMs, clockOffsetMs, values }];
  };
  return [
    ...measured.server.flatMap(({ atMs, values }) => stored(serverId, atMs, knownValues(metrics.server, values))),
    ...measured.instances.flatMap(({ instanceId, atMs, values }) => stored(instanceId, atMs, knownValues(metrics.instance, values))),
  ];
}

/** So long a list that is not followed any more still counts: the stream is taken up again within seconds. */
const patienceMs = 15_000;
/** So old, at most, is what the store knows of when a server was seen last: more is lost with a core that is killed. */
const saveSeenEveryMs = 10_000;

/** Holds one kept link to each agent of the farm, and what was last seen through it. */
export function createAgentDirectory(deps: Deps): AgentDirectory {
  const kept = new Map<string, Kept>();
  const live = new LiveInstances();
  const connectedListeners: ((serverId: string, signal: AbortSignal) => Promise<void>)[] = [];
  let isFull = false;

  const see = (serverId: string, instance: AgentInstance): void => {
    const before = live.get(instance.instanceId);
    live.set({ instance, serverId, seenAtMs: deps.clock.nowMs() });
    if (before === undefined || JSON.stringify(before.instance) !== JSON.stringify(instance))
      deps.changes.announce({ kind: 'instance', id: instance.instanceId });
  };

  /** What is shown of the instances of this server hangs on whether they are followed. */
  const tellInstances = (serverId: string): void => deps.changes.announce({ kind: 'server', id: serverId });
  /** What is only measured again may be lost on a full disk; following an agent must not end with it. */
  const keepIfRoom = async (saving: Promise<unknown>): Promise<void> => {
    try {
      await saving;
      isFull = false;
    } catch (error) {
      if (!isFarmError(error, 'STORE_FULL')) throw error;
      if (!isFull) deps.log.warn('measured-not-kept', { code: error.code });
      isFull = true;
    }
  };

  const takeMeasured = async (server: Server, entry: Kept, measured: Measurements): Promise<void> => {
    const state = entry.link.state();
    const offset = state.state === 'connected' ? state.clockOffsetMs : server.clockOffsetMs;
    const stored = toStored(server.farmId, server.id, measured, offset, deps.metrics);
    for (const { atMs, values } of measured.server) {
      entry.now = resourcesOf(deps.metrics.server, values);
      entry.measuredAtMs = atMs - offset;
      entry.peaks = withMeasurement(entry.peaks, atMs - offset, entry.now);
    }
    entry.seenAtMs = deps.clock.nowMs();
    if (stored.length > 0) await keepIfRoom(deps.store.samples.add(stored));
    if (measured.server.length > 0) deps.changes.announce({ kind: 'server', id: server.id });
  };

  const takeFacts = async (serverId: string, facts: HostFacts, entry: Kept): Promise<void> => {
    const state = entry.link.state();
    entry.seenAtMs = deps.clock.nowMs();
    const connected =
      state.state === 'connected' ? { agentVersion: state.agentVersion, clockOffsetMs: Math.round(state.clockOffsetMs) } : {};
    const { seenAtMs } = entry;
    // As the row is now: a person may confirm other addresses at this very moment.
    const saving = deps.store.transaction(async ({ servers }) => {
      const row = await servers.get(serverId);
      if (row !== undefined) await servers.patch(serverId, { ...withFacts(row, facts), ...connected, seenAtMs });
    });
    await keepIfRoom(saving);
    deps.changes.announce({ kind: 'server', id: serverId });
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
    let stopPatience = (): void => undefined;
    const entry: Kept = {
      link,
      dispose: async () => {
        stopListening();
        session?.abort();
        stopPatience();
        await link.close();
      },
      peaks: new Map(),
      now: undefined,
      measuredAtMs: undefined,
      seenAtMs: server.seenAtMs,
      savedSeenAtMs: server.seenAtMs,
      areInstancesKnown: false,
      instancesLostAtMs: undefined,
      signs: {},
    };
    kept.set(server.id, entry);
    keepSaving();
    const begin = (): void => {
      const mine = new AbortController();
      session = mine;
      let hasFacts = false;
      void deps.follow(link, mine.signal, {
        onFacts: async (facts) => {
          await takeFacts(server.id, facts, entry);
          if (hasFacts) return;
          hasFacts = true;
          // Beside the following: whatever cannot be put in order must blind nobody.
          for (const listener of connectedListeners)
            listener(server.id, mine.signal).catch((error: unknown) => deps.log.bug(error, { serverId: server.id }));
        },
        onInstances: (instances, removed, isWhole) => {
          entry.seenAtMs = deps.clock.nowMs();
          for (const instance of instances) see(server.id, instance);
          const gone = isWhole ? live.missing(server.id, instances) : removed;
          for (const instanceId of gone) if (live.delete(instanceId)) deps.changes.announce({ kind: 'instance', id: instanceId });
        },
        onSigns: (signs) => {
          entry.signs = signs;
          deps.changes.announce({ kind: 'server', id: server.id });
        },
        newestSampleMs: () => deps.store.samples.newestAgentMs(server.id),
        onMeasured: (measured) => takeMeasured(server, entry, measured),
        onPart: (part, isFollowed) => {
          if (part !== 'instances') return;
          entry.instancesLostAtMs = isFollowed ? undefined : deps.clock.nowMs();
          entry.areInstancesKnown = isFollowed || entry.areInstancesKnown;
          tellInstances(server.id);
          stopPatience();
          // Nobody else would say it when the patience is over.
          if (!isFollowed) stopPatience = deps.clock.after(patienceMs, () => tellInstances(server.id));
        },
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
      entry.areInstancesKnown = false;
      tellInstances(server.id);
      entry.signs = {};
    });
    for (const { atMs, values } of await deps.store.samples.range(server.id, deps.clock.nowMs() - 86_400_000, deps.clock.nowMs()))
      entry.peaks = withMeasurement(entry.peaks, atMs, resourcesOf(deps.metrics.server, values));
  };

  const close = async (serverId: string): Promise<void> => {
    const entry = kept.get(serverId);
    kept.delete(serverId);
    for (const { instance } of live.of(serverId)) live.delete(instance.instanceId);
    await entry?.dispose();
  };

  const client = async (serverId: string, timeoutMs = 10_000): Promise<AgentReads> => {
    const entry = kept.get(serverId);
    if (entry === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: serverId });
    await entry.link.ready(timeoutMs);
    return entry.link.client;
  };

  const server = (serverId: string): LiveServer | undefined => {
    const entry = kept.get(serverId);
    if (entry === undefined) return undefined;
    const link = entry.link.state();
    return {
      link,
      seenAtMs: lastSeenOf(entry),
      now: entry.now,
      busiest: busiestOf(entry.peaks),
      measuredAtMs: entry.measuredAtMs,
      signs: entry.signs,
    };
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
    instancesOf: (serverId) => live.of(serverId),
    client,
    server,
    instance: (instanceId) => live.get(instanceId),
    followsInstances: (serverId) => {
      const entry = kept.get(serverId);
      if (entry === undefined || entry.link.state().state !== 'connected' || !entry.areInstancesKnown) return false;
      return entry.instancesLostAtMs === undefined || deps.clock.nowMs() - entry.instancesLostAtMs < patienceMs;
    },
    saw: see,
    forget: (instanceId) => {
      live.delete(instanceId);
      deps.changes.announce({ kind: 'instance', id: instanceId });
    },
  };
}

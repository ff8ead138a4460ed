import type { InstanceView } from '#contract/api/instances.ts';
import type { PlacementCandidate } from '#contract/api/placement.ts';
import type { Platform } from '#contract/package-manifest.ts';
import { isYounger } from '../../model/age.ts';
import { reserved } from '../../model/placement/load.ts';
import type { Amounts, PlacedInstance, Placement, PlacementRules, PlacementServer } from '../../model/placement/types.ts';
import type { DarkEdge } from '../../model/servers/edge-reach.ts';
import type { Server } from '../../model/servers/server.ts';
import type { LiveServer } from '../../ports/agents.ts';

/** A tenth of every server stays free for its own system and for what was not foreseen. */
const headroomFraction = 0.1;
/** Six missed measurements: an agent that restarts is back long before. */
const unseenLimitMs = 30_000;
/** A peak that is younger than this says little about an instance's busiest hour: until then its whole plan counts. */
const settledAfterMs = 15 * 60_000;
/** A link that has just been opened for the first time. */
const joiningMs = 10_000;

export const rulesAt = (nowMs: number): PlacementRules => ({ headroomFraction, unseenLimitMs, nowMs });

const amountsOf = ({ memoryBytes, cpuMillicores, diskBytes }: Amounts): Amounts => ({ memoryBytes, cpuMillicores, diskBytes });

function placed(view: InstanceView, nowMs: number): PlacedInstance {
  const isMeasured = view.memoryBytes !== undefined && nowMs - view.createdAtMs >= settledAfterMs;
  return { reserved: amountsOf(view.limits), placedAtMs: view.createdAtMs, isMeasured };
}

type Known = {
  readonly server: Server;
  readonly live: LiveServer | undefined;
  readonly instances: readonly InstanceView[];
  readonly darkEdge: DarkEdge | undefined;
  readonly hasPackage: boolean;
  /** Where the package runs; undefined: not asked about any package. */
  readonly platforms: readonly Platform[] | undefined;
  readonly nowMs: number;
};

function stateOf({ membership }: Server, isFirstLink: boolean): PlacementServer['state'] {
  if (membership === 'leaving' || membership === 'given-up') return 'leaving';
  return membership === 'joining' || isFirstLink ? 'joining' : 'ready';
}

/** What placement weighs of one server: its row, what was last measured, and everything that stands or is being placed there. */
export function placementServerOf({ server, live, instances, darkEdge, hasPackage, platforms, nowMs }: Known): PlacementServer {
  const isJoining = live?.seenAtMs === undefined && isYounger(nowMs, server.joinedAtMs, joiningMs);
  const { now, busiest } = live ?? {};
  return {
    id: server.id,
    name: server.name,
    state: stateOf(server, isJoining),
    isDraining: server.isDraining,
    capacity: server.facts.capacity,
    measured: now === undefined ? null : { now, peak: busiest ?? now },
    lastSeenMs: live?.seenAtMs ?? null,
    darkEdge,
    hasPackage,
    platformOk: platforms?.some(({ os, arch }) => os === server.facts.os && arch === server.facts.arch) ?? true,
    instances: instances.map((instance) => placed(instance, nowMs)),
  };
}

/** The verdicts with the numbers behind them, as they are shown and stored with the job. */
export function candidatesOf(
  placement: Placement,
  servers: readonly PlacementServer[],
  plan: Amounts,
  measuredAtMs: (serverId: string) => number | undefined,
): PlacementCandidate[] {
  const known = new Map(servers.map((server) => [server.id, server]));
  return placement.options.flatMap((option) => {
    const server = known.get(option.serverId);
    if (server === undefined) return [];
    const before = reserved(server);
    const atMs = measuredAtMs(server.id);
    return {
      ...option,
      capacity: { ...server.capacity },
      promisedAfter: {
        memoryBytes: before.memoryBytes + plan.memoryBytes,
        cpuMillicores: before.cpuMillicores + plan.cpuMillicores,
        diskBytes: before.diskBytes + plan.diskBytes,
      },
      ...(server.measured === null ? {} : { now: { ...server.measured.now }, busiest: { ...server.measured.peak } }),
      ...(atMs === undefined ? {} : { measuredAtMs: Math.round(atMs) }),
    };
  });
}

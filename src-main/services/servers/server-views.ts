import type { InstanceView } from '#contract/api/instances.ts';
import type { Mark, Resources } from '#contract/api/base.ts';
import type { ServerView } from '#contract/api/servers.ts';
import { noResources, sumOf } from '../../model/monitoring/peaks.ts';
import { conditionOf } from '../../model/servers/condition.ts';
import type { Sight } from '../../model/servers/edge-reach.ts';
import { isEdgeLocal } from '../../model/servers/public-addresses.ts';
import type { Server } from '../../model/servers/server.ts';
import type { Agents } from '../../ports/agents.ts';
import type { Clock } from '../../ports/clock.ts';

const letters: Record<Mark, string> = { good: 'g', working: 'w', warning: 'a', bad: 'b', paused: 'p', unknown: 'u' };

export type ServerViewDeps = {
  readonly agents: Agents;
  readonly clock: Clock;
  /** What stands on a server, for its reserved resources and its squares. */
  readonly instancesOn: (serverId: string) => readonly InstanceView[];
  /** What one of its addresses looked like from outside. */
  readonly sightOf: (serverId: string) => Sight | undefined;
  /** How many more of the smallest plan fit. */
  readonly roomOn: (server: Server) => number;
};

/** A server as a window sees it: the stored row, what was last measured, and what stands on it. */
export function serverViewOf(deps: ServerViewDeps, server: Server): ServerView {
  const live = deps.agents.server(server.id);
  const nowMs = deps.clock.nowMs();
  const instances = [...deps.instancesOn(server.id)].sort((one, other) => (one.name < other.name ? -1 : 1));
  const reserved = instances.reduce<Resources>((sum, instance) => sumOf(sum, instance.limits), noResources);
  const link = live?.link ?? { state: 'connecting' as const, sinceMs: server.seenAtMs };
  const seenAtMs = live?.seenAtMs ?? server.seenAtMs;
  const diskBytes = live?.now?.diskBytes;
  const diskFraction = diskBytes === undefined ? undefined : diskBytes / server.facts.capacity.diskBytes;
  const { isolation, bounds } = live?.signs ?? {};
  return {
    id: server.id,
    name: server.name,
    address: server.address,
    publicAddresses: [...server.publicAddresses],
    httpsPort: server.facts.httpsPort,
    httpPort: server.facts.httpPort,
    isEdgeLocal: isEdgeLocal(server.facts.edgeAddress),
    os: server.facts.osName,
    arch: server.facts.arch,
    osVersion: server.facts.osVersion,
    agentVersion: server.agentVersion,
    keyFingerprint: server.keyFingerprint,
    condition: conditionOf({
      link,
      seenAtMs,
      isDraining: server.isDraining,
      membership: server.membership,
      diskFraction,
      home: live?.signs.home,
      edge: { health: live?.signs.edge, sight: deps.sightOf(server.id) },
      joinedAtMs: server.joinedAtMs,
      nowMs,
    }),
    seenAtMs,
    clockOffsetMs: link.state === 'connected' && 'clockOffsetMs' in link ? Math.round(link.clockOffsetMs) : server.clockOffsetMs,
    isSimulated: server.facts.isSimulated,
    isDraining: server.isDraining,
    isIsolated: isolation === undefined ? server.facts.isIsolated : isolation.state === 'own',
    ...(isolation === undefined ? {} : { isolation }),
    ...(bounds === undefined ? {} : { bounds }),
    capacity: server.facts.capacity,
    ...(live?.now === undefined ? {} : { measured: live.now }),
    ...(live?.busiest === undefined ? {} : { busiest: live.busiest }),
    promised: reserved,
    room: deps.roomOn(server),
    field: instances.map((instance) => letters[instance.condition.mark]).join(''),
    joinedAtMs: server.joinedAtMs,
  };
}

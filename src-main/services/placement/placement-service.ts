import { createQueue } from '#kit/keyed-queue.ts';
import type { InstanceView } from '#contract/api/instances.ts';
import type { PlacementCandidate, PlacementProposal } from '#contract/api/placement.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import type { FarmId, InstanceId, PackageId, PlanId, ServerId } from '#contract/ids.ts';
import type { PackageManifest } from '#contract/package-manifest.ts';
import { override, place } from '../../model/placement/place.ts';
import { roomFor } from '../../model/placement/room.ts';
import type { PlacementServer } from '../../model/placement/types.ts';
import type { Plan } from '../../model/plans/plan.ts';
import type { DarkEdge } from '../../model/servers/edge-reach.ts';
import type { Server } from '../../model/servers/server.ts';
import type { Agents } from '../../ports/agents.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import { candidatesOf, placementServerOf, rulesAt } from './placement-servers.ts';

export type PlacementDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly agents: Agents;
  readonly farmId: () => FarmId;
  /** What stands on a server now; a reservation is an instance whose row names the server. */
  readonly instancesOn: (serverId: string) => readonly InstanceView[];
  /** Why visitors do not reach a server's edge now; undefined while that is not known to be so. */
  readonly darkEdge: (serverId: string) => DarkEdge | undefined;
  readonly packages: {
    readonly manifest: (packageId: string) => Promise<{ readonly manifest: PackageManifest }>;
    readonly hasOn: (serverId: string, packageId: string) => boolean;
  };
  /** How long a create usually takes here. */
  readonly usuallyMs: () => number | undefined;
};

type Choice = {
  readonly packageId: PackageId;
  readonly planId: PlanId;
  readonly instanceId: InstanceId;
  readonly wanted: ServerId | undefined;
  readonly tell: (candidates: readonly PlacementCandidate[]) => Promise<void>;
};
export type ChosenServer = { readonly serverId: ServerId; readonly candidates: readonly PlacementCandidate[] };

export type PlacementService = {
  readonly propose: (packageId: PackageId, planId: PlanId) => Promise<PlacementProposal>;
  /** Throws `NO_SERVER_FITS`, `SERVER_DOES_NOT_FIT`; see `services/instances/access.ts`. */
  readonly choose: (request: Choice, keep: (chosen: ChosenServer) => Promise<void>) => Promise<ChosenServer>;
  /** How many more of the farm's smallest plan a server would take. 0 until `load`. */
  readonly roomOn: (server: Server) => number;
  /** Reads the plans again: when the farm is opened, and when packages were added. */
  readonly load: () => Promise<void>;
};

/** So many servers may turn out to be held while one instance is placed. */
const mostChoices = 20;

/** Where instances go, and why. The decision itself is pure (`model/placement`); this gathers what it needs and takes one choice at a time. */
export function createPlacementService(deps: PlacementDeps): PlacementService {
  let smallest: Plan | undefined;
  const queued = createQueue();

  const load = async (): Promise<void> => {
    const plans = await deps.store.plans.find({ farmId: deps.farmId() });
    smallest = plans.toSorted((one, other) => one.memoryBytes - other.memoryBytes || one.diskBytes - other.diskBytes)[0];
  };

  const planOf = async (packageId: PackageId, planId: PlanId): Promise<Plan> => {
    const plan = await deps.store.plans.get(planId);
    if (plan === undefined) throw new FarmError('NOT_FOUND', { kind: 'plan', name: planId });
    if (plan.packageId !== packageId) throw new FarmError('PLAN_NOT_OF_PACKAGE', { plan: plan.key, packageId });
    return plan;
  };

  const gather = async (
    packageId: PackageId,
    except: InstanceId | undefined,
    held: ReadonlySet<string>,
  ): Promise<readonly PlacementServer[]> => {
    const { manifest } = await deps.packages.manifest(packageId);
    const servers = await deps.store.servers.find({ farmId: deps.farmId() });
    const weighed = servers.map((server) =>
      placementServerOf({
        server,
        live: deps.agents.server(server.id),
        instances: deps.instancesOn(server.id).filter((instance) => instance.id !== except),
        darkEdge: deps.darkEdge(server.id),
        hasPackage: deps.packages.hasOn(server.id, packageId),
        platforms: manifest.payload.flatMap((payload) => payload.platforms),
        nowMs: deps.clock.nowMs(),
      }),
    );
    return weighed.map((server) => (server.state === 'ready' && held.has(server.id) ? { ...server, state: 'maintenance' } : server));
  };

  const weigh = async (packageId: PackageId, plan: Plan, except: InstanceId | undefined, held: ReadonlySet<string> = new Set()) => {
    const servers = await gather(packageId, except, held);
    const placement = place(servers, plan, rulesAt(deps.clock.nowMs()));
    const candidates = candidatesOf(placement, servers, plan, (serverId) => deps.agents.server(serverId)?.measuredAtMs);
    return { placement, candidates, servers };
  };

  const chooseNow = async (request: Choice, keep: (chosen: ChosenServer) => Promise<void>, held: Set<string>): Promise<ChosenServer> => {
    const plan = await planOf(request.packageId, request.planId);
    const { placement, candidates, servers } = await weigh(request.packageId, plan, request.instanceId, held);
    await request.tell(candidates);
    if (request.wanted !== undefined) {
      const taken = override(placement, request.wanted);
      if (!taken.isOk) {
        if (taken.option === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: request.wanted });
        throw new FarmError('SERVER_DOES_NOT_FIT', { server: taken.option.serverName, reason: taken.option.reason.code });
      }
    }
    const serverId = request.wanted ?? placement.chosen;
    if (serverId === undefined) throw new FarmError('NO_SERVER_FITS', { plan: plan.key, servers: servers.length });
    const chosen = { serverId, candidates };
    await keep(chosen).catch((error: unknown) => {
      held.add(serverId);
      throw error;
    });
    return chosen;
  };
  /** A server that began to leave between the look and the reservation, or that a job holds, is one less to choose from. */
  const chooseAgain = async (request: Choice, keep: (chosen: ChosenServer) => Promise<void>): Promise<ChosenServer> => {
    const held = new Set<string>();
    for (let times = 1; ; times += 1) {
      try {
        return await chooseNow(request, keep, held);
      } catch (error) {
        const isOther =
          isFarmError(error, 'SERVER_DOES_NOT_FIT') || (isFarmError(error, 'NOT_FOUND') && error.parameters.kind === 'server');
        if (request.wanted !== undefined || !isOther || times >= mostChoices) throw error;
      }
    }
  };

  return {
    load,
    propose: async (packageId, planId) => {
      const plan = await planOf(packageId, planId);
      const { placement, candidates } = await weigh(packageId, plan, undefined);
      const usuallyMs = deps.usuallyMs();
      return {
        candidates,
        ...(placement.chosen === undefined ? {} : { chosen: placement.chosen }),
        ...(usuallyMs === undefined ? {} : { usuallyMs }),
      };
    },
    choose: (request, keep) => queued(() => chooseAgain(request, keep)),
    roomOn: (server) => {
      if (smallest === undefined) return 0;
      const nowMs = deps.clock.nowMs();
      const known = placementServerOf({
        server,
        live: deps.agents.server(server.id),
        instances: deps.instancesOn(server.id),
        darkEdge: deps.darkEdge(server.id),
        hasPackage: true,
        platforms: undefined,
        nowMs,
      });
      return roomFor(smallest, known, rulesAt(nowMs));
    },
  };
}

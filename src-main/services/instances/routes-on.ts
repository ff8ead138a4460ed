import type { AgentInstance } from '#contract/agent/instances.ts';
import type { EdgeRoute } from '#contract/agent/edge.ts';
import type { KeyedQueue } from '#kit/keyed-queue.ts';
import type { Instance } from '../../model/instances/instance.ts';
import type { AgentClient } from '../../ports/agent-link.ts';
import type { Reconcilable } from '../../ports/reconcile.ts';
import { orIfAbsent, siteOfRow } from '../../checks/site.ts';
import { putRoute } from './put-route.ts';
import type { InstanceServiceDeps } from './instance-service.ts';

type Deps = Pick<InstanceServiceDeps, 'store' | 'clock' | 'farm' | 'agents' | 'projection' | 'rows' | 'log'>;
type Wanted = Extract<Instance['wish'], 'running' | 'stopped' | 'suspended'>;
/** What visitors of an instance see, by what is wanted of it. */
const routeStates = { running: 'running', stopped: 'broken', suspended: 'suspended' } as const satisfies Record<Wanted, EdgeRoute['state']>;

const isSettled = (wish: Instance['wish']): wish is Wanted => Object.hasOwn(routeStates, wish);

/** The page that is wanted, or the one of an instance that is on its way to it. */
const isRouted = (wish: Wanted, route: EdgeRoute | undefined): boolean =>
  route !== undefined && (route.state === routeStates[wish] || (route.state === 'starting' && wish !== 'suspended'));

/** A suspend or stop that was cut off before the agent was told, a resume before it was taken back, a start that succeeded after all. */
const runsUnwanted = (wish: Wanted, instance: AgentInstance | undefined): boolean => wish !== 'running' && instance?.wanted === 'running';

/**
 * The instances of a server whose route is not the wanted one, or that run and should not; two looks for all of them. One that is suspended is stopped:
 * its customer is not to be served. One that is stopped and runs all the same is wanted to run: somebody's start was not answered in time, or their
 * stop never came there, and both were told that it failed. Each is put right on its own and in its turn, behind the acts that are under way. An
 * instance that a job holds is left to the job, and one that its agent does not have is left alone: it is told as missing, and a way to nothing would
 * help nobody.
 */
export async function routesOn(deps: Deps, inTurn: KeyedQueue<string>['run'], serverId: string): Promise<readonly Reconcilable[]> {
  const client = await deps.agents.client(serverId);
  const [{ routes }, { instances }] = await Promise.all([client.edge.routes(), client.instances.list()]);
  const known = new Map(instances.map((instance) => [instance.instanceId, instance]));
  const byHost = new Map(routes.map((route) => [route.host, route]));
  return deps.projection.on(serverId).flatMap(({ id, host }) => {
    const wish = deps.projection.row(id)?.wish;
    if (wish === undefined || !isSettled(wish)) return [];
    if (isRouted(wish, byHost.get(host)) && !runsUnwanted(wish, known.get(id))) return [];
    return [{ name: host, ensure: () => inTurn(id, () => settle(deps, client, id)) }];
  });
}

/** By what is wanted and what is there now: an act or a job may have come first. */
async function settle(deps: Deps, client: AgentClient, id: string): Promise<void> {
  const row = await deps.store.instances.get(id);
  if (row === undefined || !isSettled(row.wish) || (await deps.store.locks.get(`instance:${id}`)) !== undefined) return;
  const site = await siteOfRow(deps, row);
  const instance = await orIfAbsent(client.instances.describe({ instanceId: id }));
  if (instance === undefined) return;
  const isUnwanted = runsUnwanted(row.wish, instance);
  if (isUnwanted) deps.log.info('reconcile', { instance: id, wish: row.wish, agent: instance.wanted });
  const wish = isUnwanted && row.wish === 'stopped' ? 'running' : row.wish;
  await putRoute(deps, client, site, instance, routeStates[wish]);
  if (wish !== row.wish) await deps.rows.change(id, { wish });
  if (isUnwanted && wish !== 'running') deps.agents.saw(site.server.id, await client.instances.stop({ instanceId: id }));
}

import type { AgentInstance } from '#contract/agent/instances.ts';
import type { EdgeRoute } from '#contract/agent/edge.ts';
import type { Instance } from '../../model/instances/instance.ts';
import type { AgentClient } from '../../ports/agent-link.ts';
import { putRoute } from './agent-side.ts';
import { siteOfRow } from './instance-acts.ts';
import type { InstanceServiceDeps } from './instance-service.ts';

type Deps = Pick<InstanceServiceDeps, 'store' | 'clock' | 'farm' | 'agents' | 'projection' | 'rows' | 'log'>;
type Wanted = Extract<Instance['wish'], 'running' | 'stopped' | 'suspended'>;
/** What visitors of an instance see, by what is wanted of it. */
export const routeStates = { running: 'running', stopped: 'broken', suspended: 'suspended' } as const satisfies Record<
  Wanted,
  EdgeRoute['state']
>;

const isSettled = (wish: Instance['wish']): wish is Wanted => Object.hasOwn(routeStates, wish);

type Seen = { readonly instance: AgentInstance | undefined; readonly route: EdgeRoute | undefined };

/** The page that is wanted, or the one of an instance that is on its way to it. */
const isRouted = (wish: Wanted, { route }: Seen): boolean =>
  route !== undefined && (route.state === routeStates[wish] || (route.state === 'starting' && wish !== 'suspended'));

/** A suspend or stop that was cut off before the agent was told, a resume before it was taken back, a start that succeeded after all. */
const runsUnwanted = (wish: Wanted, { instance }: Seen): boolean => wish !== 'running' && instance?.wanted === 'running';

/**
 * After a server came back: each instance that stands there has the route that is wanted. One that is suspended does not run: its customer is not to be
 * served. One that is stopped and runs all the same is wanted to run: somebody's start was not answered in time, or their stop never came there, and
 * both were told that it failed. Asks the server twice, however many there are. Each is mended on its own and in its own turn, behind the acts that are
 * under way; what fails is logged and is tried again at the next connection. Resolves when all of them are under way.
 */
export async function reconcileOnServer(
  deps: Deps,
  inTurn: <Result>(id: string, work: () => Promise<Result>) => Promise<Result>,
  serverId: string,
): Promise<void> {
  const client = await deps.agents.client(serverId);
  const [{ routes }, { instances }] = await Promise.all([client.edge.routes(), client.instances.list()]);
  const seen = new Map(instances.map((instance) => [instance.instanceId, instance]));
  const byHost = new Map(routes.map((route) => [route.host, route]));
  for (const { id, host } of deps.projection.on(serverId)) {
    const wish = deps.projection.row(id)?.wish;
    const found = { instance: seen.get(id), route: byHost.get(host) };
    if (wish === undefined || !isSettled(wish) || (isRouted(wish, found) && !runsUnwanted(wish, found))) continue;
    inTurn(id, () => mend(deps, client, id)).catch((error: unknown) =>
      deps.log.warn('reconcile', { instance: id, server: serverId, error: error instanceof Error ? error.message : String(error) }),
    );
  }
}

/** By what is wanted and what is there now: an act or a job may have come first. */
async function mend(deps: Deps, client: AgentClient, id: string): Promise<void> {
  const row = await deps.store.instances.get(id);
  if (row === undefined || !isSettled(row.wish) || (await deps.store.locks.get(`instance:${id}`)) !== undefined) return;
  const site = await siteOfRow(deps, row);
  const instance = await client.instances.describe({ instanceId: id });
  const isUnwanted = runsUnwanted(row.wish, { instance, route: undefined });
  if (isUnwanted) deps.log.info('reconcile', { instance: id, wish: row.wish, agent: instance.wanted });
  const wish = isUnwanted && row.wish === 'stopped' ? 'running' : row.wish;
  await putRoute(deps, client, site, instance, routeStates[wish]);
  if (wish !== row.wish) await deps.rows.change(id, { wish });
  if (!isUnwanted || wish === 'running') return;
  deps.agents.saw(site.server.id, await client.instances.stop({ instanceId: id }));
}

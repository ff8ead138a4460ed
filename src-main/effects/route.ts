import type { EdgeRoute, EdgeRouteState } from '#contract/agent/edge.ts';
import type { Leftover } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import type { Language } from '#contract/ids.ts';
import { lookAt, type OnServer, type PlacedSite, placedSiteOf, siteOn } from '../checks/site.ts';
import type { Farm } from '../model/settings/farm.ts';
import type { AgentReads } from '../ports/agent-link.ts';
import type { AgentWritesOf } from '../ports/agent-writes.ts';
import type { Agents } from '../ports/agents.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import type { Effect } from './effect.ts';

export type RouteDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly agents: Agents;
  readonly agentWritesOf: AgentWritesOf;
  readonly farm: () => Farm;
};
/**
 * What visitors get: `running` the application, the others a page. `port`: the application's; absent: as its agent says. An agent lets a route that is
 * not suspended follow its application (it starts, it runs, it broke), so that such states are one and the same; `isExact`: they are not now.
 */
export type RouteWanted = { readonly shows: EdgeRouteState; readonly port?: string | undefined; readonly isExact?: true };
const isSuspended = ({ shows }: Pick<RouteWanted, 'shows'>): boolean => shows === 'suspended';
export type RouteFacts = { readonly shows: EdgeRouteState; readonly port: string };

/** The way from an instance's name to its application at the edge of a server. */
export function createRouteEffect(deps: RouteDeps): Effect<OnServer, RouteWanted, RouteFacts> {
  /** Of this instance, or nobody's: another that has come to the name since this one left it has a way of its own. */
  const routeOf = async (client: AgentReads, site: PlacedSite): Promise<EdgeRoute | undefined> => {
    const { routes } = await client.edge.routes();
    for (const route of routes) {
      const isOurs = route.instanceId === site.instanceId;
      if (isOurs || (route.host === site.host && (await deps.store.instances.get(route.instanceId)) === undefined)) return route;
    }
    return undefined;
  };
  return {
    kind: 'route',
    timeoutMs: 60_000,
    waiting: () => ({ code: 'check', parameters: {} }),
    server: ({ serverId }) => serverId,
    // Following keeps routes as they are desired; what drifted is told elsewhere.
    known: async (at) => {
      if ((await siteOn(deps, at)) === undefined) return 'place-gone';
      const port = deps.agents.instance(at.instanceId)?.instance.port;
      const desired = (await deps.store.instances.get(at.instanceId))?.desired;
      const shows =
        desired === undefined
          ? undefined
          : ({ running: 'running', stopped: 'broken', suspended: 'suspended' } as const)[desired as 'running'];
      return shows === undefined || port === undefined ? 'unknown' : { shows, port: String(port) };
    },
    observe: async (at) => {
      const site = await siteOn(deps, at);
      if (site === undefined) return 'place-gone';
      const found = await routeOf(await lookAt(deps, at.serverId), site);
      return found === undefined ? 'absent' : { shows: found.state, port: String(found.target.port) };
    },
    describe: (seen, wanted, { name }) => {
      const facts = typeof seen === 'object' ? seen : undefined;
      if (wanted === 'absent') return facts === undefined && seen !== 'unknown' ? undefined : { code: 'route-out', parameters: { name } };
      const isPage =
        facts !== undefined && (wanted.isExact === true ? facts.shows === wanted.shows : isSuspended(facts) === isSuspended(wanted));
      const isSo = isPage && (wanted.port === undefined || wanted.port === '' || wanted.port === facts.port);
      return isSo ? undefined : { code: `route-${wanted.shows}`, parameters: { name } };
    },
    ensure: async (at, { shows, port: known }, _seen, call) => {
      const site = await placedSiteOf(deps, at);
      call.waitFor({ code: 'route', parameters: { server: site.server.name } });
      const client = await deps.agents.client(at.serverId);
      const port =
        known === undefined || known === '' ? (await client.instances.describe({ instanceId: at.instanceId })).port : Number(known);
      await deps.agentWritesOf(client).edge.putRoute({
        host: site.host,
        instanceId: site.instanceId,
        target: { host: '127.0.0.1', port },
        state: shows,
        language: await languageOf(deps, site),
        providerName: deps.farm().name,
      });
      return { shows, port: String(port) };
    },
    remove: async (at, seen, call) => {
      const site = await siteOn(deps, at);
      if (site === undefined || seen === 'place-gone') return 'gone';
      call.waitFor({ code: 'route', parameters: { server: site.server.name } });
      const client = await deps.agents.client(at.serverId);
      const found = await routeOf(client, site);
      if (found === undefined) return 'gone';
      await deps.agentWritesOf(client).edge.removeRoute({ host: found.host, instanceId: found.instanceId });
      if ((await routeOf(client, site)) !== undefined)
        throw new FarmError('STILL_THERE', { name: at.name, what: 'route', witness: site.server.name });
      return 'gone';
    },
    restore: ({ shows, port }) => (port === '' ? { shows } : { shows, port }),
    evidence: async (at): Promise<readonly Leftover[]> => {
      const site = await siteOn(deps, at);
      if (site === undefined) return [];
      const isPresent = (await routeOf(await lookAt(deps, at.serverId), site)) !== undefined;
      const { name } = site.server;
      return [{ code: 'route', parameters: { host: site.host, server: name }, isPresent, checkedAtMs: deps.clock.nowMs(), witness: name }];
    },
  };
}

async function languageOf(deps: RouteDeps, site: PlacedSite): Promise<Language> {
  const row = await deps.store.instances.get(site.instanceId);
  const customer = row?.customerId == null ? undefined : await deps.store.customers.get(row.customerId);
  return customer?.language ?? deps.farm().language;
}

import type { EdgeRoute } from '#contract/agent/edge.ts';
import { type UpstreamLimits, usualUpstreamLimits } from './upstream/limits.ts';
import { Shares } from './upstream/shares.ts';
import { UpstreamPool } from './upstream/upstream-pool.ts';

/** One route with the pool of its upstream. Routes with the same target share a pool. */
export type RouteEntry = { readonly route: EdgeRoute; readonly pool: UpstreamPool; readonly webSockets: Shares };

export type RouteTable = {
  readonly find: (host: string) => RouteEntry | undefined;
  readonly put: (route: EdgeRoute) => void;
  readonly remove: (host: string) => void;
  readonly hosts: () => string[];
  readonly count: () => number;
};

type Upstream = { readonly pool: UpstreamPool; readonly webSockets: Shares; users: number };

/** Routes by host name. A pool whose last route is gone finishes what it has begun and closes. */
export function createRouteTable(limits: UpstreamLimits = usualUpstreamLimits): RouteTable {
  const routes = new Map<string, RouteEntry>();
  const pools = new Map<string, Upstream>();

  const keyOf = ({ target }: EdgeRoute): string => `${target.host} ${target.port}`;
  const take = (route: EdgeRoute): Upstream => {
    const key = keyOf(route);
    let upstream = pools.get(key);
    if (upstream === undefined) {
      upstream = { pool: new UpstreamPool(route.target, limits), webSockets: new Shares(limits.webSockets, limits.slowAfterMs), users: 0 };
      pools.set(key, upstream);
    }
    upstream.users += 1;
    return upstream;
  };
  const release = (route: EdgeRoute): void => {
    const key = keyOf(route);
    const existing = pools.get(key);
    if (existing === undefined) return;
    existing.users -= 1;
    if (existing.users > 0) return;
    pools.delete(key);
    existing.pool.close();
  };

  const remove = (host: string): void => {
    const before = routes.get(host);
    routes.delete(host);
    if (before !== undefined) release(before.route);
  };
  return {
    find: (host) => routes.get(host),
    put: (route) => {
      const before = routes.get(route.host);
      const { pool, webSockets } = take(route);
      routes.set(route.host, { route, pool, webSockets });
      if (before !== undefined) release(before.route);
    },
    remove,
    hosts: () => [...routes.keys()],
    count: () => routes.size,
  };
}

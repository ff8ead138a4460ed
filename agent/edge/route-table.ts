import { Pool } from 'undici';
import type { EdgeRoute } from '#contract/agent/edge.ts';

/** One route with the pool of its upstream. Routes with the same target share a pool. */
export type RouteEntry = { readonly route: EdgeRoute; readonly pool: Pool };

export type RouteTable = {
  readonly find: (host: string) => RouteEntry | undefined;
  readonly put: (route: EdgeRoute) => void;
  readonly remove: (host: string) => void;
  readonly hosts: () => string[];
  readonly count: () => number;
};

/** Generous, because applications import, export and think; a visitor who leaves ends it earlier. */
const firstByteMs = 300_000;
/** Between two pieces of an answer: long polls and event streams are silent for minutes. */
const betweenPiecesMs = 900_000;
const connectMs = 5_000;
const connectionsPerUpstream = 256;

/** Routes by host name. A pool whose last route is gone finishes what it has begun and closes. */
export function createRouteTable(): RouteTable {
  const routes = new Map<string, RouteEntry>();
  const pools = new Map<string, { pool: Pool; users: number }>();

  const keyOf = ({ target }: EdgeRoute): string => `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`;
  const take = (route: EdgeRoute): Pool => {
    const key = keyOf(route);
    const existing = pools.get(key);
    if (existing !== undefined) {
      existing.users += 1;
      return existing.pool;
    }
    const pool = new Pool(`http://${key}`, {
      connections: connectionsPerUpstream,
      pipelining: 1,
      headersTimeout: firstByteMs,
      bodyTimeout: betweenPiecesMs,
      // An upstream on this machine cannot vanish without a word; and Wine refuses a connection whose probes are set before it is made.
      connect: { timeout: connectMs, keepAlive: false },
      maxHeaderSize: 65_536,
    });
    pools.set(key, { pool, users: 1 });
    return pool;
  };
  const release = (route: EdgeRoute): void => {
    const key = keyOf(route);
    const existing = pools.get(key);
    if (existing === undefined) return;
    existing.users -= 1;
    if (existing.users > 0) return;
    pools.delete(key);
    existing.pool.close().catch(() => undefined);
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
      const pool = take(route);
      routes.set(route.host, { route, pool });
      if (before !== undefined) release(before.route);
    },
    remove,
    hosts: () => [...routes.keys()],
    count: () => routes.size,
  };
}

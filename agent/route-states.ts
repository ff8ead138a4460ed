import { createKeyedQueue } from '#kit/keyed-queue.ts';
import type { EdgeRoute, EdgeRouteState } from '#contract/agent/edge.ts';
import type { AgentLog, EdgeControl } from './ports.ts';

/** What visitors see: what the core desires, and the instance's state where that lets it through. */
export type RouteStates = {
  /** The core's word about a route. `suspended` wins over everything; any other state follows the instance. */
  readonly want: (route: EdgeRoute) => Promise<void>;
  /** With `instanceId`, the way of another instance that has come to the host since stays. */
  readonly forget: (host: string, instanceId?: string) => Promise<void>;
  /** What the instance of a host does now, and at which port: it may have had to leave the one that the core knows. Cheap when nothing changed. */
  readonly onState: (host: string, instanceId: string, state: EdgeRouteState, port: number) => void;
  /** Resolves when the edge was told, or could not be, all that was said of a host so far. Never throws. */
  readonly settled: (host: string) => Promise<void>;
  /** Takes the routes that the edge already has, after a start of the agent. */
  readonly load: () => Promise<void>;
};

/**
 * The desired state needs no file of its own: the edge's route file says `suspended` exactly when the core said so, because an instance never does.
 */
export function createRouteStates(edge: EdgeControl, log: AgentLog): RouteStates {
  const desiredRoutes = new Map<string, EdgeRoute>();
  const live = new Map<string, { readonly instanceId: string; readonly state: EdgeRouteState; readonly port: number }>();
  const shown = new Map<string, string>();

  const apply = async (host: string): Promise<void> => {
    const desired = desiredRoutes.get(host);
    if (desired === undefined) return;
    const now = live.get(host);
    const isItsOwn = now?.instanceId === desired.instanceId;
    const state = isItsOwn && desired.state !== 'suspended' ? now.state : desired.state;
    const route = isItsOwn ? { ...desired, state, target: { ...desired.target, port: now.port } } : desired;
    const text = JSON.stringify(route);
    if (shown.get(host) === text) return;
    await edge.putRoute(route);
    shown.set(host, text);
  };
  /** Acts on one host follow one another, so that an older state never comes to lie over a newer one. */
  const queue = createKeyedQueue().run;

  return {
    want: (route) =>
      queue(route.host, async () => {
        // Asked anew, it is written anew: the core may be mending what somebody broke.
        shown.delete(route.host);
        desiredRoutes.set(route.host, route);
        await apply(route.host);
      }),
    forget: (host, instanceId) =>
      queue(host, async () => {
        const desired = desiredRoutes.get(host);
        if (instanceId !== undefined && desired !== undefined && desired.instanceId !== instanceId) return;
        desiredRoutes.delete(host);
        shown.delete(host);
        await edge.removeRoute(host);
      }),
    onState: (host, instanceId, state, port) => {
      const before = live.get(host);
      if (before?.instanceId === instanceId && before.state === state && before.port === port) return;
      live.set(host, { instanceId, state, port });
      if (!desiredRoutes.has(host)) return;
      void queue(host, () => apply(host)).catch((error: unknown) => {
        log.bug(error, { host, state });
        // Forgotten, so that the next word about this host tries again.
        live.delete(host);
      });
    },
    settled: (host) => queue(host, () => Promise.resolve()),
    load: async () => {
      for (const route of await edge.routes()) {
        desiredRoutes.set(route.host, route);
        shown.set(route.host, JSON.stringify(route));
      }
    },
  };
}

import { implement } from '@orpc/server';
import type { EdgeRoute } from '#contract/agent/edge.ts';
import { agentApi } from '#contract/agent/index.ts';
import type { EdgeControl } from '../ports.ts';

export type EdgeCommandNeeds = {
  readonly edge: EdgeControl;
  /** Takes what the core wishes of a route; what the instance does decides between running, starting and broken. */
  readonly wishRoute: (route: EdgeRoute) => Promise<void>;
  readonly forgetRoute: (host: string, instanceId?: string) => Promise<void>;
};

/** Routes of the edge, and the edge itself. */
export function createEdgeCommands({ edge, wishRoute, forgetRoute }: EdgeCommandNeeds) {
  const area = implement(agentApi.edge);
  return area.router({
    putRoute: area.putRoute.handler(async ({ input }) => {
      await wishRoute(input);
      return {};
    }),
    removeRoute: area.removeRoute.handler(async ({ input }) => {
      await forgetRoute(input.host, input.instanceId);
      return {};
    }),
    routes: area.routes.handler(async () => ({ routes: [...(await edge.routes())] })),
    status: area.status.handler(() => edge.status()),
  });
}

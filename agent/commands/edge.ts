import { implement } from '@orpc/server';
import type { EdgeRoute } from '#contract/agent/edge.ts';
import { agentApi } from '#contract/agent/index.ts';
import type { EdgeControl } from '../ports.ts';

export type EdgeCommandNeeds = {
  readonly edge: EdgeControl;
  /** Takes what the core desires of a route; what the instance does decides between running, starting and broken. */
  readonly wantRoute: (route: EdgeRoute) => Promise<void>;
  readonly forgetRoute: (host: string, instanceId?: string) => Promise<void>;
};

/** Routes of the edge, and the edge itself. */
export function createEdgeCommands({ edge, wantRoute, forgetRoute }: EdgeCommandNeeds) {
  const area = implement(agentApi.edge);
  return area.router({
    putRoute: area.putRoute.handler(async ({ input }) => {
      await wantRoute(input);
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

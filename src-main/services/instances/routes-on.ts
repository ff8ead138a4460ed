import type { Reconcilable } from '../../ports/reconcile.ts';
import { putRoute } from './agent-side.ts';
import type { InstanceProjection } from './instance-projection.ts';
import { siteOfRow } from './instance-acts.ts';
import { type InstanceJobDeps, orIfAbsent } from './work.ts';

type Deps = Pick<InstanceJobDeps, 'agents' | 'clock' | 'store' | 'farm'> & { readonly projection: Pick<InstanceProjection, 'on' | 'row'> };

const routeStates = { running: 'running', stopped: 'broken', suspended: 'suspended' } as const;

/**
 * The routes that the edge of a server should have and has not, one look for all of them. Each is put right on its own; an instance that a job holds is
 * left to the job, and one that its agent does not have is left alone: it is told as missing, and a way to nothing would help nobody.
 */
export async function routesOn(deps: Deps, serverId: string): Promise<readonly Reconcilable[]> {
  const client = await deps.agents.client(serverId);
  const { routes } = await client.edge.routes();
  return deps.projection.on(serverId).flatMap((view) => {
    const row = deps.projection.row(view.id);
    if (row === undefined || row.wish === 'made' || row.wish === 'removed') return [];
    const state = routeStates[row.wish];
    const there = routes.find((route) => route.host === view.host);
    if (there !== undefined && (there.state === state || there.state === 'starting')) return [];
    const ensure = async (): Promise<void> => {
      if ((await deps.store.locks.get(`instance:${view.id}`)) !== undefined) return;
      const instance = await orIfAbsent(client.instances.describe({ instanceId: view.id }));
      if (instance === undefined) return;
      await putRoute(deps, client, await siteOfRow(deps, row), instance, state);
    };
    return [{ name: view.host, ensure }];
  });
}

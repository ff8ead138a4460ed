import type { AgentInstance } from '#contract/agent/instances.ts';
import type { EdgeRouteState } from '#contract/agent/edge.ts';
import type { AgentClient } from '../../ports/agent-link.ts';
import type { PlacedSite } from '../../checks/site.ts';
import type { InstanceServiceDeps } from './instance-service.ts';

/** The edge of the instance's server leads its name to the application, or shows a page in its place. */
export async function putRoute(
  deps: Pick<InstanceServiceDeps, 'store' | 'farm'>,
  client: AgentClient,
  site: PlacedSite,
  instance: AgentInstance,
  state: EdgeRouteState,
): Promise<void> {
  const row = await deps.store.instances.get(site.instanceId);
  const customer = row?.customerId == null ? undefined : await deps.store.customers.get(row.customerId);
  await client.edge.putRoute({
    host: site.host,
    instanceId: site.instanceId,
    target: { host: '127.0.0.1', port: instance.port },
    state,
    language: customer?.language ?? deps.farm().language,
    providerName: deps.farm().name,
  });
}

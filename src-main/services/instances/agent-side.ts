import type { AgentInstance } from '#contract/agent/instances.ts';
import type { Trace } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import type { EdgeRouteState } from '#contract/agent/edge.ts';
import type { Language } from '#contract/ids.ts';
import type { AgentClient } from '../../ports/agent-link.ts';
import { type InstanceJobDeps, lookAt, orIfAbsent, type PlacedSite } from './work.ts';

type Deps = Pick<InstanceJobDeps, 'agents' | 'clock' | 'store' | 'farm'>;

/** The instance as its agent has it; undefined when it is not there. */
export async function described(deps: Deps, site: PlacedSite): Promise<AgentInstance | undefined> {
  const client = await lookAt(deps, site.server);
  return orIfAbsent(client.instances.describe({ instanceId: site.instanceId }));
}

async function languageOf(deps: Deps, site: PlacedSite): Promise<Language> {
  const row = await deps.store.instances.get(site.instanceId);
  const customer = row?.customerId == null ? undefined : await deps.store.customers.get(row.customerId);
  return customer?.language ?? deps.farm().language;
}

/** The edge of the instance's server leads its name to the application, or shows a page in its place. */
export async function putRoute(
  deps: Deps,
  client: AgentClient,
  site: PlacedSite,
  instance: AgentInstance,
  state: EdgeRouteState,
): Promise<void> {
  await client.edge.putRoute({
    host: site.host,
    instanceId: site.instanceId,
    target: { host: '127.0.0.1', port: instance.port },
    state,
    language: await languageOf(deps, site),
    providerName: deps.farm().name,
  });
}

export async function hasRoute(client: AgentClient, site: PlacedSite): Promise<boolean> {
  const { routes } = await client.edge.routes();
  return routes.some((route) => route.host === site.host || route.instanceId === site.instanceId);
}

/** The name leads nowhere any more. Absent is fine. Throws `STILL_THERE` when the edge still has it. */
export async function dropRoute(client: AgentClient, site: PlacedSite): Promise<void> {
  await client.edge.removeRoute({ host: site.host });
  if (await hasRoute(client, site)) throw new FarmError('STILL_THERE', { name: site.name, what: 'route', witness: site.server.name });
}

/** Process, folder, user, port and log are gone. Absent is fine. Throws `STILL_THERE` naming what is not. */
export async function dropFromServer(deps: Deps, site: PlacedSite): Promise<void> {
  const client = await deps.agents.client(site.server.id);
  await client.instances.remove({ instanceId: site.instanceId });
  const left = (await serverTraces(deps, site, '')).find(({ isPresent }) => isPresent);
  if (left !== undefined) throw new FarmError('STILL_THERE', { name: site.name, what: left.code, witness: left.witness });
}

export async function routeTrace(deps: Deps, site: PlacedSite): Promise<Trace> {
  const client = await lookAt(deps, site.server);
  const isPresent = await hasRoute(client, site);
  const { name } = site.server;
  return { code: 'route', parameters: { host: site.host, server: name }, isPresent, checkedAtMs: deps.clock.nowMs(), witness: name };
}

/** What the server still has of the instance. `port`: as it was, to be named. */
export async function serverTraces(deps: Deps, site: PlacedSite, port: string): Promise<Trace[]> {
  const client = await lookAt(deps, site.server);
  const left = await client.instances.remains({ instanceId: site.instanceId });
  const log = await orIfAbsent(client.instances.log({ instanceId: site.instanceId, lines: 1 }));
  const server = site.server.name;
  const trace = (code: string, isPresent: boolean, more: Record<string, string> = {}): Trace => ({
    code,
    parameters: { server, ...more },
    isPresent,
    checkedAtMs: deps.clock.nowMs(),
    witness: server,
  });
  return [
    trace('process', left.processIds.length > 0),
    trace('port', left.isPortOpen, { port }),
    trace('folder', left.hasFolder || left.hasState),
    trace('user', left.hasUser),
    trace('log', log !== undefined),
  ];
}

export const rowTrace = (deps: Deps, name: string, isPresent: boolean): Trace => ({
  code: 'row',
  parameters: { name },
  isPresent,
  checkedAtMs: deps.clock.nowMs(),
  witness: 'core',
});

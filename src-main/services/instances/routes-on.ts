import type { KeyedQueue } from '#kit/keyed-queue.ts';
import type { Instance } from '../../model/instances/instance.ts';
import type { InstanceWanted, Reconcilable } from '../../ports/reconcile.ts';
import { refOf } from '../../checks/site.ts';
import type { InstanceServiceDeps } from './instance-service.ts';

type Deps = Pick<InstanceServiceDeps, 'store' | 'agents' | 'projection' | 'log' | 'healer' | 'packages'>;

/** What stands on the server by what is wanted; undefined while a job makes or removes it. */
function runOf({ desired }: Instance): Omit<InstanceWanted, 'agreed'> | undefined {
  switch (desired) {
    case 'running':
      return { run: 'running', shows: 'running' };
    case 'stopped':
      return { run: 'stopped', shows: 'broken' };
    case 'suspended':
      return { run: 'stopped', shows: 'suspended' };
    case 'made':
    case 'removed':
      return undefined;
  }
}

async function wantedOf(deps: Pick<Deps, 'packages'>, row: Instance | undefined): Promise<InstanceWanted | undefined> {
  const run = row === undefined ? undefined : runOf(row);
  return row === undefined || run === undefined ? undefined : { ...run, agreed: await deps.packages.agreedFor(row.packageId) };
}

const nothing = { loopbackPorts: [], metadata: false };
const lockOf = (id: string): string => `instance:${id}`;

/** So long one instance may keep the others of its server waiting. */
const healMs = 120_000;

/**
 * The instances of a server whose route, process or reach is not as it is wanted; two looks for all of them. What is wanted is written before anybody tells the
 * server, so that an act that was cut off, or whose server was away, comes to its end here. Each is put right on its own and in its turn. An instance that
 * a job holds is left to the job and told as locked, because an undo may bring back what was not as it was wanted; one that its agent does not have is left
 * alone: it is told as missing.
 */
export async function routesOn(deps: Deps, queued: KeyedQueue<string>['run'], serverId: string): Promise<readonly Reconcilable[]> {
  const client = await deps.agents.client(serverId);
  const locked = new Set((await deps.store.locks.find()).map((lock) => lock.id));
  const [{ routes }, { instances }] = await Promise.all([client.edge.routes(), client.instances.list()]);
  const known = new Map(instances.map((instance) => [instance.instanceId, instance]));
  const byHost = new Map(routes.map((route) => [route.host, route]));
  const rows = deps.projection.on(serverId).map(({ id, host }) => ({ id, host, row: deps.projection.row(id) }));
  const asking = [...new Set(rows.flatMap(({ row }) => row?.packageId ?? []))];
  const agreed = new Map(await Promise.all(asking.map(async (id) => [id, await deps.packages.agreedFor(id)] as const)));
  return rows.flatMap(({ id, host, row }) => {
    if (locked.has(lockOf(id))) return [{ name: host, ensure: () => queued(id, () => settle(deps, id)) }];
    const run = row === undefined ? undefined : runOf(row);
    const wanted = run === undefined || row === undefined ? undefined : { ...run, agreed: agreed.get(row.packageId) ?? nothing };
    if (row?.serverId == null || wanted === undefined) return [];
    const at = { ...refOf(row), serverId: row.serverId };
    if (deps.healer.isSo(at, wanted, { instance: known.get(id), route: byHost.get(host) })) return [];
    return [{ name: host, ensure: () => queued(id, () => settle(deps, id)) }];
  });
}

/** By what is wanted and what is there now: an act or a job may have come first. */
async function settle(deps: Deps, id: string): Promise<'locked' | undefined> {
  if ((await deps.store.locks.get(lockOf(id))) !== undefined) return 'locked';
  const row = await deps.store.instances.get(id);
  const wanted = await wantedOf(deps, row);
  if (row?.serverId == null || wanted === undefined) return undefined;
  deps.log.info('reconcile', { instance: id, ...wanted });
  await deps.healer.heal({ ...refOf(row), serverId: row.serverId }, wanted, AbortSignal.timeout(healMs));
  return undefined;
}

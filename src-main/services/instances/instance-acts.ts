import { createKeyedQueue } from '#kit/keyed-queue.ts';
import type { InstanceView } from '#contract/api/instances.ts';
import type { JobView } from '#contract/api/jobs.ts';
import type { AgentInstance } from '#contract/agent/instances.ts';
import type { EdgeRouteState } from '#contract/agent/edge.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import type { InstanceId } from '#contract/ids.ts';
import type { Instance, InstanceWish } from '../../model/instances/instance.ts';
import type { By } from '../../model/operators/by.ts';
import type { AgentClient } from '../../ports/agent-link.ts';
import { putRoute } from './agent-side.ts';
import type { InstanceServiceDeps } from './instance-service.ts';
import type { PlacedSite } from './work.ts';

export type Act = 'start' | 'stop' | 'restart' | 'suspend' | 'resume' | 'handOver' | 'check' | 'remove';

/** In which wishes an act makes sense. */
const allowed: Record<Act, readonly InstanceWish[]> = {
  start: ['running', 'stopped'],
  stop: ['running', 'stopped'],
  restart: ['running', 'stopped'],
  suspend: ['running', 'stopped', 'suspended'],
  resume: ['suspended', 'running'],
  handOver: ['running', 'stopped', 'suspended'],
  check: ['running', 'stopped', 'suspended', 'made'],
  remove: ['running', 'stopped', 'suspended', 'made'],
};

type Deps = Pick<InstanceServiceDeps, 'store' | 'clock' | 'farm' | 'agents' | 'rows' | 'engine' | 'projection'>;

export async function rowOf(deps: Pick<Deps, 'store'>, id: string): Promise<Instance> {
  const row = await deps.store.instances.get(id);
  if (row === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name: id });
  return row;
}

/** The row, when nobody else works on the instance and the act makes sense now. Throws `OBJECT_BUSY`, `INSTANCE_STATE`. */
export async function rowFor(deps: Pick<Deps, 'store'>, id: string, act: Act): Promise<Instance> {
  const row = await rowOf(deps, id);
  // looking changes nothing, so that it is never in anybody's way
  const lock = act === 'check' ? undefined : await deps.store.locks.get(`instance:${id}`);
  if (lock !== undefined) throw new FarmError('OBJECT_BUSY', { kind: 'instance', name: row.name, jobId: lock.jobId });
  if (!allowed[act].includes(row.wish)) throw new FarmError('INSTANCE_STATE', { name: row.name, state: row.wish, wanted: act });
  return row;
}

export async function siteOfRow(deps: Pick<Deps, 'store'>, row: Instance): Promise<PlacedSite> {
  const domain = await deps.store.domains.get(row.domainId);
  if (domain === undefined) throw new FarmError('NOT_FOUND', { kind: 'domain', name: row.domainId });
  const server = row.serverId === null ? undefined : await deps.store.servers.get(row.serverId);
  if (server === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: row.name });
  return { instanceId: row.id, name: row.name, host: `${row.name}.${domain.name}`, domain, packageId: row.packageId, server };
}

export type InstanceActs = Record<
  'start' | 'stop' | 'restart' | 'suspend' | 'resume',
  (id: InstanceId, by: By) => Promise<InstanceView>
> & {
  readonly remove: (id: InstanceId, by: By) => Promise<JobView>;
};

/** Acts that take a moment, not a job. Each may be repeated; the wish is saved once the server has done it, so that a screen never tells what is not. */
export function createInstanceActs(deps: Deps): InstanceActs {
  /** One act of an instance at a time. */
  const inTurn = createKeyedQueue().run;

  const act =
    (
      kind: Exclude<Act, 'handOver' | 'check' | 'remove'>,
      wish: InstanceWish,
      work: (
        client: AgentClient,
        site: PlacedSite,
        route: (state: EdgeRouteState, instance: AgentInstance) => Promise<void>,
      ) => Promise<AgentInstance>,
    ) =>
    (id: InstanceId, by: By) =>
      inTurn(id, async () => {
        const row = await rowFor(deps, id, kind);
        const site = await siteOfRow(deps, row);
        const client = await deps.agents.client(site.server.id);
        const told = { parameters: {}, actor: by.actor, failure: null };
        const instance = await work(client, site, (state, known) => putRoute(deps, client, site, known, state)).catch(async (error) => {
          const failure = isFarmError(error) ? { code: error.code, parameters: { ...error.parameters } } : null;
          // what went wrong is thrown on; a journal that cannot be written must not hide it
          await deps.rows.change(id, {}, { ...told, code: 'act.failed', parameters: { act: kind }, failure }).catch(() => undefined);
          throw error;
        });
        deps.agents.saw(site.server.id, instance);
        await deps.rows.change(id, { wish }, { ...told, code: `act.${kind}` });
        const view = deps.projection.get(id);
        if (view === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name: row.name });
        return view;
      });

  /** Visitors see "starting" until the application answers; when it never does they see that it is broken. */
  const startBehind = async (
    client: AgentClient,
    site: PlacedSite,
    route: (state: EdgeRouteState, instance: AgentInstance) => Promise<void>,
    begin: () => Promise<AgentInstance>,
  ): Promise<AgentInstance> => {
    const before = await client.instances.describe({ instanceId: site.instanceId });
    if (before.process.state !== 'running') await route('starting', before);
    try {
      const started = await begin();
      await route('running', started);
      return started;
    } catch (error) {
      await route('broken', before).catch(() => undefined);
      throw error;
    }
  };

  const ref = (site: PlacedSite) => ({ instanceId: site.instanceId });
  return {
    start: act('start', 'running', (client, site, route) => startBehind(client, site, route, () => client.instances.start(ref(site)))),
    restart: act('restart', 'running', (client, site, route) =>
      startBehind(client, site, route, () => client.instances.restart(ref(site))),
    ),
    resume: act('resume', 'running', (client, site, route) => startBehind(client, site, route, () => client.instances.start(ref(site)))),
    stop: act('stop', 'stopped', async (client, site, route) => {
      await route('broken', await client.instances.describe(ref(site)));
      return client.instances.stop(ref(site));
    }),
    suspend: act('suspend', 'suspended', async (client, site, route) => {
      await route('suspended', await client.instances.describe(ref(site)));
      return client.instances.stop(ref(site));
    }),
    remove: (id, by) =>
      inTurn(id, async () => {
        const begun = await deps.engine.begunBy('remove', by);
        if (begun !== undefined) return begun;
        const { wish, name, domainId, packageId, planId, serverId } = await rowFor(deps, id, 'remove');
        const view = await deps.engine.begin({
          type: 'remove',
          subject: { kind: 'instance', id, name },
          by,
          input: { instanceId: id, name, domainId, packageId, planId, serverId, wish },
          locks: [`instance:${id}`],
          within: async (tables, job) => {
            const row = await tables.instances.get(id);
            if (row === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name });
            await tables.instances.put({ ...row, wish: 'removed', jobId: job.id });
          },
        });
        await deps.rows.announce(id);
        return view;
      }),
  };
}

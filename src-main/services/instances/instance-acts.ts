import type { KeyedQueue } from '#kit/keyed-queue.ts';
import type { InstanceView } from '#contract/api/instances.ts';
import type { JobView } from '#contract/api/jobs.ts';
import type { AgentInstance } from '#contract/agent/instances.ts';
import type { EdgeRouteState } from '#contract/agent/edge.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import type { InstanceId } from '#contract/ids.ts';
import type { Instance, InstanceWish } from '../../model/instances/instance.ts';
import type { By } from '../../model/operators/by.ts';
import type { AgentClient } from '../../ports/agent-link.ts';
import { orIfAbsent, type PlacedSite, siteOfRow } from '../../checks/site.ts';
import type { InstanceServiceDeps } from './instance-service.ts';
import { putRoute } from './put-route.ts';

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

export type InstanceActs = Record<
  'start' | 'stop' | 'restart' | 'suspend' | 'resume',
  (id: InstanceId, by: By) => Promise<InstanceView>
> & {
  readonly remove: (id: InstanceId, by: By) => Promise<JobView>;
};

type OnServer = {
  readonly client: AgentClient;
  readonly site: PlacedSite;
  readonly route: (state: EdgeRouteState, instance: AgentInstance) => Promise<void>;
};
/** What an act does on the server, and what is wanted of the instance after it has failed there. */
type ActWork = {
  readonly wish: InstanceWish;
  /**
   * What takes an instance off the air is saved before its server is told: cut off after that, nobody calls it broken, and the next connection
   * brings a suspend to its end. What puts it on the air is saved after, so that nothing is told to run that does not.
   */
  readonly isSavedFirst: boolean;
  readonly work: (on: OnServer) => Promise<AgentInstance>;
  readonly afterFailure: (on: OnServer, before: InstanceWish) => Promise<InstanceWish>;
};

const ref = ({ site }: OnServer) => ({ instanceId: site.instanceId });
const describe = (on: OnServer): Promise<AgentInstance> => on.client.instances.describe(ref(on));

/** Visitors see "starting" until the application answers; when it never does they see that it is broken. */
async function startBehind(on: OnServer, begin: () => Promise<AgentInstance>): Promise<AgentInstance> {
  const before = await describe(on);
  if (before.process.state !== 'running') await on.route('starting', before);
  try {
    const started = await begin();
    await on.route('running', started);
    return started;
  } catch (error) {
    await on.route('broken', before).catch(() => undefined);
    throw error;
  }
}

/** An agent that was told to start goes on trying: then that is what is wanted, and not what was before. */
async function afterFailedStart(on: OnServer, before: InstanceWish): Promise<InstanceWish> {
  const now = await describe(on).catch(() => undefined);
  return now?.wanted === 'running' ? 'running' : before;
}

/** An agent that was told to stop, or cannot be asked: the next connection settles it. One that refuses goes on as before. */
const afterFailedStop =
  (wish: InstanceWish) =>
  async (on: OnServer, before: InstanceWish): Promise<InstanceWish> => {
    const now = await orIfAbsent(describe(on)).catch(() => 'not-asked' as const);
    // what is not there was neither stopped nor suspended
    if (now === undefined) return before;
    if (now === 'not-asked' || now.wanted !== 'running' || before !== 'running') return wish;
    await on.route('running', now).catch(() => undefined);
    return before;
  };

/** A suspended instance that does not come back stays suspended: it is not to come on the air by itself later. */
async function afterFailedResume(on: OnServer, before: InstanceWish): Promise<InstanceWish> {
  if (before !== 'suspended') return afterFailedStart(on, before);
  try {
    await on.client.instances.stop(ref(on));
  } catch {
    // the next connection stops it
  }
  return before;
}

const start = { wish: 'running', isSavedFirst: false, afterFailure: afterFailedStart } as const;
const works: Record<Exclude<Act, 'handOver' | 'check' | 'remove'>, ActWork> = {
  start: { ...start, work: (on) => startBehind(on, () => on.client.instances.start(ref(on))) },
  restart: { ...start, work: (on) => startBehind(on, () => on.client.instances.restart(ref(on))) },
  resume: {
    ...start,
    afterFailure: afterFailedResume,
    // behind the page that says "suspended", until it answers
    work: async (on) => {
      const started = await on.client.instances.start(ref(on));
      await on.route('running', started);
      return started;
    },
  },
  stop: {
    wish: 'stopped',
    isSavedFirst: true,
    afterFailure: afterFailedStop('stopped'),
    work: async (on) => {
      await on.route('broken', await describe(on));
      return on.client.instances.stop(ref(on));
    },
  },
  suspend: {
    wish: 'suspended',
    isSavedFirst: true,
    afterFailure: afterFailedStop('suspended'),
    work: async (on) => {
      await on.route('suspended', await describe(on));
      return on.client.instances.stop(ref(on));
    },
  },
};

/** Acts that take a moment, not a job. Each may be repeated. One whose server cannot be reached at all changes nothing. */
export function createInstanceActs(deps: Deps, inTurn: KeyedQueue<string>['run']): InstanceActs {
  const act = (kind: keyof typeof works) => (id: InstanceId, by: By) =>
    inTurn(id, async () => {
      const row = await rowFor(deps, id, kind);
      const site = await siteOfRow(deps, row);
      const client = await deps.agents.client(site.server.id);
      const { wish, isSavedFirst, work, afterFailure } = works[kind];
      const on: OnServer = { client, site, route: (state, known) => putRoute(deps, client, site, known, state) };
      const told = { parameters: {}, actor: by.actor, failure: null };
      if (isSavedFirst) await deps.rows.change(id, { wish });
      const instance = await work(on).catch(async (error) => {
        const failure = isFarmError(error) ? { code: error.code, parameters: { ...error.parameters } } : null;
        const wanted = await afterFailure(on, row.wish);
        const now = await client.instances.describe(ref(on)).catch(() => undefined);
        if (now !== undefined) deps.agents.saw(site.server.id, now);
        // what went wrong is thrown on; a journal that cannot be written must not hide it
        const entry = { ...told, code: 'act.failed', parameters: { act: kind }, failure };
        await deps.rows.change(id, { wish: wanted }, entry).catch(() => undefined);
        throw error;
      });
      deps.agents.saw(site.server.id, instance);
      await deps.rows.change(id, { wish }, { ...told, code: `act.${kind}` });
      const view = deps.projection.get(id);
      if (view === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name: row.name });
      return view;
    });

  return {
    start: act('start'),
    restart: act('restart'),
    resume: act('resume'),
    stop: act('stop'),
    suspend: act('suspend'),
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

import type { KeyedQueue } from '#kit/keyed-queue.ts';
import type { JobView } from '#contract/api/jobs.ts';
import { aimsAt, type RunAct } from '#contract/catalogue/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import type { InstanceId } from '#contract/ids.ts';
import { type Act, actWishes, allowedActs } from '../../model/instances/acts.ts';
import type { Instance } from '../../model/instances/instance.ts';
import type { By } from '../../model/operators/by.ts';
import type { NewJob } from '../../engine/insert-job.ts';
import type { InstanceServiceDeps } from './instance-service.ts';

type Deps = Pick<InstanceServiceDeps, 'store' | 'rows' | 'engine'>;

export async function rowOf(deps: Pick<Deps, 'store'>, id: string): Promise<Instance> {
  const row = await deps.store.instances.get(id);
  if (row === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name: id });
  return row;
}

function checkWish({ name, wish }: Instance, act: Act): void {
  if (!allowedActs[act].includes(wish)) throw new FarmError('INSTANCE_STATE', { name, state: wish, wanted: act });
}

/** The row, when nobody else works on the instance and the act makes sense now. Throws `OBJECT_BUSY`, `INSTANCE_STATE`. */
export async function rowFor(deps: Pick<Deps, 'store'>, id: string, act: Act): Promise<Instance> {
  const row = await rowOf(deps, id);
  // looking changes nothing, so that it is never in anybody's way
  const lock = act === 'check' ? undefined : await deps.store.locks.get(`instance:${id}`);
  if (lock !== undefined) throw new FarmError('OBJECT_BUSY', { kind: 'instance', name: row.name, jobId: lock.jobId });
  checkWish(row, act);
  return row;
}

export type InstanceActs = Record<RunAct | 'remove', (id: InstanceId, by: By) => Promise<JobView>>;

/**
 * Acts on an instance that is there: each begins its job, and writes what is wanted in the same transaction. What is refused begins none. They wait for
 * their turn behind what is just being put in order on the instance.
 */
export function createInstanceActs(deps: Deps, inTurn: KeyedQueue<string>['run']): InstanceActs {
  const { engine } = deps;
  const begin = async (type: RunAct | 'remove', row: Instance, input: NewJob['input'], by: By): Promise<JobView> => {
    const { id, name } = row;
    const within: NewJob['within'] = async (tables, job) => {
      const now = await tables.instances.get(id);
      if (now === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name });
      if (now.wish !== row.wish) throw new FarmError('INSTANCE_STATE', { name, state: now.wish, wanted: type });
      await tables.instances.put({ ...now, wish: type === 'remove' ? 'removed' : actWishes[type], jobId: job.id });
    };
    const view = await engine.begin({ type, subject: { kind: 'instance', id, name }, by, input, locks: [`instance:${id}`], within });
    await deps.rows.announce(id);
    return view;
  };
  const inputOf = ({ id, name, domainId, packageId, planId, serverId, wish }: Instance) => ({
    instanceId: id,
    name,
    domainId,
    packageId,
    planId,
    serverId,
    wish,
  });
  const act = (type: RunAct) => (id: InstanceId, by: By) =>
    inTurn(id, async () => {
      const begun = await engine.begunBy(type, by);
      if (begun !== undefined) return begun;
      const row = await rowFor(deps, id, type);
      if (row.serverId === null) throw new FarmError('NOT_FOUND', { kind: 'server', name: row.name });
      return begin(type, row, inputOf(row), by);
    });

  /** A create that waits for somebody to choose is chosen for: what it made goes away by its own undo. */
  const undoneCreate = async (id: InstanceId, by: By): Promise<JobView | undefined> => {
    const lock = await deps.store.locks.get(`instance:${id}`);
    if (lock === undefined) return undefined;
    const job = await engine.get(lock.jobId);
    if (!aimsAt(job.type, 'makes', 'instance') || job.subject.id !== id) return undefined;
    return job.state === 'stopped' || job.state === 'paused' ? engine.undo(job.id, by) : undefined;
  };

  return {
    start: act('start'),
    restart: act('restart'),
    resume: act('resume'),
    stop: act('stop'),
    suspend: act('suspend'),
    remove: (id, by) =>
      inTurn(id, async () => {
        const begun = (await engine.begunBy('remove', by)) ?? (await undoneCreate(id, by));
        if (begun !== undefined) return begun;
        const row = await rowFor(deps, id, 'remove');
        return begin('remove', row, inputOf(row), by);
      }),
  };
}

import { FarmError } from '#contract/errors.ts';
import { type Act, allowedActs } from '../model/instances/acts.ts';
import type { Instance } from '../model/instances/instance.ts';
import type { Store } from '../ports/store.ts';

type Deps = { readonly store: Pick<Store, 'instances' | 'locks'> };

/** Throws `NOT_FOUND`. */
export async function rowOf({ store }: { readonly store: Pick<Store, 'instances'> }, id: string): Promise<Instance> {
  const row = await store.instances.get(id);
  if (row === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name: id });
  return row;
}

/** Throws `INSTANCE_STATE` where the act makes no sense for what is wanted of the instance. */
export function refuseSenseless({ name, desired }: Pick<Instance, 'name' | 'desired'>, act: Act): void {
  if (!allowedActs[act].includes(desired)) throw new FarmError('INSTANCE_STATE', { name, state: desired, wanted: act });
}

/** The row, when nobody else works on the instance and the act makes sense now. Throws `NOT_FOUND`, `OBJECT_BUSY`, `INSTANCE_STATE`. */
export async function rowFor(deps: Deps, id: string, act: Act): Promise<Instance> {
  const row = await rowOf(deps, id);
  // looking changes nothing, so that it is never in anybody's way
  const lock = act === 'check' ? undefined : await deps.store.locks.get(`instance:${id}`);
  if (lock !== undefined) throw new FarmError('OBJECT_BUSY', { kind: 'instance', name: row.name, jobId: lock.jobId });
  refuseSenseless(row, act);
  return row;
}

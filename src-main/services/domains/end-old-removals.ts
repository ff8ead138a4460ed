import type { BeginAct } from '../../engine/begin-act.ts';
import { leavingKey } from '../../model/domains/farm-domain.ts';
import { systemBy } from '../../model/operators/by.ts';
import type { Farm } from '../../model/settings/farm.ts';
import type { Store } from '../../ports/store.ts';

type Deps = { readonly store: Store; readonly farm: () => Farm; readonly begin: BeginAct };

/**
 * Homes of releases up to 0.1 know a removal that was cut off by its mark alone: it is brought to its end by a job, begun in the farm's own name.
 * Where a job holds the domain there is one already.
 */
export async function endOldRemovals(deps: Deps): Promise<void> {
  const rows = await deps.store.domains.find({ farmId: deps.farm().id });
  const marks = await deps.store.settings.find({ id: rows.map(({ id }) => leavingKey(id)) });
  const begun: PromiseSettledResult<unknown>[] = [];
  for (const { id } of rows) {
    if (!marks.some((mark) => mark.id === leavingKey(id)) || (await deps.store.locks.get(`domain:${id}`)) !== undefined) continue;
    begun.push(...(await Promise.allSettled([deps.begin({ type: 'remove-domain', domainId: id }, systemBy(leavingKey(id)))])));
  }
  // one that cannot be begun keeps none of the others from it
  for (const one of begun) if (one.status === 'rejected') throw one.reason;
}

import { FarmError } from '#contract/errors.ts';
import type { CustomerId } from '#contract/ids.ts';
import type { Changes } from '../ports/changes.ts';
import type { Store } from '../ports/store.ts';
import type { Effect } from './effect.ts';

export type CustomerFacts = { readonly name: string };

/** A customer who came with their first instance. Others that name them keep them. */
export function createCustomerRowEffect(deps: {
  readonly store: Store;
  readonly changes: Changes;
}): Effect<CustomerId, object, CustomerFacts> {
  const seen = async (id: CustomerId): Promise<CustomerFacts | 'absent'> => {
    const row = await deps.store.customers.get(id);
    return row === undefined ? 'absent' : { name: row.name };
  };
  return {
    kind: 'customer-row',
    timeoutMs: 30_000,
    waiting: () => ({ code: 'save', parameters: {} }),
    known: seen,
    observe: seen,
    describe: (facts, wanted) => {
      const isThere = typeof facts === 'object';
      if (wanted === 'absent') return isThere ? { code: 'customer-out', parameters: { name: facts.name } } : undefined;
      return isThere ? undefined : { code: 'customer-in', parameters: {} };
    },
    ensure: async (id) => {
      // Written with the job: whoever took them away meanwhile had a reason.
      throw new FarmError('NOT_FOUND', { kind: 'customer', name: id });
    },
    remove: async (id) => {
      const outcome = await deps.store.transaction(async (tables) => {
        if ((await tables.instances.find({ customerId: id })).length > 0) return 'kept' as const;
        await tables.customers.remove(id);
        return 'gone' as const;
      });
      deps.changes.announce({ kind: 'customer', id });
      return outcome;
    },
    restore: () => ({}),
  };
}

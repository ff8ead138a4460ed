import { FarmError } from '#contract/errors.ts';
import { accessOf, type DomainAccess, isSameAccess, withAccess } from '../model/domains/domain-access.ts';
import type { DomainRef } from '../model/domains/farm-domain.ts';
import type { DomainDrivers } from '../ports/access.ts';
import type { Changes } from '../ports/changes.ts';
import type { Store } from '../ports/store.ts';
import type { Effect } from './effect.ts';

/** How the farm reaches a domain's name server: saved with the job that changes it, and taken up by the driver when the next asks for it. */
export function createDomainAccessEffect(deps: {
  readonly store: Store;
  readonly dns: Pick<DomainDrivers, 'forget'>;
  readonly changes: Changes;
}): Effect<DomainRef, DomainAccess, DomainAccess> {
  const observe = async ({ domainId }: DomainRef): Promise<DomainAccess | 'absent'> => {
    const row = await deps.store.domains.get(domainId);
    return row === undefined ? 'absent' : accessOf(row);
  };
  return {
    kind: 'domain-access',
    timeoutMs: 30_000,
    waiting: () => ({ code: 'save', parameters: {} }),
    known: observe,
    observe,
    describe: (seen, wanted, { name }) =>
      wanted === 'absent' || (typeof seen === 'object' && isSameAccess(seen, wanted))
        ? undefined
        : { code: 'domain-access', parameters: { name } },
    ensure: async ({ domainId, name }, wanted) => {
      const isSaved = await deps.store.transaction(async (tables) => {
        const row = await tables.domains.get(domainId);
        return row && tables.domains.patch(domainId, withAccess(row, wanted));
      });
      if (isSaved === undefined) throw new FarmError('NOT_FOUND', { kind: 'domain', name });
      deps.dns.forget(domainId);
      deps.changes.announce({ kind: 'domain', id: domainId });
      return wanted;
    },
    remove: async () => 'kept',
    restore: (before) => before,
  };
}

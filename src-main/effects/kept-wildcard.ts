import { FarmError } from '#contract/errors.ts';
import type { DomainRef } from '../model/domains/farm-domain.ts';
import { isSameWildcard, type KeptWildcard, keptWildcard, withWildcard } from '../model/domains/kept-wildcard.ts';
import type { Changes } from '../ports/changes.ts';
import type { Store } from '../ports/store.ts';
import type { Effect } from './effect.ts';

/** What the farm's list says of the wildcard record that it keeps in a domain's zone: for which server, which values are ours, and whether instances rely on it. */
export function createKeptWildcardEffect(deps: {
  readonly store: Store;
  readonly changes: Changes;
}): Effect<DomainRef, KeptWildcard, KeptWildcard> {
  const { store, changes } = deps;
  const save = async ({ domainId, name }: DomainRef, kept: KeptWildcard | undefined): Promise<void> => {
    await store.transaction(async (tables) => {
      const row = await tables.domains.get(domainId);
      if (row !== undefined) await tables.domains.patch(domainId, { dnsSettings: withWildcard(row, kept).dnsSettings });
      else if (kept !== undefined) throw new FarmError('NOT_FOUND', { kind: 'domain', name });
    });
    changes.announce({ kind: 'domain', id: domainId });
  };
  const observe = async ({ domainId }: DomainRef): Promise<KeptWildcard | 'absent' | 'place-gone'> => {
    const row = await store.domains.get(domainId);
    return row === undefined ? 'place-gone' : (keptWildcard(row) ?? 'absent');
  };
  return {
    kind: 'kept-wildcard',
    timeoutMs: 30_000,
    waiting: () => ({ code: 'save', parameters: {} }),
    known: observe,
    observe,
    describe: (seen, wanted, { name }) => {
      const facts = typeof seen === 'object' ? seen : undefined;
      if (wanted === 'absent') return facts === undefined ? undefined : { code: 'kept-wildcard-out', parameters: { name } };
      return facts !== undefined && isSameWildcard(facts, wanted) ? undefined : { code: 'kept-wildcard-in', parameters: { name } };
    },
    ensure: async (ref, wanted) => {
      await save(ref, wanted);
      return wanted;
    },
    remove: async (ref) => {
      await save(ref, undefined);
      return 'gone';
    },
    restore: (before) => before,
  };
}

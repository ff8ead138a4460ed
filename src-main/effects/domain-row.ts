import type { Leftover } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { domainStateOf } from '../checks/domain-state.ts';
import { addingKey, type DomainRef, type DomainState, leavingKey } from '../model/domains/farm-domain.ts';
import { successorOf } from '../model/domains/successor.ts';
import type { DomainDrivers } from '../ports/access.ts';
import type { Changes } from '../ports/changes.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store, Tables } from '../ports/store.ts';
import type { Effect } from './effect.ts';

export type DomainRowDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly changes: Changes;
  readonly dns: Pick<DomainDrivers, 'forget'>;
};
export type DomainRowFacts = { readonly desired: DomainState };

/** The domain in the farm's list, and what is desired of it. Its first row is written with the job that adds it. Nothing else of the domain is taken away here. */
export function createDomainRowEffect(deps: DomainRowDeps): Effect<DomainRef, DomainRowFacts, DomainRowFacts> {
  const { store, changes } = deps;
  const seen = async ({ domainId }: DomainRef): Promise<DomainRowFacts | 'absent'> =>
    (await store.domains.get(domainId)) === undefined ? 'absent' : { desired: await domainStateOf(store, domainId) };
  return {
    kind: 'domain-row',
    timeoutMs: 30_000,
    waiting: () => ({ code: 'save', parameters: {} }),
    known: seen,
    observe: seen,
    describe: (facts, wanted, { name }) => {
      if (wanted === 'absent') return typeof facts === 'object' ? { code: 'domain-out', parameters: { name } } : undefined;
      if (typeof facts !== 'object') return { code: 'domain-in', parameters: { name } };
      return facts.desired === wanted.desired ? undefined : { code: 'domain-desired', parameters: { name, desired: wanted.desired } };
    },
    ensure: async (ref, { desired }) => {
      await store.transaction((tables) => desire(tables, ref, desired));
      changes.announce({ kind: 'domain', id: ref.domainId });
      return { desired };
    },
    remove: async ({ domainId }) => {
      const farmId = await store.transaction((tables) => dropRow(tables, domainId));
      deps.dns.forget(domainId);
      changes.announce({ kind: 'domain', id: domainId });
      if (farmId !== undefined) changes.announce({ kind: 'farm', id: farmId });
      return 'gone';
    },
    restore: (before) => before,
    evidence: async (ref): Promise<readonly Leftover[]> => [
      {
        code: 'row',
        parameters: { name: ref.name },
        isPresent: (await seen(ref)) !== 'absent',
        checkedAtMs: deps.clock.nowMs(),
        witness: 'core',
      },
    ],
  };
}

async function desire(tables: Tables, { domainId, name }: DomainRef, desired: DomainState): Promise<void> {
  const row = await tables.domains.get(domainId);
  // only the transaction that began the job makes a row
  if (row === undefined) throw new FarmError('NOT_FOUND', { kind: 'domain', name });
  for (const [state, id] of [
    ['adding', addingKey(domainId)],
    ['leaving', leavingKey(domainId)],
  ] as const) {
    if (state === desired) await tables.settings.put({ id, farmId: row.farmId, value: { name } });
    else await tables.settings.remove(id);
  }
}

/** Another takes new instances from now on, where this one did. */
async function dropRow(tables: Tables, domainId: DomainRef['domainId']): Promise<string | undefined> {
  const row = await tables.domains.get(domainId);
  await tables.settings.remove(addingKey(domainId));
  await tables.settings.remove(leavingKey(domainId));
  if (row === undefined) return undefined;
  const others = (await tables.domains.find({ farmId: row.farmId })).filter(({ id }) => id !== domainId);
  const successor = row.isDefault ? successorOf(others) : undefined;
  if (successor !== undefined) await tables.domains.patch(successor.id, { isDefault: true });
  await tables.domains.remove(domainId);
  return row.farmId;
}

import type { Farm } from '../model/settings/farm.ts';
import { type FarmCertificate, issuedAfter, newestFirst } from '../model/certificates/farm-certificate.ts';
import type { DomainRef } from '../model/domains/farm-domain.ts';
import type { CertificateKeys } from '../ports/access.ts';
import type { Changes } from '../ports/changes.ts';
import type { Clock } from '../ports/clock.ts';
import type { Pki } from '../ports/pki.ts';
import type { Store, Tables } from '../ports/store.ts';
import type { Effect } from './effect.ts';

export type AuthorityDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly pki: Pki;
  readonly keys: CertificateKeys;
  readonly changes: Changes;
  readonly farm: () => Farm;
};
/** `covers`: it may sign for the domain. `back`: the certificate of it that was the newest before, where no other domain needs a later one. */
export type AuthorityWanted = { readonly covers: true } | { readonly back: string };
/** `isForOthers`: another domain of the farm needs the newest one. */
export type AuthorityFacts = { readonly certificateId: string; readonly names: readonly string[]; readonly isForOthers: boolean };

/**
 * The farm's site authority, which signs for the domains that its newest certificate names. Its key stays when it comes to cover more, so that nobody
 * has to trust anew what they trusted already; one that covers more than is needed stays for the same reason.
 */
export function createSiteAuthorityEffect(deps: AuthorityDeps): Effect<DomainRef, AuthorityWanted, AuthorityFacts> {
  const { store, keys } = deps;
  const rowsOf = async (tables: Tables): Promise<readonly FarmCertificate[]> =>
    (await tables.certificates.find({ farmId: deps.farm().id, kind: 'site-authority' })).toSorted(newestFirst);
  const othersOf = async (tables: Tables, { domainId }: DomainRef): Promise<readonly string[]> =>
    (await tables.domains.find({ farmId: deps.farm().id })).filter(({ id }) => id !== domainId).map(({ name }) => name);
  const coversAll = (row: FarmCertificate | undefined, names: readonly string[]): boolean =>
    names.every((name) => row?.names.includes(name) === true);
  const observe = async (ref: DomainRef): Promise<AuthorityFacts | 'absent'> => {
    const [newest, before] = await rowsOf(store);
    if (newest === undefined) return 'absent';
    return { certificateId: newest.id, names: newest.names, isForOthers: !coversAll(before, await othersOf(store, ref)) };
  };

  /** Until nobody else has issued one in the middle of it. */
  const issue = async (ref: DomainRef, signal: AbortSignal): Promise<void> => {
    const farm = deps.farm();
    for (;;) {
      signal.throwIfAborted();
      const newest = await keys.newest(farm.id, 'site-authority');
      if (newest?.names.includes(ref.name) === true) return;
      const names = [...(await othersOf(store, ref)), ref.name].sort();
      const before = newest === undefined ? undefined : { chainPem: newest.chainPem, keyPem: await keys.keyOf(newest) };
      const issued = await deps.pki.makeSiteAuthority(farm.id, farm.name, names, deps.clock.nowMs(), before);
      const row = issuedAfter(await keys.rowOf(farm.id, 'site-authority', null, { ...issued, names }), newest);
      // one with a key of its own beside another would make two authorities
      const isKept = await store.transaction(async (tables) => {
        if ((await rowsOf(tables))[0]?.id !== newest?.id) return false;
        await tables.certificates.insert(row);
        return true;
      });
      if (isKept) return;
    }
  };

  /** Takes away what was issued since `certificateId`, newest first, as far as nobody else needs it. */
  const takeBack = (ref: DomainRef, certificateId: string | undefined): Promise<'gone' | 'kept'> =>
    store.transaction(async (tables) => {
      const rows = await rowsOf(tables);
      const others = await othersOf(tables, ref);
      for (const [at, row] of rows.entries()) {
        if (row.id === certificateId) return 'gone';
        const next = rows[at + 1];
        if (next === undefined ? others.length > 0 : !coversAll(next, others)) return 'kept';
        await tables.certificates.remove(row.id);
      }
      return 'gone';
    });

  return {
    kind: 'authority',
    timeoutMs: 30_000,
    waiting: () => ({ code: 'check', parameters: {} }),
    known: observe,
    observe,
    describe: (seen, wanted, { name }) => {
      if (wanted === 'absent') return typeof seen === 'object' ? { code: 'authority-out', parameters: {} } : undefined;
      if (typeof seen !== 'object') return { code: 'authority-in', parameters: { name } };
      if ('covers' in wanted) return seen.names.includes(name) ? undefined : { code: 'authority-in', parameters: { name } };
      return seen.certificateId === wanted.back || seen.isForOthers ? undefined : { code: 'authority-out', parameters: {} };
    },
    ensure: async (ref, wanted, _seen, { signal }) => {
      if ('covers' in wanted) await issue(ref, signal);
      else await takeBack(ref, wanted.back);
      deps.changes.announce({ kind: 'certificate', id: ref.domainId });
      const seen = await observe(ref);
      return seen === 'absent' ? { certificateId: '', names: [], isForOthers: false } : seen;
    },
    remove: async (ref) => {
      const end = await takeBack(ref, undefined);
      deps.changes.announce({ kind: 'certificate', id: ref.domainId });
      return end;
    },
    restore: ({ certificateId }) => ({ back: certificateId }),
  };
}

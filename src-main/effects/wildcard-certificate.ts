import type { Leftover } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { type FarmCertificate, issuedAfter, newestFirst } from '../model/certificates/farm-certificate.ts';
import type { DomainRef } from '../model/domains/farm-domain.ts';
import type { Tables } from '../ports/store.ts';
import type { Effect } from './effect.ts';
import type { AuthorityDeps } from './site-authority.ts';

/**
 * `replaces`: the certificate that another is to follow; null where any is as good. `back`: the one before, when a renewal is undone: where it is
 * still there, what was issued after it goes.
 */
export type WildcardWanted = { readonly replaces: string | null; readonly back?: string };
/** The newest, and what is still there of those before it. */
export type WildcardFacts = { readonly certificateId: string; readonly notAfterMs: number; readonly olderIds?: readonly string[] };

const rowsOf = async (tables: Tables, { domainId }: DomainRef): Promise<readonly FarmCertificate[]> =>
  (await tables.certificates.find({ domainId, kind: 'test-wildcard' })).toSorted(newestFirst);
const factsOf = ({ id, notAfterMs }: FarmCertificate, older: readonly FarmCertificate[] = []): WildcardFacts => ({
  certificateId: id,
  notAfterMs,
  olderIds: older.map((one) => one.id),
});

/** The test certificate of a domain, with its key, signed by the farm's site authority: every name below the domain, and the domain itself. */
export function createWildcardCertificateEffect(deps: AuthorityDeps): Effect<DomainRef, WildcardWanted, WildcardFacts> {
  const { store, keys } = deps;
  const observe = async (ref: DomainRef): Promise<WildcardFacts | 'absent'> => {
    const [newest, ...older] = await rowsOf(store, ref);
    return newest === undefined ? 'absent' : factsOf(newest, older);
  };
  /** The one before is the newest again; undefined where it has gone. */
  const giveBack = (ref: DomainRef, back: string | undefined): Promise<FarmCertificate | undefined> =>
    store.transaction(async (tables) => {
      const rows = await rowsOf(tables, ref);
      const at = rows.findIndex(({ id }) => id === back);
      for (const { id } of rows.slice(0, Math.max(0, at))) await tables.certificates.remove(id);
      return rows[at];
    });
  const issue = async (ref: DomainRef, replaces: string | null): Promise<FarmCertificate> => {
    const farmId = deps.farm().id;
    const authority = await keys.keysOf(farmId, 'site-authority');
    const issued = await deps.pki.issueWildcard(authority, ref.name, deps.clock.nowMs());
    const row = await keys.rowOf(farmId, 'test-wildcard', ref.domainId, issued);
    return store.transaction(async (tables) => {
      if ((await tables.domains.get(ref.domainId)) === undefined) throw new FarmError('NOT_FOUND', { kind: 'domain', name: ref.name });
      const [newest] = await rowsOf(tables, ref);
      if (newest !== undefined && newest.id !== replaces) return newest;
      const next = issuedAfter(row, newest);
      await tables.certificates.insert(next);
      return next;
    });
  };
  return {
    kind: 'wildcard-certificate',
    timeoutMs: 30_000,
    waiting: () => ({ code: 'check', parameters: {} }),
    known: observe,
    observe,
    describe: (seen, wanted, { name }) => {
      const isThere = typeof seen === 'object';
      if (wanted === 'absent') return isThere ? { code: 'wildcard-certificate-out', parameters: { name } } : undefined;
      if (isThere && wanted.back !== undefined && seen.olderIds?.includes(wanted.back) === true)
        return { code: 'wildcard-certificate-out', parameters: { name } };
      return isThere && seen.certificateId !== wanted.replaces ? undefined : { code: 'wildcard-certificate-in', parameters: { name } };
    },
    ensure: async (ref, { replaces, back }) => {
      const kept = (await giveBack(ref, back)) ?? (await issue(ref, replaces));
      deps.changes.announce({ kind: 'certificate', id: kept.id });
      return factsOf(kept);
    },
    remove: async (ref) => {
      await store.transaction(async (tables) => {
        for (const { id } of await rowsOf(tables, ref)) await tables.certificates.remove(id);
      });
      deps.changes.announce({ kind: 'certificate', id: ref.domainId });
      return 'gone';
    },
    // where its key is gone with it, another is as good
    restore: ({ certificateId }) => ({ replaces: null, back: certificateId }),
    evidence: async (ref): Promise<readonly Leftover[]> => [
      {
        code: 'wildcard-certificate',
        parameters: { name: `*.${ref.name}` },
        isPresent: (await observe(ref)) !== 'absent',
        checkedAtMs: deps.clock.nowMs(),
        witness: 'core',
      },
    ],
  };
}

/** What was issued for a domain before its newest certificate; nobody needs it once the newest is on the servers. */
export function createOldCertificatesEffect(
  deps: Pick<AuthorityDeps, 'store' | 'changes'>,
): Effect<DomainRef, object, { readonly certificateIds: readonly string[] }> {
  const oldOf = async (ref: DomainRef): Promise<readonly string[]> => (await rowsOf(deps.store, ref)).slice(1).map(({ id }) => id);
  const observe = async (ref: DomainRef) => {
    const certificateIds = await oldOf(ref);
    return certificateIds.length === 0 ? ('absent' as const) : { certificateIds };
  };
  return {
    kind: 'old-certificates',
    timeoutMs: 30_000,
    waiting: () => ({ code: 'save', parameters: {} }),
    known: observe,
    observe,
    describe: (seen, wanted, { name }) =>
      wanted === 'absent' && typeof seen === 'object' ? { code: 'old-certificates-out', parameters: { name } } : undefined,
    ensure: async () => ({ certificateIds: [] }),
    remove: async (ref) => {
      for (const id of await oldOf(ref)) {
        await deps.store.certificates.remove(id);
        deps.changes.announce({ kind: 'certificate', id });
      }
      return 'gone';
    },
    restore: () => 'absent',
  };
}

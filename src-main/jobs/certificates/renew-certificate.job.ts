import * as z from 'zod';
import { dnsKind } from '#contract/catalogue/providers.ts';
import { type DomainId, domainId } from '#contract/ids.ts';
import { domainRowOf, presentRow } from '../../checks/domain-state.ts';
import type { DomainEffects } from '../../effects/domain-effects.ts';
import { type JobDefinition, use } from '../../effects/effect.ts';
import { newestFirst } from '../../model/certificates/farm-certificate.ts';
import { domainRefOf } from '../../model/domains/farm-domain.ts';
import { wildcardNameOf } from '../../model/domains/kept-wildcard.ts';
import type { JobPlan } from '../../ports/job-plan.ts';
import type { Store } from '../../ports/store.ts';

/** `replaces`: the certificate that another is to follow; null for a domain that has none. */
export const renewInput = z.object({
  domainId,
  name: z.string(),
  dnsKind,
  replaces: z.string().nullable(),
});
export type RenewInput = z.infer<typeof renewInput>;

type Deps = {
  readonly store: Store;
  readonly effects: DomainEffects;
  /** Has every server that is connected put in order once more. */
  readonly putInOrder: () => void;
};

/** Throws `NOT_FOUND`; its `within` too, for a domain that is on its way in or out. */
async function plan({ store }: Pick<Deps, 'store'>, id: DomainId): Promise<JobPlan<RenewInput>> {
  const domain = await domainRowOf(store, id);
  const { name } = domain;
  const replaced = (await store.certificates.find({ domainId: id, kind: 'test-wildcard' })).toSorted(newestFirst)[0];
  return {
    // one that never had any has no certificate's id
    subject: { kind: 'certificate', id: replaced?.id ?? id, name: wildcardNameOf(domain) },
    input: { ...domainRefOf(domain), replaces: replaced?.id ?? null },
    parameters: async () => ({ name, domain: name, server: '' }),
    locks: [`domain:${id}`],
    within: async (tables) => {
      await presentRow(tables, domain);
    },
  };
}

/** A new wildcard below the authority, on every server that is connected; the old one goes after that. A server that is away gets it when it is back. */
export function createRenewCertificateJob(deps: Deps): JobDefinition<RenewInput> {
  const { effects } = deps;
  return {
    type: 'renew-certificate',
    version: 1,
    continues: [],
    begin: { plan: (asked) => plan(deps, asked.domainId) },
    read: (input) => renewInput.parse(input),
    // It may have come to some of the servers: those that failed would serve the older one until their next connection.
    settle: async () => deps.putInOrder(),
    parts: (i) => {
      const ref = () => i;
      // said before it is done: whoever has the newest lacks the one that is issued then
      const certificates: typeof effects.certificates = {
        ...effects.certificates,
        known: async (target) => {
          const seen = (await effects.certificates.known?.(target)) ?? 'unknown';
          return typeof seen === 'object' ? { ...seen, lacks: [...seen.any, ...seen.lacks] } : seen;
        },
      };
      return [
        // Nothing is done on the way there. Undone last, it puts on the servers what is the newest once the new one has gone.
        use('authority', effects.certificates).ensure(ref, () => ({}), { before: { any: [], lacks: [], away: [] } }),
        use('authority', effects.authority).ensure(ref, () => ({ covers: true })),
        use('issue', effects.wildcardCertificate).ensure(ref, () => ({ replaces: i.replaces })),
        use('servers', certificates).ensure(ref, () => ({})),
        use('old', effects.oldCertificates).remove(ref),
      ];
    },
  };
}

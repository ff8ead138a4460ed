import * as z from 'zod';
import { dnsKind } from '#contract/catalogue/providers.ts';
import { domainId } from '#contract/ids.ts';
import type { DomainEffects } from '../../effects/domain-effects.ts';
import { type JobDefinition, use } from '../../effects/effect.ts';

/** `replaces`: the certificate that another is to follow; null for a domain that has none. */
export const renewInput = z.object({
  domainId,
  name: z.string(),
  dnsKind,
  replaces: z.string().nullable(),
});
export type RenewInput = z.infer<typeof renewInput>;

/** A new wildcard below the authority, on every server that is connected; the old one goes after that. A server that is away gets it when it is back. */
export function createRenewCertificateJob({ effects }: { readonly effects: DomainEffects }): JobDefinition<RenewInput> {
  return {
    type: 'renew-certificate',
    version: 1,
    continues: [],
    read: (input) => renewInput.parse(input),
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

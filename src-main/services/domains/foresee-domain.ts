import type { ActOf } from '#contract/catalogue/job-acts.ts';
import { domainId as domainIdSchema } from '#contract/ids.ts';
import { domainRowOf } from '../../checks/domain-state.ts';
import type { Foreseen } from '../../engine/foreseen.ts';
import { accessOf } from '../../model/domains/domain-access.ts';
import { normalizeDnsName } from '../../model/domains/dns-name.ts';
import { domainRefOf } from '../../model/domains/farm-domain.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Store } from '../../ports/store.ts';

/** What adding a domain would be, for its rehearsal: from the request alone; whether the name server agrees is another question. */
export function foreseeAdd({ ids }: { readonly ids: Ids }, request: ActOf<'add-domain'>): Foreseen {
  const name = normalizeDnsName(request.name.trim());
  const domainId = domainIdSchema.parse(ids.uuid());
  return { input: { domainId, name, dnsKind: request.kind }, parameters: { name, domain: name, server: '' } };
}

/** What another access to a domain would be: whatever is typed is another one, so that no secret is asked for to say so. Throws `NOT_FOUND`. */
export async function foreseeChange({ store }: { readonly store: Store }, { domainId }: ActOf<'change-domain'>): Promise<Foreseen> {
  const row = await domainRowOf(store, domainId);
  const before = accessOf(row);
  return {
    input: { ...domainRefOf(row), before, after: { ...before, sealedCredentials: '' } },
    parameters: { name: row.name, domain: row.name, server: '' },
  };
}

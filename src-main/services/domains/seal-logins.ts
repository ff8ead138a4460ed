import { accessOf, isSameAccess, withAccess } from '../../model/domains/domain-access.ts';
import { hasLogins, splitSecrets } from '../../model/domains/credentials.ts';
import type { FarmDomain } from '../../model/domains/farm-domain.ts';
import type { Farm } from '../../model/settings/farm.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { Store } from '../../ports/store.ts';
import { credentialsOf, sealContext } from './domain-drivers.ts';

type Deps = { readonly store: Store; readonly secrets: Secrets; readonly farm: () => Pick<Farm, 'id'> };

async function sealLogin({ store, secrets }: Deps, row: FarmDomain): Promise<void> {
  const { settings, secrets: hidden } = splitSecrets(row.dnsKind, await credentialsOf(secrets, row));
  const sealedCredentials = await secrets.seal(sealContext(row.id), JSON.stringify(hidden));
  const before = accessOf(row);
  await store.transaction(async (tables) => {
    const now = await tables.domains.get(row.id);
    // Whoever changed it meanwhile gave an address without them.
    if (now === undefined || !isSameAccess(accessOf(now), before)) return;
    await tables.domains.patch(row.id, withAccess(now, { settings, sealedCredentials }));
  });
}

/**
 * Releases up to 0.1 took a name and password in the address of a name server and kept them openly: they go to the sealed part, in one step with the
 * address that is left. Repeatable. One domain that cannot be done keeps none of the others from it; its cause is thrown afterwards.
 */
export async function sealLogins(deps: Deps): Promise<void> {
  const rows = (await deps.store.domains.find({ farmId: deps.farm().id })).filter((row) => hasLogins(row.dnsKind, row.dnsSettings));
  const done = await Promise.allSettled(rows.map((row) => sealLogin(deps, row)));
  for (const one of done) if (one.status === 'rejected') throw one.reason;
}

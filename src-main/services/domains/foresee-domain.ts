import type { RehearsalRequest } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { domainId as domainIdSchema } from '#contract/ids.ts';
import { refOf } from '../../checks/site.ts';
import type { Foreseen } from '../../engine/foreseen.ts';
import { newestFirst } from '../../model/certificates/farm-certificate.ts';
import { accessOf } from '../../model/domains/domain-access.ts';
import { normalizeDnsName } from '../../model/domains/dns-name.ts';
import { domainRefOf, type FarmDomain } from '../../model/domains/farm-domain.ts';
import { keptWildcard, wildcardNameOf } from '../../model/domains/kept-wildcard.ts';
import { publicAddressesOf } from '../../model/domains/server-addresses.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Store } from '../../ports/store.ts';
import { domainRowOf } from './domain-drivers.ts';

type OnDomain = 'remove-domain' | 'drop-wildcard' | 'change-domain' | 'renew-certificate' | 'keep-wildcard';
type Request = Extract<RehearsalRequest, { readonly type: OnDomain | 'add-domain' }>;
type Deps = { readonly store: Store; readonly ids: Ids };

async function inputOf(
  { store }: Deps,
  row: FarmDomain,
  request: Extract<Request, { readonly type: OnDomain }>,
): Promise<Foreseen['input']> {
  const ref = domainRefOf(row);
  const kept = keptWildcard(row);
  switch (request.type) {
    case 'remove-domain':
      return ref;
    case 'change-domain':
      // Whatever is typed is another access: no secret is asked for to say so.
      return { ...ref, before: accessOf(row), after: { ...accessOf(row), sealedCredentials: '' } };
    case 'renew-certificate': {
      const issued = await store.certificates.find({ domainId: row.id, kind: 'test-wildcard' });
      return { ...ref, replaces: issued.toSorted(newestFirst)[0]?.id ?? null };
    }
    case 'keep-wildcard': {
      const server = await store.servers.get(request.serverId);
      if (server === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: request.serverId });
      return { ...ref, serverId: server.id, values: publicAddressesOf(server), before: kept ?? null };
    }
    case 'drop-wildcard': {
      if (kept === undefined) throw new FarmError('NOT_FOUND', { kind: 'record', name: wildcardNameOf(row) });
      const found = await store.instances.find({ domainId: row.id, serverId: kept.serverId });
      return { ...ref, kept, instances: found.filter(({ wish }) => wish !== 'removed').map(refOf) };
    }
  }
}

/** What an act on a domain would be, for its rehearsal: from the store alone; whether the name server agrees is another question. Throws `NOT_FOUND`. */
export async function foreseeDomain(deps: Deps, request: Request): Promise<Foreseen> {
  if (request.type === 'add-domain') {
    const name = normalizeDnsName(request.name.trim());
    const domainId = domainIdSchema.parse(deps.ids.uuid());
    return { input: { domainId, name, dnsKind: request.kind }, parameters: { name, domain: name, server: '' } };
  }
  const row = await domainRowOf(deps.store, request.domainId);
  const place = 'serverId' in request ? request.serverId : keptWildcard(row)?.serverId;
  const server = place === undefined ? undefined : await deps.store.servers.get(place);
  return { input: await inputOf(deps, row, request), parameters: { name: row.name, domain: row.name, server: server?.name ?? '' } };
}

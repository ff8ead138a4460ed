import type { DomainId } from '#contract/ids.ts';
import { addingKey, type DomainState, leavingKey } from '../model/domains/farm-domain.ts';
import type { Tables } from '../ports/store.ts';

/** What is desired of a domain, as it is saved beside its row; asked inside a transaction it holds for the rest of it. */
export async function domainStateOf(tables: Pick<Tables, 'settings'>, domainId: DomainId): Promise<DomainState> {
  if ((await tables.settings.get(leavingKey(domainId))) !== undefined) return 'leaving';
  return (await tables.settings.get(addingKey(domainId))) === undefined ? 'there' : 'adding';
}

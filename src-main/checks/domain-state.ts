import { FarmError } from '#contract/errors.ts';
import type { DomainId } from '#contract/ids.ts';
import { addingKey, type DomainState, type FarmDomain, leavingKey } from '../model/domains/farm-domain.ts';
import type { Tables } from '../ports/store.ts';

/** What is desired of a domain, as it is saved beside its row; asked inside a transaction it holds for the rest of it. */
export async function domainStateOf(tables: Pick<Tables, 'settings'>, domainId: DomainId): Promise<DomainState> {
  if ((await tables.settings.get(leavingKey(domainId))) !== undefined) return 'leaving';
  return (await tables.settings.get(addingKey(domainId))) === undefined ? 'there' : 'adding';
}

/** Throws `NOT_FOUND`. */
export async function domainRowOf({ domains }: Pick<Tables, 'domains'>, domainId: DomainId): Promise<FarmDomain> {
  const row = await domains.get(domainId);
  if (row === undefined) throw new FarmError('NOT_FOUND', { kind: 'domain', name: domainId });
  return row;
}

/** The row as it is in the transaction. Throws `NOT_FOUND` for a domain that is on its way in or out. */
export async function presentRow(
  tables: Pick<Tables, 'domains' | 'settings'>,
  { id, name }: Pick<FarmDomain, 'id' | 'name'>,
): Promise<FarmDomain> {
  const row = await tables.domains.get(id);
  if (row === undefined || (await domainStateOf(tables, id)) !== 'there') throw new FarmError('NOT_FOUND', { kind: 'domain', name });
  return row;
}

import type { CredentialChange } from '#contract/api/domains.ts';
import type { JobView } from '#contract/api/jobs.ts';
import { fieldsOf } from '#contract/catalogue/providers.ts';
import { FarmError } from '#contract/errors.ts';
import type { DomainId } from '#contract/ids.ts';
import { domainRowOf, presentRow } from '../../checks/domain-state.ts';
import type { JobEngine } from '../../engine/job-engine.ts';
import { accessOf, isSameAccess, withAccess } from '../../model/domains/domain-access.ts';
import { changeCredentials, onlyFields, refuseCredentials, refuseKeptSecrets, splitSecrets } from '../../model/domains/credentials.ts';
import { domainRefOf } from '../../model/domains/farm-domain.ts';
import type { By } from '../../model/operators/by.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { Store, Tables } from '../../ports/store.ts';
import { type CreateDriver, credentialsOf, sealContext } from './domain-drivers.ts';

type Deps = {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly createDriver: CreateDriver;
  readonly engine: Pick<JobEngine, 'begin' | 'begunBy'>;
};

/** So often somebody else may change it in the middle of it. */
const mostTries = 3;
class ChangedMeanwhile extends Error {}

/**
 * Asks the name server with what is new, then saves it, sealed, in the transaction that begins the job. Throws the driver's coded errors, `NOT_FOUND`,
 * `OBJECT_BUSY`, `CREDENTIAL_INVALID` with the field, and `PARAMETER_INVALID` where the provider has none; then there is no job.
 */
export async function beginChange(deps: Deps, domainId: DomainId, change: CredentialChange, by: By, tries = 1): Promise<JobView> {
  const begun = await deps.engine.begunBy('change-domain', by);
  if (begun !== undefined) return begun;
  const row = await domainRowOf(deps.store, domainId);
  const kind = row.dnsKind;
  if (fieldsOf(kind).length === 0) throw new FarmError('PARAMETER_INVALID', { parameter: 'dns', problem: kind });
  const refusal = refuseCredentials(kind, change, { isWhole: false }) ?? refuseKeptSecrets(kind, row.dnsSettings, change);
  if (refusal !== undefined) throw new FarmError('CREDENTIAL_INVALID', refusal);
  const credentials = changeCredentials(kind, onlyFields(kind, await credentialsOf(deps.secrets, row)), change);
  const opened = await deps.createDriver(kind, credentials);
  try {
    await opened.authoritativeServers(await opened.findZone(row.name));
  } finally {
    await opened.close();
  }
  const given = splitSecrets(kind, change);
  const before = accessOf(row);
  const sealedCredentials =
    Object.keys(given.secrets).length === 0
      ? row.sealedCredentials
      : await deps.secrets.seal(sealContext(row.id), JSON.stringify(splitSecrets(kind, credentials).secrets));
  const after = { settings: { ...before.settings, ...given.settings }, sealedCredentials };
  const within = async (tables: Tables): Promise<void> => {
    const now = await presentRow(tables, row);
    if (!isSameAccess(accessOf(now), before)) throw new ChangedMeanwhile();
    await tables.domains.patch(domainId, withAccess(now, after));
  };
  const subject = { kind: 'domain' as const, id: row.id, name: row.name };
  const input = { ...domainRefOf(row), before, after };
  try {
    return await deps.engine.begin({ type: 'change-domain', subject, by, input, locks: [`domain:${domainId}`], within });
  } catch (error) {
    // on top of what is there now, and asked once more with that
    if (error instanceof ChangedMeanwhile && tries < mostTries) return beginChange(deps, domainId, change, by, tries + 1);
    throw error;
  }
}

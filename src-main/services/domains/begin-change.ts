import * as z from 'zod';
import type { JobView } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import type { DomainId } from '#contract/ids.ts';
import { domainStateOf } from '../../checks/domain-state.ts';
import type { JobEngine } from '../../engine/job-engine.ts';
import { accessOf, isSameAccess, withAccess } from '../../model/domains/domain-access.ts';
import { domainRefOf, type FarmDomain } from '../../model/domains/farm-domain.ts';
import type { By } from '../../model/operators/by.ts';
import type { DnsDriver } from '../../ports/dns.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { Store, Tables } from '../../ports/store.ts';
import type { DnsRequest } from './begin-add.ts';
import { credentialsOf, domainRowOf, sealContext } from './domain-drivers.ts';

/** What is to be otherwise about reaching a PowerDNS server; the rest stays. */
export type DnsChange = {
  readonly [K in Exclude<keyof Extract<DnsRequest, { kind: 'powerdns' }>, 'kind'>]?:
    | Extract<DnsRequest, { kind: 'powerdns' }>[K]
    | undefined;
};

type Deps = {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly createDriver: (kind: FarmDomain['dnsKind'], credentials: unknown) => Promise<DnsDriver>;
  readonly engine: Pick<JobEngine, 'begin' | 'begunBy'>;
};

const powerDnsSettings = z.looseObject({ url: z.string(), apiKey: z.string() });

/** So often somebody else may change it in the middle of it. */
const mostTries = 3;
class ChangedMeanwhile extends Error {}

/**
 * Asks the name server with what is new, then saves it, sealed, in the transaction that begins the job. Throws the driver's coded errors, `NOT_FOUND`,
 * `OBJECT_BUSY`, and `PARAMETER_INVALID` for the built-in server; then there is no job.
 */
export async function beginChange(deps: Deps, domainId: DomainId, change: DnsChange, by: By, tries = 1): Promise<JobView> {
  const begun = await deps.engine.begunBy('change-domain', by);
  if (begun !== undefined) return begun;
  const row = await domainRowOf(deps.store, domainId);
  if (row.dnsKind !== 'powerdns') throw new FarmError('PARAMETER_INVALID', { parameter: 'dns', problem: row.dnsKind });
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const settings = powerDnsSettings.parse({ ...(await credentialsOf(deps.secrets, row)), ...given });
  const opened = await deps.createDriver(row.dnsKind, settings);
  try {
    await opened.authoritativeServers(await opened.findZone(row.name));
  } finally {
    await opened.close();
  }
  const { apiKey: newKey, ...open } = given;
  const before = accessOf(row);
  const sealedCredentials =
    newKey === undefined
      ? row.sealedCredentials
      : await deps.secrets.seal(sealContext(row.id), JSON.stringify({ apiKey: settings.apiKey }));
  const after = { settings: { ...before.settings, ...open }, sealedCredentials };
  const within = async (tables: Tables): Promise<void> => {
    const now = await tables.domains.get(domainId);
    const isThere = now !== undefined && (await domainStateOf(tables, domainId)) === 'there';
    if (!isThere) throw new FarmError('NOT_FOUND', { kind: 'domain', name: row.name });
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

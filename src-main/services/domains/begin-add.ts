import type { JobView } from '#contract/api/jobs.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import type { DnsRequest } from '#contract/catalogue/providers.ts';
import { domainId as domainIdSchema } from '#contract/ids.ts';
import type { JobEngine } from '../../engine/job-engine.ts';
import { splitSecrets } from '../../model/domains/credentials.ts';
import { normalizeDnsName } from '../../model/domains/dns-name.ts';
import { addingKey, domainRefOf, type FarmDomain } from '../../model/domains/farm-domain.ts';
import type { By } from '../../model/operators/by.ts';
import type { Farm } from '../../model/settings/farm.ts';
import type { DomainDrivers } from '../../ports/access.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { OutsideProbe } from '../../ports/probe.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { Store, Tables } from '../../ports/store.ts';
import { type CreateDriver, sealContext } from './domain-drivers.ts';
import { refuseDelegated } from './refuse-delegated.ts';

type Deps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly secrets: Secrets;
  readonly probe: Pick<OutsideProbe, 'lookup'>;
  readonly farm: () => Farm;
  readonly createDriver: CreateDriver;
  readonly dns: Pick<DomainDrivers, 'builtin'>;
  readonly engine: Pick<JobEngine, 'begin' | 'begunBy'>;
};

const domainPattern = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/;

/** Key, zone and who answers for it are asked before anything is saved. */
async function askNameServer(deps: Deps, name: string, { kind, ...settings }: DnsRequest): Promise<void> {
  if (kind === 'builtin') {
    // its listener must stand
    await deps.dns.builtin();
    return;
  }
  const opened = await deps.createDriver(kind, settings);
  try {
    await refuseDelegated(deps.probe, opened, await opened.findZone(name), name);
  } finally {
    await opened.close();
  }
}

/**
 * Checks everything that can be known before anything is made, then saves job and row, credentials sealed, in one transaction. Throws `NAME_INVALID`,
 * `EXISTS`, `DNS_DELEGATED` and the driver's coded errors; then there is no job.
 */
export async function beginAdd(deps: Deps, text: string, dns: DnsRequest, by: By): Promise<JobView> {
  const begun = await deps.engine.begunBy('add-domain', by);
  if (begun !== undefined) return begun;
  const name = normalizeDnsName(text.trim());
  if (!domainPattern.test(name)) throw new FarmError('NAME_INVALID', { name, reason: 'characters', proposal: '' });
  const farmId = deps.farm().id;
  const exists = new FarmError('EXISTS', { kind: 'domain', name });
  const isTaken = async (tables: Tables): Promise<boolean> => (await tables.domains.find({ farmId })).some((row) => row.name === name);
  if (await isTaken(deps.store)) throw exists;
  await askNameServer(deps, name, dns);
  const { kind, ...credentials } = dns;
  const { settings, secrets } = splitSecrets(kind, credentials);
  const id = domainIdSchema.parse(deps.ids.uuid());
  const row: FarmDomain = {
    id,
    farmId,
    name,
    dnsKind: kind,
    dnsSettings: settings,
    sealedCredentials: await deps.secrets.seal(sealContext(id), JSON.stringify(secrets)),
    isDefault: false,
    createdAtMs: deps.clock.nowMs(),
  };
  const within = async (tables: Tables): Promise<void> => {
    if (await isTaken(tables)) throw exists;
    const isDefault = (await tables.domains.find({ farmId })).length === 0;
    await tables.domains.insert({ ...row, isDefault });
    await tables.settings.put({ id: addingKey(id), farmId, value: { name } });
  };
  try {
    const subject = { kind: 'domain' as const, id, name };
    return await deps.engine.begin({ type: 'add-domain', subject, by, input: domainRefOf(row), locks: [`domain:${id}`], within });
  } catch (error) {
    // two at once on a store that lets them: the unique name decides
    throw isFarmError(error, 'STORE_CONFLICT') ? exists : error;
  }
}

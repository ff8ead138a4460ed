import { FarmError } from '#contract/errors.ts';
import { describeRecords } from '../../model/domains/dns-records.ts';
import type { FarmDomain } from '../../model/domains/farm-domain.ts';
import { claimingSets } from '../../model/domains/wildcards.ts';
import type { InstanceServiceDeps } from './instance-service.ts';

type Deps = Pick<InstanceServiceDeps, 'store' | 'clock' | 'dns'>;

/**
 * What somebody else keeps at a name that we would take, as the error that refuses it. Undefined when there is nothing, and also when the
 * name server does not say within `limitMs`: nobody waits for a slow one here, and the job's own step asks again before it writes.
 */
export async function foreignNameError(
  deps: Deps,
  domain: FarmDomain,
  name: string,
  limitMs: number,
): Promise<FarmError<'DNS_UNSAFE'> | undefined> {
  const giveUp = new AbortController();
  let disarm = (): void => undefined;
  const late = new Promise<undefined>((resolve) => {
    disarm = deps.clock.after(limitMs, () => {
      giveUp.abort(new Error('late'));
      resolve(undefined);
    });
  });
  const asked = ask(deps, domain, name, giveUp.signal).catch(() => undefined);
  try {
    return await Promise.race([asked, late]);
  } finally {
    disarm();
  }
}

async function ask(deps: Deps, domain: FarmDomain, name: string, signal: AbortSignal): Promise<FarmError<'DNS_UNSAFE'> | undefined> {
  const driver = await deps.dns.driver(domain.id);
  const zone = await driver.findZone(name, { signal, mayBeRecent: true });
  const standing = claimingSets(await driver.list(zone, { name }, { signal }));
  if (standing.length === 0) return undefined;
  const owned = await deps.store.ownedRecords.find({ domainId: domain.id, name });
  const foreign = standing.filter(({ type }) => !owned.some((record) => record.type === type));
  return foreign.length === 0 ? undefined : new FarmError('DNS_UNSAFE', { name, found: describeRecords(foreign) });
}

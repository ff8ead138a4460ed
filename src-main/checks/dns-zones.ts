import { farmErrorFrom } from '#contract/agent/coded-failure.ts';
import type { Waiting } from '#contract/api/jobs.ts';
import { isFarmError } from '#contract/errors.ts';
import type { DnsAccess } from '../ports/access.ts';
import type { DnsCall, DnsReads, DnsZone } from '../ports/dns.ts';
import type { Site } from './site.ts';

/** Asked under a signal; what is waited for is shown. */
export type Asking = { readonly signal: AbortSignal; readonly waitFor: (waiting: Waiting) => void };

type Deps = { readonly dns: DnsAccess };
export type Opened = { readonly driver: DnsReads; readonly zone: DnsZone };

/** The driver of the instance's domain and the zone that holds its name. Throws what they throw, with the domain that people know. */
export async function openZone(deps: Deps, site: Site, call: DnsCall): Promise<Opened> {
  const driver = await deps.dns.driver(site.domain.id);
  try {
    return { driver, zone: await driver.findZone(site.host, call) };
  } catch (error) {
    throw ofDomain(error, site);
  }
}

/**
 * Everywhere where a record of the instance may have been written: the zone that holds its name now, and the domain's. They differ once somebody
 * has made a zone of its own for the name or for something above it. Throws as `openZone`.
 */
export async function openZones(deps: Deps, site: Site, signal: AbortSignal): Promise<readonly Opened[]> {
  const nearest = await openZone(deps, site, { signal });
  const { driver, zone } = nearest;
  if (zone.name.length <= site.domain.name.length) return [nearest];
  try {
    return [nearest, { driver, zone: await driver.findZone(site.domain.name, { signal }) }];
  } catch (error) {
    if (isFarmError(error, 'DNS_ZONE_MISSING')) return [nearest];
    throw ofDomain(error, site);
  }
}

/** While it looks for the zone a driver knows only the name; people know the domain that they added. */
function ofDomain(error: unknown, site: Site): unknown {
  if (!isFarmError(error) || !('domain' in error.parameters)) return error;
  return farmErrorFrom(error.code, { ...error.parameters, domain: site.domain.name }) ?? error;
}

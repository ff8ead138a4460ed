import { FarmError } from '#contract/errors.ts';
import { isInZone, suffixesOf } from '../../model/domains/dns-name.ts';
import { lacksAuthority } from '../../model/domains/name-outcome.ts';
import type { DnsReads, DnsZone } from '../../ports/dns.ts';
import type { OutsideProbe } from '../../ports/probe.ts';

const lookupTimeoutMs = 2000;

/**
 * A domain whose names would never be answered from what we write is not taken: one that the zone hands on to other name servers (`DNS_DELEGATED`), and
 * one for which a name server of the zone has no say (`DNS_REFUSED` with its code). A name server that is not reached just now is no reason.
 */
export async function refuseDelegated(probe: Pick<OutsideProbe, 'lookup'>, driver: DnsReads, zone: DnsZone, domain: string): Promise<void> {
  for (const name of suffixesOf(domain).filter((suffix) => suffix !== zone.name && isInZone(suffix, zone.name))) {
    const delegation = (await driver.list(zone, { name, type: 'NS' })).find(({ values }) => values.length > 0);
    if (delegation !== undefined)
      throw new FarmError('DNS_DELEGATED', { domain, zone: zone.name, name, servers: delegation.values.join(', ') });
  }
  const servers = (await driver.authoritativeServers(zone)).flatMap(({ name, addresses, port }) =>
    addresses.map((address) => ({ name, address, port })),
  );
  const answers = await probe.lookup(domain, servers, { timeoutMs: lookupTimeoutMs });
  const at = answers.findIndex(({ outcome }) => lacksAuthority(outcome));
  const [answer, server] = [answers[at], servers[at]];
  if (answer !== undefined && server !== undefined)
    throw new FarmError('DNS_REFUSED', { domain, name: domain, server: server.name, reason: answer.outcome });
}

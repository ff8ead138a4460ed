import * as z from 'zod';
import { FarmError, isFarmError } from '#contract/errors.ts';
import { isInZone, normalizeDnsName, suffixesOf } from '../../../model/domains/dns-name.ts';
import type { RecordSet } from '../../../model/domains/dns-records.ts';
import type { AuthoritativeServer, DnsCall, DnsDriver, DnsReach, DnsZone } from '../../../ports/dns.ts';
import { applyPlan, createQueue } from '../apply-plan.ts';
import type { DnsDriverContext } from '../driver-context.ts';
import { createPowerDnsClient, type PowerDnsClient } from './client.ts';
import { fromApi, toApiContent } from './records.ts';
import { apiZone, apiZoneWithRecords, type PowerDnsCredentials } from './schema.ts';

/** Zones of these kinds are copies: their records come from another server, and the API would accept writes that are lost. */
const copiedKinds = ['slave', 'secondary', 'consumer'];

/** PowerDNS Authoritative 4.x by its HTTP API. */
export function createPowerDnsDriver(credentials: PowerDnsCredentials, context: DnsDriverContext): DnsDriver {
  const client = createPowerDnsClient(credentials, context.timeoutMs);
  const inTurn = createQueue();
  const list: DnsDriver['list'] = (zone, filter, call) => listRecords(client, zone, filter, call);
  return {
    kind: 'powerdns',
    capabilities: { minTtlSeconds: 0, maxTtlSeconds: 2 ** 31 - 1, isImmediate: true, canCreateZone: true },
    findZone: (fqdn, call) => findZone(client, normalizeDnsName(fqdn), call),
    list,
    // one write at a time for the whole server: with its SQLite backend the second of two at once is a 500 (seen on 4.7, 25 November 2026)
    apply: (zone, plan, call) =>
      inTurn(() =>
        applyPlan(plan, {
          server: client.server,
          read: async () => (await list(zone, { name: plan.name, type: plan.type }, call))[0],
          write: (after) => writeRecords(client, zone, plan.name, plan.type, after, call),
        }),
      ),
    authoritativeServers: async (zone, call) =>
      credentials.nameServers?.length
        ? credentials.nameServers.map(({ address, port }) => ({ name: address, addresses: [address], port }))
        : publishedServers(client, zone, await list(zone, undefined, call), context),
    createZone: (name, nameServers, call) => createZone(client, normalizeDnsName(name), nameServers, call),
    reach: (zone, call) => reachOf(client, zone, call),
    close: async () => {},
  };
}

async function findZone(client: PowerDnsClient, fqdn: string, call?: DnsCall): Promise<DnsZone> {
  const subject = { domain: fqdn, name: fqdn };
  for (const suffix of suffixesOf(fqdn)) {
    const answer = await client.send(
      { method: 'GET', path: '/zones', query: { zone: `${suffix}.`, dnssec: 'false' } },
      subject,
      [200],
      call,
    );
    const zone = client.read(z.array(apiZone), answer.data, subject).find((candidate) => normalizeDnsName(candidate.name) === suffix);
    if (zone === undefined) continue;
    if (copiedKinds.includes(zone.kind.toLowerCase())) {
      throw new FarmError('DNS_REFUSED', { domain: suffix, name: fqdn, server: client.server, reason: 'secondary-zone' });
    }
    return { name: suffix, id: zone.id };
  }
  throw new FarmError('DNS_ZONE_MISSING', { domain: fqdn, server: client.server });
}

async function listRecords(
  client: PowerDnsClient,
  zone: DnsZone,
  filter: { readonly name?: string; readonly type?: string } = {},
  call?: DnsCall,
): Promise<RecordSet[]> {
  const subject = { domain: zone.name, name: filter.name ?? zone.name };
  // servers before 4.6 ignore the filters and send everything: filtered again below
  const query =
    filter.name === undefined ? {} : { rrset_name: `${filter.name}.`, ...(filter.type === undefined ? {} : { rrset_type: filter.type }) };
  const answer = await client.send({ method: 'GET', path: `/zones/${encodeURIComponent(zone.id)}`, query }, subject, [200], call);
  return client
    .read(apiZoneWithRecords, answer.data, subject)
    .rrsets.map(fromApi)
    .filter(
      (set) =>
        set.values.length > 0 &&
        (filter.name === undefined || set.name === filter.name) &&
        (filter.type === undefined || set.type === filter.type),
    );
}

async function writeRecords(
  client: PowerDnsClient,
  zone: DnsZone,
  name: string,
  type: string,
  after: RecordSet | undefined,
  call?: DnsCall,
): Promise<void> {
  const rrset =
    after === undefined
      ? { name: `${name}.`, type, changetype: 'DELETE' }
      : {
          name: `${name}.`,
          type,
          changetype: 'REPLACE',
          ttl: after.ttlSeconds,
          records: after.values.map((value) => ({ content: toApiContent(type, value), disabled: false })),
        };
  const request = { method: 'PATCH' as const, path: `/zones/${encodeURIComponent(zone.id)}`, body: { rrsets: [rrset] } };
  await client.send(request, { domain: zone.name, name }, [204], call);
}

/** The zone's NS records; their addresses from the zone itself where it holds them, else by the context. */
async function publishedServers(
  client: PowerDnsClient,
  zone: DnsZone,
  records: readonly RecordSet[],
  context: DnsDriverContext,
): Promise<readonly AuthoritativeServer[]> {
  const names = records.find((set) => set.name === zone.name && set.type === 'NS')?.values ?? [];
  if (names.length === 0) {
    throw new FarmError('DNS_REFUSED', { domain: zone.name, name: zone.name, server: client.server, reason: 'no-name-servers' });
  }
  return Promise.all(
    names.map(async (name) => {
      const glue = records.filter((set) => set.name === name && (set.type === 'A' || set.type === 'AAAA')).flatMap((set) => set.values);
      const addresses = isInZone(name, zone.name) && glue.length > 0 ? glue : await context.resolveHost(name);
      return { name, addresses, port: 53 };
    }),
  );
}

async function createZone(client: PowerDnsClient, name: string, nameServers: readonly string[], call?: DnsCall): Promise<DnsZone> {
  const subject = { domain: name, name };
  const body = { name: `${name}.`, kind: 'Native', nameservers: nameServers.map((server) => `${normalizeDnsName(server)}.`) };
  // 409: the zone is there, which is what was asked for
  await client.send({ method: 'POST', path: '/zones', body }, subject, [201, 409], call);
  const zone = await findZone(client, name, call);
  if (zone.name !== name) throw new FarmError('DNS_ZONE_MISSING', { domain: name, server: client.server });
  return zone;
}

/**
 * A server has one key, and it may do everything (https://doc.powerdns.com/authoritative/settings.html#api-key). Where the whole list is
 * refused to a key that is good for our zone, something in front of the server keeps it to that.
 */
async function reachOf(client: PowerDnsClient, zone: DnsZone, call?: DnsCall): Promise<DnsReach> {
  const subject = { domain: zone.name, name: zone.name };
  try {
    const answer = await client.send({ method: 'GET', path: '/zones', query: { dnssec: 'false' } }, subject, [200], call);
    const zones = client.read(z.array(apiZone), answer.data, subject);
    return { kind: 'whole-server', otherZones: zones.filter(({ name }) => normalizeDnsName(name) !== zone.name).length };
  } catch (error) {
    if (!isFarmError(error, 'DNS_CREDENTIALS') && !isFarmError(error, 'DNS_ZONE_MISSING')) throw error;
    await listRecords(client, zone, { name: zone.name, type: 'SOA' }, call);
    return { kind: 'zone' };
  }
}

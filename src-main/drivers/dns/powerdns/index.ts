import { createQueue } from '#kit/keyed-queue.ts';
import * as z from 'zod';
import { FarmError, isFarmError } from '#contract/errors.ts';
import { isInZone, normalizeDnsName, suffixesOf } from '../../../model/domains/dns-name.ts';
import { isStanding, type RecordSet } from '../../../model/domains/dns-records.ts';
import type { AuthoritativeServer, DnsCall, DnsReach, DnsZone, ZoneFault } from '../../../ports/dns.ts';
import type { DnsDriver } from '../../../ports/dns-writes.ts';
import { applyPlan } from '../apply-plan.ts';
import type { DnsDriverContext } from '../driver-context.ts';
import { createPowerDnsClient, type PowerDnsClient } from './client.ts';
import { fromApi, toApiContent } from './records.ts';
import { type ApiRecordSet, type ApiZone, apiZone, apiZoneWithRecords, type PowerDnsCredentials } from './schema.ts';

/** Zones of these kinds are copies: their records come from another server, and the API would accept writes that are lost. */
const copiedKinds = ['slave', 'secondary', 'consumer'];
/** Zones of these kinds are copied by other servers, which look at the serial. */
const primaryKinds = ['master', 'primary', 'producer'];

/** PowerDNS Authoritative 4.x by its HTTP API. */
export function createPowerDnsDriver(
  credentials: PowerDnsCredentials,
  context: Pick<DnsDriverContext, 'resolveHost' | 'timeoutMs'>,
): DnsDriver {
  const client = createPowerDnsClient(credentials, context.timeoutMs);
  // One writer at a time: record sets are read, merged and written, and two merges at once would lose one.
  const queued = createQueue();
  const list: DnsDriver['list'] = async (zone, filter, call) => (await readZone(client, zone, filter, call)).sets;
  return {
    kind: 'powerdns',
    capabilities: { minTtlSeconds: 0, maxTtlSeconds: 2 ** 31 - 1, isImmediate: true, canCreateZone: true },
    findZone: (fqdn, call) => findZone(client, normalizeDnsName(fqdn), call),
    list,
    // one write at a time for the whole server: with its SQLite backend the second of two at once is a 500 (seen on 4.7, 25 November 2026)
    apply: (zone, plan, call) =>
      queued(async () => {
        let seen: ZoneAnswer | undefined;
        await applyPlan(plan, {
          server: client.server,
          read: async () => {
            seen = await readZone(client, zone, { name: plan.name, type: plan.type }, call);
            return seen.sets[0];
          },
          write: (after) => writeRecords(client, zone, { name: plan.name, type: plan.type, after, comments: seen?.comments ?? [] }, call),
        });
        // also where nothing was left to write: whoever wrote it may have been cut off before this
        if (seen !== undefined && isPrimary(seen.zone)) await tellSecondaries(client, zone, call);
      }),
    authoritativeServers: async (zone, call) =>
      credentials.nameServers?.length
        ? credentials.nameServers.map(({ address, port }) => ({ name: address, addresses: [address], port }))
        : publishedServers(client, zone, await list(zone, undefined, call), context),
    createZone: (name, nameServers, call) => createZone(client, normalizeDnsName(name), nameServers, call),
    reach: (zone, call) => reachOf(client, zone, call),
    faults: (zone, call) => faultsOf(client, zone, call),
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

type ZoneAnswer = {
  readonly zone: ApiZone;
  readonly sets: readonly RecordSet[];
  /** Of all record sets that were asked for. */
  readonly comments: ApiRecordSet['comments'];
};

async function readZone(
  client: PowerDnsClient,
  zone: DnsZone,
  filter: { readonly name?: string; readonly type?: string } = {},
  call?: DnsCall,
): Promise<ZoneAnswer> {
  const subject = { domain: zone.name, name: filter.name ?? zone.name };
  // without the filter everything is sent: filtered again below
  const query =
    filter.name === undefined ? {} : { rrset_name: `${filter.name}.`, ...(filter.type === undefined ? {} : { rrset_type: filter.type }) };
  const isWhole = filter.name === undefined || (await client.filtersWhole(subject, call));
  const request = { method: 'GET' as const, path: `/zones/${encodeURIComponent(zone.id)}` };
  const readFiltered = () => client.send({ ...request, query }, subject, [200], call);
  const answer = isWhole
    ? await readFiltered()
    : await client.send(request, subject, [200], call).catch((error: unknown) => {
        // one record anywhere that it cannot read, or a zone too large to send: what is served at the name can still be asked for
        if (isFarmError(error, 'DNS_REFUSED')) return readFiltered();
        throw error;
      });
  const { rrsets, ...told } = client.read(apiZoneWithRecords, answer.data, subject);
  const asked = rrsets
    .map((rrset) => ({ set: fromApi(rrset), comments: rrset.comments }))
    .filter(
      ({ set }) => (filter.name === undefined || set.name === filter.name) && (filter.type === undefined || set.type === filter.type),
    );
  return {
    zone: told,
    sets: asked.map(({ set }) => set).filter(isStanding),
    comments: asked.flatMap(({ comments }) => comments),
  };
}

const isPrimary = ({ kind }: ApiZone): boolean => primaryKinds.includes(kind.toLowerCase());

/**
 * Other servers copy a zone when its serial grows, and PowerDNS lets it grow with a change by the API only where the zone has SOA-EDIT-API
 * (https://doc.powerdns.com/authoritative/dnsapi.html, "SOA-EDIT-API").
 */
async function faultsOf(client: PowerDnsClient, zone: DnsZone, call?: DnsCall): Promise<readonly ZoneFault[]> {
  const { zone: told } = await readZone(client, zone, { name: zone.name, type: 'SOA' }, call);
  return isPrimary(told) && (told.soa_edit_api ?? '') === '' ? ['serial-stands-still'] : [];
}

/**
 * Secondaries would else come by themselves, after the zone's refresh time. Only a hint (RFC 1996): what the server says to it changes nothing about
 * what was written, and a name server that stays behind is named by whoever asks them all.
 */
async function tellSecondaries(client: PowerDnsClient, zone: DnsZone, call?: DnsCall): Promise<void> {
  const subject = { domain: zone.name, name: zone.name };
  try {
    await client.send({ method: 'PUT', path: `/zones/${encodeURIComponent(zone.id)}/notify` }, subject, [200], call);
  } catch (error) {
    if (!isFarmError(error)) throw error;
  }
}

type Write = {
  readonly name: string;
  readonly type: string;
  readonly after: RecordSet | undefined;
  readonly comments: ApiRecordSet['comments'];
};

async function writeRecords(client: PowerDnsClient, zone: DnsZone, { name, type, after, comments }: Write, call?: DnsCall): Promise<void> {
  const target = { name: `${name}.`, type };
  const records = (values: readonly string[] = [], disabled = false) =>
    values.map((value) => ({ content: toApiContent(type, value), disabled }));
  // a set without records loses its comments, too, unless they are given again; otherwise what is not given stays
  const rrset =
    after !== undefined
      ? {
          ...{ ...target, changetype: 'REPLACE', ttl: after.ttlSeconds },
          records: [...records(after.values), ...records(after.disabled, true)],
        }
      : comments.length === 0
        ? { ...target, changetype: 'DELETE' }
        : { ...target, changetype: 'REPLACE', ttl: 0, records: [], comments };
  const request = { method: 'PATCH' as const, path: `/zones/${encodeURIComponent(zone.id)}`, body: { rrsets: [rrset] } };
  await client.send(request, { domain: zone.name, name }, [204], call);
}

/** The zone's NS records; their addresses from the zone itself where it holds them, else by the context. */
async function publishedServers(
  client: PowerDnsClient,
  zone: DnsZone,
  records: readonly RecordSet[],
  context: Pick<DnsDriverContext, 'resolveHost'>,
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
    await readZone(client, zone, { name: zone.name, type: 'SOA' }, call);
    return { kind: 'zone' };
  }
}

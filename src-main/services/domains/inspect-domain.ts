import type { DomainInspection } from '#contract/api/domains.ts';
import { FarmError } from '#contract/errors.ts';
import { adviseRecords } from '../../model/domains/advise-records.ts';
import { suffixesOf } from '../../model/domains/dns-name.ts';
import { type RecordSet, sameValues } from '../../model/domains/dns-records.ts';
import type { FarmDomain, OwnedRecord } from '../../model/domains/farm-domain.ts';
import { answeringWildcard, type Difference, differenceOf, hidingRecords } from '../../model/domains/inspect-zone.ts';
import { keptWildcard, leadsTo, wildcardNameOf } from '../../model/domains/kept-wildcard.ts';
import { publicAddressesOf } from '../../model/domains/server-addresses.ts';
import { leadingSets } from '../../model/domains/wildcards.ts';
import type { Instance } from '../../model/instances/instance.ts';
import type { Server } from '../../model/servers/server.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DnsCall, DnsReads, DnsZone } from '../../ports/dns.ts';
import type { Store } from '../../ports/store.ts';

type Deps = { readonly store: Store; readonly clock: Clock };

/** A person waits for it beside a page that is there already. */
const limitMs = 5000;
const maxListed = 50;

/** Looks at the zone of a domain; `server` is what people call its name server. Throws what the driver throws, and `DNS_SLOW` when it takes too long as a whole. */
export async function inspectDomain(deps: Deps, domain: FarmDomain, driver: DnsReads, server: string): Promise<DomainInspection> {
  const late = AbortSignal.timeout(limitMs);
  const call = { signal: late };
  try {
    const zone = await driver.findZone(domain.name, call);
    const [records, reach, faults] = await Promise.all([
      driver.list(zone, undefined, call),
      reachOf(driver, zone, call),
      // as with the reach: that it could not be asked does not hide what stands in the zone
      driver.faults(zone, call).catch(() => []),
    ]);
    return { askedAtMs: deps.clock.nowMs(), ...(await found(deps, domain, zone, records)), reach, faults: [...faults] };
  } catch (error) {
    if (!late.aborted) throw error;
    throw new FarmError('DNS_SLOW', { domain: domain.name, name: domain.name, server, seconds: limitMs / 1000 });
  }
}

/** What the key reaches is a word of caution; that it could not be asked does not hide what stands in the zone. */
async function reachOf(driver: DnsReads, zone: DnsZone, call: DnsCall): Promise<DomainInspection['reach']> {
  try {
    const reach = await driver.reach(zone, call);
    return { kind: reach.kind, otherZones: reach.kind === 'whole-server' ? reach.otherZones : 0 };
  } catch {
    return { kind: 'unknown', otherZones: 0 };
  }
}

async function found(
  { store }: Deps,
  domain: FarmDomain,
  zone: DnsZone,
  records: readonly RecordSet[],
): Promise<Omit<DomainInspection, 'askedAtMs' | 'reach' | 'faults'>> {
  const servers = await store.servers.find({ farmId: domain.farmId });
  const instances = await store.instances.find({ domainId: domain.id });
  const owned = await store.ownedRecords.find({ domainId: domain.id });
  const wildcard = answeringWildcard(records, { domain: domain.name, zone: zone.name });
  const values = wildcard?.sets.flatMap((set) => set.values.map((value) => ({ type: set.type, value }))) ?? [];
  const ours = new Set([...owned.map(({ name }) => name), ...instances.map(({ name }) => `${name}.${domain.name}`)]);
  const hiding = wildcard === undefined ? [] : hidingRecords(records, domain.name, (name) => ours.has(name));
  const differences = await differencesIn({ store }, domain, records, { servers, instances, owned });
  return {
    ...(wildcard === undefined
      ? {}
      : { wildcard: { name: wildcard.name, leads: values.map((lead) => ({ ...lead, ...serverAt(servers, lead.value) })) } }),
    hiding: hiding.slice(0, maxListed),
    hidingCount: hiding.length,
    differences: differences.slice(0, maxListed),
    differenceCount: differences.length,
    advice: adviceOf(domain, servers, instances, wildcard && { name: wildcard.name, addresses: values.map(({ value }) => value) }),
  };
}

function serverAt(servers: readonly Server[], address: string): { readonly serverName?: string } {
  const server = servers.find((one) => publicAddressesOf(one).includes(address));
  return server === undefined ? {} : { serverName: server.name };
}

type Known = { readonly servers: readonly Server[]; readonly instances: readonly Instance[]; readonly owned: readonly OwnedRecord[] };

/** Instances that a job works on are left out: their records come and go just now. */
async function differencesIn(
  { store }: Pick<Deps, 'store'>,
  domain: FarmDomain,
  records: readonly RecordSet[],
  { servers, instances, owned }: Known,
): Promise<Difference[]> {
  const busy = new Set((await store.locks.find({ farmId: domain.farmId })).map(({ id }) => id));
  const settled = instances.filter(({ id, desired }) => desired !== 'made' && desired !== 'removed' && !busy.has(`instance:${id}`));
  const byHost = recordsByName(records, domain.name);
  const kept = keptWildcard(domain);
  const wildcard = leadingSets((byHost.get(wildcardNameOf(domain)) ?? []).filter(({ name }) => name === wildcardNameOf(domain)));
  const isStanding =
    kept !== undefined &&
    sameValues(
      wildcard.flatMap((set) => set.values),
      kept.values,
    );
  return settled.flatMap((instance) => {
    const server = servers.find(({ id }) => id === instance.serverId);
    if (server === undefined) return [];
    const host = `${instance.name}.${domain.name}`;
    const known = {
      name: instance.name,
      host,
      owned: owned.filter(({ instanceId }) => instanceId === instance.id),
      serverAddresses: publicAddressesOf(server),
      isLedByWildcard: isStanding && leadsTo(kept, { id: server.id, addresses: publicAddressesOf(server) }),
    };
    return differenceOf(byHost.get(host) ?? [], known) ?? [];
  });
}

/** The records at each name below the domain, and of names below that: they hide the wildcard from it. */
function recordsByName(records: readonly RecordSet[], domain: string): ReadonlyMap<string, readonly RecordSet[]> {
  const found = new Map<string, RecordSet[]>();
  for (const set of records) {
    for (const name of suffixesOf(set.name)) {
      if (name.length <= domain.length) break;
      const here = found.get(name);
      if (here === undefined) found.set(name, [set]);
      else here.push(set);
    }
  }
  return found;
}

function adviceOf(
  domain: FarmDomain,
  servers: readonly Server[],
  instances: readonly Instance[],
  wildcard: { readonly name: string; readonly addresses: readonly string[] } | undefined,
): DomainInspection['advice'] {
  const kept = keptWildcard(domain);
  const home = servers.find(({ id }) => id === kept?.serverId);
  if (home !== undefined) return { code: 'wildcard-kept', parameters: { server: home.name, wildcard: wildcardNameOf(domain) } };
  const advised = servers.map((server) => ({
    name: server.name,
    addresses: publicAddressesOf(server),
    isDraining: server.isDraining,
    instances: instances.filter(({ serverId }) => serverId === server.id).length,
  }));
  const { code, parameters } = adviseRecords(advised, wildcard, domain.dnsKind === 'builtin');
  return { code, parameters: { ...parameters } };
}

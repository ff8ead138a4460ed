import type { Trace, Waiting } from '#contract/api/jobs.ts';
import { farmErrorFrom } from '#contract/agent/coded-failure.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import { canonicalIpv4, canonicalIpv6 } from '#contract/ip-address.ts';
import type { OwnedRecord } from '../../model/domains/farm-domain.ts';
import { type DnsChange, dnsRefusalError, planChange } from '../../model/domains/plan-change.ts';
import type { Server } from '../../model/servers/server.ts';
import type { AuthoritativeServer, DnsDriver, DnsZone } from '../../ports/dns.ts';
import type { NameEvidence, NameServerAddress } from '../../ports/probe.ts';
import { hasAnswered, untilAnswersAreRight } from './name-answers.ts';
import type { InstanceJobDeps, PlacedSite, Site } from './work.ts';

type Deps = Pick<InstanceJobDeps, 'store' | 'clock' | 'dns' | 'probe' | 'changes'>;
type Call = { readonly signal: AbortSignal; readonly waitFor: (waiting: Waiting) => void };

/** Short, so that an instance that moves is found again soon. */
const ttlSeconds = 60;
const lookupTimeoutMs = 2000;

type WantedRecord = { readonly type: 'A' | 'AAAA'; readonly value: string };

/** The addresses at which the world reaches a server: what a person confirmed, else what was proposed. */
export function publicAddressesOf(server: Server): readonly string[] {
  const confirmed = server.publicAddresses.filter(({ state }) => state === 'confirmed');
  const taken = confirmed.length > 0 ? confirmed : server.publicAddresses;
  return taken.map(({ address }) => canonicalIpv4(address) ?? canonicalIpv6(address) ?? address);
}

function wantedRecords(server: Server): WantedRecord[] {
  return publicAddressesOf(server).map((value) => ({ type: canonicalIpv4(value) === undefined ? 'AAAA' : 'A', value }));
}

export function nameServerAddresses(servers: readonly AuthoritativeServer[]): NameServerAddress[] {
  return servers.flatMap(({ addresses, port }) => addresses.map((address) => ({ address, port })));
}

const ownedBy = (deps: Deps, site: Site): Promise<readonly OwnedRecord[]> => deps.store.ownedRecords.find({ instanceId: site.instanceId });

type Opened = { readonly driver: DnsDriver; readonly zone: DnsZone };
async function open(deps: Deps, site: Site, signal: AbortSignal): Promise<Opened> {
  const driver = await deps.dns.driver(site.domain.id);
  try {
    return { driver, zone: await driver.findZone(site.host, { signal }) };
  } catch (error) {
    throw ofDomain(error, site);
  }
}

/** While it looks for the zone a driver knows only the name; people know the domain that they added. */
function ofDomain(error: unknown, site: Site): unknown {
  if (!isFarmError(error) || !('domain' in error.parameters)) return error;
  return farmErrorFrom(error.code, { ...error.parameters, domain: site.domain.name }) ?? error;
}

/** Plans, refuses what is unsafe, carries out; the driver reads back. */
async function carryOut(
  site: Site,
  { driver, zone }: Opened,
  change: DnsChange,
  signal: AbortSignal,
  beforeWrite: () => Promise<void>,
): Promise<void> {
  const current = await driver.list(zone, { name: site.host }, { signal });
  const planning = planChange(current, change);
  if (planning.kind === 'refusal') throw dnsRefusalError(planning.refusal, { domain: site.domain.name, server: driver.kind });
  await beforeWrite();
  if (planning.kind === 'plan') await driver.apply(zone, planning.plan, { signal });
}

/** A name that somebody else has put there is not ours, even with the very same address: it would be ours to remove later. */
async function refuseForeign(
  site: Site,
  { driver, zone }: Opened,
  signal: AbortSignal,
  isOursAlready: (type: string) => boolean,
): Promise<void> {
  const current = await driver.list(zone, { name: site.host }, { signal });
  const foreign = current.filter((set) => (set.type === 'A' || set.type === 'AAAA') && set.values.length > 0 && !isOursAlready(set.type));
  const [first] = foreign;
  if (first !== undefined) throw new FarmError('DNS_UNSAFE', { name: site.host, found: `${first.type} ${first.values.join(', ')}` });
}

/**
 * The instance's name answers with its server's addresses. Each record is saved as ours before it is written, so that nothing we wrote is
 * ever unknown. Throws `DNS_UNSAFE` and what the driver throws.
 */
export async function putRecords(deps: Deps, site: PlacedSite, call: Call): Promise<void> {
  const wanted = wantedRecords(site.server);
  if (wanted.length === 0) throw new FarmError('SERVER_WITHOUT_ADDRESS', { server: site.server.name });
  call.waitFor({ code: 'dns-write', parameters: { domain: site.domain.name } });
  const opened = await open(deps, site, call.signal);
  const owned = await ownedBy(deps, site);
  await refuseForeign(site, opened, call.signal, (type) => owned.some((record) => record.type === type));
  await removeRecords(
    deps,
    site,
    opened,
    call.signal,
    (record) => !wanted.some(({ type, value }) => type === record.type && value === record.value),
  );
  const { minTtlSeconds, maxTtlSeconds } = opened.driver.capabilities;
  const ttl = Math.min(maxTtlSeconds, Math.max(minTtlSeconds, ttlSeconds));
  for (const type of ['A', 'AAAA'] as const) {
    const values = wanted.filter((record) => record.type === type).map(({ value }) => value);
    if (values.length === 0) continue;
    const before = owned.filter((record) => record.type === type).map(({ value }) => value);
    const change: DnsChange = { action: 'put', zone: opened.zone.name, name: site.host, type, values, ttlSeconds: ttl, owned: before };
    await carryOut(site, opened, change, call.signal, async () => {
      for (const value of values) await deps.store.ownedRecords.put(ownedRecord(deps, site, type, value, ttl));
    });
  }
  deps.changes.announce({ kind: 'domain', id: site.domain.id });
}

function ownedRecord(deps: Deps, site: Site, type: 'A' | 'AAAA', value: string, ttl: number): OwnedRecord {
  return {
    id: `${site.domain.id}/${site.host}/${type}/${value}`,
    farmId: site.domain.farmId,
    domainId: site.domain.id,
    instanceId: site.instanceId,
    name: site.host,
    type,
    value,
    ttlSeconds: ttl,
    createdAtMs: deps.clock.nowMs(),
  };
}

async function removeRecords(
  deps: Deps,
  site: Site,
  opened: Opened,
  signal: AbortSignal,
  isOut: (record: OwnedRecord) => boolean,
): Promise<void> {
  for (const record of await ownedBy(deps, site)) {
    if (!isOut(record)) continue;
    const { name, type, value } = record;
    const change: DnsChange = { action: 'remove', zone: opened.zone.name, name, type, values: [value], others: 'keep' };
    await carryOut(site, opened, change, signal, () => Promise.resolve());
    await deps.store.ownedRecords.remove(record.id);
  }
}

/** Takes out exactly what is ours. Absent is fine, and so is a zone that has gone as a whole. */
export async function dropRecords(deps: Deps, site: Site, call: Call): Promise<void> {
  const owned = await ownedBy(deps, site);
  if (owned.length === 0) return;
  call.waitFor({ code: 'dns-write', parameters: { domain: site.domain.name } });
  try {
    await removeRecords(deps, site, await open(deps, site, call.signal), call.signal, () => true);
  } catch (error) {
    if (!isFarmError(error, 'DNS_ZONE_MISSING')) throw error;
    for (const record of owned) await deps.store.ownedRecords.remove(record.id);
  }
  deps.changes.announce({ kind: 'domain', id: site.domain.id });
}

/** True when every record that the instance needs is ours and stands at the name server. */
export async function recordsStand(deps: Deps, site: PlacedSite, signal: AbortSignal): Promise<boolean> {
  const owned = await ownedBy(deps, site);
  const wanted = wantedRecords(site.server);
  if (wanted.length !== owned.length) return false;
  const { driver, zone } = await open(deps, site, signal);
  const standing = await driver.list(zone, { name: site.host }, { signal });
  return wanted.every(
    ({ type, value }) =>
      owned.some((record) => record.type === type && record.value === value) &&
      standing.some((set) => set.type === type && set.values.includes(value)),
  );
}

export const ownsRecords = async (deps: Deps, site: Site): Promise<boolean> => (await ownedBy(deps, site)).length > 0;

/** Asks every authoritative server until each says what is right; one that has not for too long is named as the cause. */
async function untilAll(
  deps: Deps,
  site: Site,
  call: Call,
  wanted: { readonly code: 'dns-answer' | 'dns-gone'; readonly expected: string; readonly isRight: (evidence: NameEvidence) => boolean },
): Promise<void> {
  const servers = await deps.dns.authoritativeServers(site.domain.id);
  const addresses = nameServerAddresses(servers);
  await untilAnswersAreRight({
    clock: deps.clock,
    signal: call.signal,
    name: site.host,
    domain: site.domain.name,
    expected: wanted.expected,
    ask: () => deps.probe.lookup(site.host, addresses, { timeoutMs: lookupTimeoutMs, signal: call.signal }),
    isRight: wanted.isRight,
    serverAt: (index) => serverNamed(servers, addresses[index]),
    onBehind: (server) => call.waitFor({ code: wanted.code, parameters: { server, name: site.host } }),
  });
}

function serverNamed(servers: readonly AuthoritativeServer[], address: NameServerAddress | undefined): string {
  if (address === undefined) return '';
  return servers.find((server) => server.port === address.port && server.addresses.includes(address.address))?.name ?? address.address;
}

export function untilAnswered(deps: Deps, site: PlacedSite, call: Call): Promise<void> {
  const expected = publicAddressesOf(site.server).toSorted().join(', ');
  return untilAll(deps, site, call, {
    code: 'dns-answer',
    expected,
    isRight: ({ addresses }) => addresses.toSorted().join(', ') === expected,
  });
}

/** What a wildcard of the domain says for every name that has no record of its own: it says so before us and after us. */
async function wildcardAnswers(deps: Deps, site: Site, signal: AbortSignal): Promise<(address: string) => boolean> {
  const { driver, zone } = await open(deps, site, signal);
  const sets = await driver.list(zone, { name: `*.${site.domain.name}` }, { signal });
  const isAlias = sets.some((set) => set.type === 'CNAME' && set.values.length > 0);
  return (address) => isAlias || sets.some((set) => set.values.includes(address));
}

/** A zone that has gone as a whole answers for nothing. */
async function hasZone(deps: Deps, site: Site, signal: AbortSignal): Promise<boolean> {
  try {
    await open(deps, site, signal);
    return true;
  } catch (error) {
    if (isFarmError(error, 'DNS_ZONE_MISSING')) return false;
    throw error;
  }
}

/** Nobody answers with one of `values` any more, but where a wildcard does. */
export async function untilForgotten(deps: Deps, site: Site, all: readonly string[], call: Call): Promise<void> {
  if (all.length === 0 || !(await hasZone(deps, site, call.signal))) return;
  const isWildcard = await wildcardAnswers(deps, site, call.signal);
  const values = all.filter((value) => !isWildcard(value));
  await untilAll(deps, site, call, {
    code: 'dns-gone',
    expected: 'NXDOMAIN',
    isRight: ({ addresses, outcome }) => hasAnswered(outcome) && !addresses.some((address) => values.includes(address)),
  });
}

/**
 * One trace a name server and record: what it says now. `all`: every server must have said something, else `DNS_SLOW` or `DNS_REFUSED` is thrown;
 * otherwise one that does not answer is left out.
 */
export async function recordTraces(
  deps: Deps,
  site: Site,
  records: readonly { readonly type: string; readonly value: string }[],
  signal: AbortSignal,
  whom: 'all' | 'whoever-answers' = 'whoever-answers',
): Promise<Trace[]> {
  if (records.length === 0 || !(await hasZone(deps, site, signal))) return [];
  const servers = await deps.dns.authoritativeServers(site.domain.id);
  const addresses = nameServerAddresses(servers);
  const answers = await deps.probe.lookup(site.host, addresses, { timeoutMs: lookupTimeoutMs, signal });
  const isWildcard = await wildcardAnswers(deps, site, signal);
  const silent = answers.find(({ outcome }) => !hasAnswered(outcome));
  if (silent !== undefined && whom === 'all') {
    const place = { domain: site.domain.name, name: site.host, server: silent.server };
    if (silent.outcome === 'slow') throw new FarmError('DNS_SLOW', { ...place, seconds: lookupTimeoutMs / 1000 });
    throw new FarmError('DNS_REFUSED', { ...place, reason: silent.outcome });
  }
  return answers.flatMap((answer, at) =>
    hasAnswered(answer.outcome)
      ? records.map(({ type, value }) => ({
          code: 'record',
          parameters: { name: site.host, type, value },
          isPresent: answer.addresses.includes(value) && !isWildcard(value),
          checkedAtMs: deps.clock.nowMs(),
          witness: `${serverNamed(servers, addresses[at])} (${answer.server})`,
        }))
      : [],
  );
}

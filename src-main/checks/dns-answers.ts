import type { Leftover } from '#contract/api/jobs.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import { type RecordSet, sameValues } from '../model/domains/dns-records.ts';
import { keptWildcard } from '../model/domains/kept-wildcard.ts';
import { hasAnswered, isAlias, lacksAuthority } from '../model/domains/name-outcome.ts';
import { leadingSets } from '../model/domains/wildcards.ts';
import type { DnsAccess } from '../ports/access.ts';
import type { Clock } from '../ports/clock.ts';
import type { AuthoritativeServer } from '../ports/dns.ts';
import type { NameEvidence, NameServerAddress, OutsideProbe } from '../ports/probe.ts';
import type { Store } from '../ports/store.ts';
import { type Asking, type Opened, openZone, openZones } from './dns-zones.ts';
import { createStranger, wildcardOver } from './dns-wildcard.ts';
import { untilAnswersAreRight } from './name-answers.ts';
import type { Site } from './site.ts';

type Deps = {
  readonly store: Pick<Store, 'servers' | 'ownedRecords'>;
  readonly clock: Clock;
  readonly dns: DnsAccess;
  readonly probe: Pick<OutsideProbe, 'lookup'>;
};

const lookupTimeoutMs = 2000;

export function nameServerAddresses(servers: readonly AuthoritativeServer[]): NameServerAddress[] {
  return servers.flatMap(({ addresses, port }) => addresses.map((address) => ({ address, port })));
}

type Expected = {
  readonly code: 'dns-answer' | 'dns-gone';
  readonly expected: string;
  readonly isRight: (evidence: NameEvidence) => boolean;
  /** Before each round of answers. */
  readonly beforeRound?: (addresses: readonly NameServerAddress[]) => Promise<void>;
  /** With what all of them said, before `isRight` is asked. */
  readonly afterRound?: (answers: readonly NameEvidence[]) => Promise<void>;
};

/** Asks every authoritative server until each says what is right; one that has not for too long is named as the cause. */
async function untilAll(deps: Deps, site: Site, call: Asking, wanted: Expected): Promise<void> {
  const servers = await deps.dns.authoritativeServers(site.domain.id);
  const addresses = nameServerAddresses(servers);
  await untilAnswersAreRight({
    clock: deps.clock,
    signal: call.signal,
    name: site.host,
    domain: site.domain.name,
    expected: wanted.expected,
    ask: async () => {
      await wanted.beforeRound?.(addresses);
      const answers = await deps.probe.lookup(site.host, addresses, { timeoutMs: lookupTimeoutMs, signal: call.signal });
      await wanted.afterRound?.(answers);
      return answers;
    },
    isRight: wanted.isRight,
    serverAt: (index) => serverNamed(servers, addresses[index]),
    onBehind: (server) => call.waitFor({ code: wanted.code, parameters: { server, name: site.host } }),
  });
}

function serverNamed(servers: readonly AuthoritativeServer[], address: NameServerAddress | undefined): string {
  if (address === undefined) return '';
  return servers.find((server) => server.port === address.port && server.addresses.includes(address.address))?.name ?? address.address;
}

/** Every name server answers with exactly these addresses. */
export function untilAnswered(deps: Deps, site: Site, addresses: readonly string[], call: Asking): Promise<void> {
  const expected = addresses.toSorted().join(', ');
  return untilAll(deps, site, call, {
    code: 'dns-answer',
    expected,
    isRight: ({ addresses: found }) => found.toSorted().join(', ') === expected,
  });
}

/**
 * To where the farm's own wildcard leads the name, when it does: nothing stands at the name that is another's, and every name server says so.
 * Undefined otherwise.
 */
export async function standsLed(deps: Deps, site: Site, signal: AbortSignal): Promise<readonly string[] | undefined> {
  const kept = keptWildcard(site.domain);
  if (kept?.isRelied !== true) return undefined;
  const { driver, zone } = await openZone(deps, site, { signal });
  if (leadingSets(await driver.list(zone, { name: site.host }, { signal })).length > 0) return undefined;
  const servers = nameServerAddresses(await deps.dns.authoritativeServers(site.domain.id));
  const answers = await deps.probe.lookup(site.host, servers, { timeoutMs: lookupTimeoutMs, signal });
  return answers.every((answer) => sameValues(answer.addresses, kept.values)) ? kept.values : undefined;
}

/** Nearest first; none when the zone has gone as a whole: then it answers for nothing. */
async function openIfThere(deps: Deps, site: Site, signal: AbortSignal): Promise<readonly Opened[]> {
  try {
    return await openZones(deps, site, signal);
  } catch (error) {
    if (isFarmError(error, 'DNS_ZONE_MISSING')) return [];
    throw error;
  }
}

/** The provider's own list, over all zones that may hold records of the instance. */
async function standingAt(site: Site, zones: readonly Opened[], signal: AbortSignal): Promise<readonly RecordSet[]> {
  const lists = await Promise.all(zones.map(({ driver, zone }) => driver.list(zone, { name: site.host }, { signal })));
  return lists.flat();
}

/**
 * Addresses that stand at the name because of another instance that has come to it: no leftovers of the one before. Asked after the name servers were,
 * since whatever they said by then was noted before it was written.
 */
async function anothersValues(deps: Deps, site: Site): Promise<ReadonlySet<string>> {
  const noted = await deps.store.ownedRecords.find({ domainId: site.domain.id, name: site.host });
  return new Set(noted.flatMap(({ instanceId, value }) => (instanceId === site.instanceId ? [] : [value])));
}

/**
 * Nobody answers with one of `values` any more, but where a wildcard of the zone says so for every name. A server that has no say about the name
 * (the name is delegated elsewhere, its zone is broken) would never say so: there the provider's own list decides.
 */
export async function untilForgotten(deps: Deps, site: Site, values: readonly string[], call: Asking): Promise<void> {
  if (values.length === 0) return;
  const zones = await openIfThere(deps, site, call.signal);
  const [opened] = zones;
  if (opened === undefined) return;
  let isListed = true;
  let anothers: ReadonlySet<string> = new Set();
  const wildcard = await wildcardOver(deps, site, opened, call.signal);
  const stranger = createStranger(deps, site, wildcard);
  await untilAll(deps, site, call, {
    code: 'dns-gone',
    expected: wildcard?.leads ?? 'NXDOMAIN',
    isRight: (answer) => {
      if (stranger.isSameAs(answer)) return true;
      if (lacksAuthority(answer.outcome)) return !isListed;
      const isOurs = (address: string): boolean => values.includes(address) && !anothers.has(address);
      return (hasAnswered(answer.outcome) || isAlias(answer.outcome)) && !answer.addresses.some(isOurs);
    },
    afterRound: async (answers) => {
      anothers = await anothersValues(deps, site);
      if (!answers.some(({ outcome }) => lacksAuthority(outcome))) return;
      const standing = await standingAt(site, zones, call.signal);
      isListed = standing.some((set) => set.values.some((value) => values.includes(value) && !anothers.has(value)));
    },
    beforeRound: (addresses) => stranger.ask(addresses, { timeoutMs: lookupTimeoutMs, signal: call.signal }),
  });
}

/** A name that never had a record of its own: who answers for it now that the instance is gone. */
async function ledLeftovers(deps: Deps, site: Site, opened: Opened, signal: AbortSignal): Promise<Leftover[]> {
  const wildcard = await wildcardOver(deps, site, opened, signal);
  if (wildcard === undefined) return [];
  const parameters = { name: site.host, wildcard: wildcard.name, leads: wildcard.leads };
  return [{ code: 'only-wildcard', parameters, isPresent: false, checkedAtMs: deps.clock.nowMs(), witness: 'core' }];
}

/**
 * One leftover a name server and record: what it says now, and whether the record stands in the zone; where a wildcard answers instead, that is told.
 * `all`: every server must have said something, else `DNS_SLOW` or `DNS_REFUSED` is thrown, and a record in the zone is there whoever answers; for
 * servers without a say about the name the provider's list is told once. Otherwise a server that does not answer is left out.
 */
export async function recordLeftovers(
  deps: Deps,
  site: Site,
  records: readonly { readonly type: string; readonly value: string }[],
  signal: AbortSignal,
  whom: 'all' | 'whoever-answers' = 'whoever-answers',
): Promise<Leftover[]> {
  const isLed = records.length === 0 && keptWildcard(site.domain) !== undefined;
  const zones = records.length === 0 && !isLed ? [] : await openIfThere(deps, site, signal);
  const [opened] = zones;
  if (opened === undefined) return [];
  if (isLed) return whom === 'all' ? ledLeftovers(deps, site, opened, signal) : [];
  const servers = await deps.dns.authoritativeServers(site.domain.id);
  const addresses = nameServerAddresses(servers);
  const wildcard = await wildcardOver(deps, site, opened, signal);
  const stranger = createStranger(deps, site, wildcard);
  const options = { timeoutMs: lookupTimeoutMs, signal };
  const [answers] = await Promise.all([deps.probe.lookup(site.host, addresses, options), stranger.ask(addresses, options)]);
  const hasSpoken = (answer: NameEvidence): boolean => hasAnswered(answer.outcome) || isAlias(answer.outcome) || stranger.isSameAs(answer);
  const silent = answers.find((answer) => !hasSpoken(answer) && !lacksAuthority(answer.outcome));
  if (silent !== undefined && whom === 'all') {
    const place = { domain: site.domain.name, name: site.host, server: silent.server };
    if (silent.outcome === 'slow') throw new FarmError('DNS_SLOW', { ...place, seconds: lookupTimeoutMs / 1000 });
    throw new FarmError('DNS_REFUSED', { ...place, reason: silent.outcome });
  }
  const standing = await standingAt(site, zones, signal);
  const anothers = await anothersValues(deps, site);
  const stands = (type: string, value: string): boolean => standing.some((set) => set.type === type && set.values.includes(value));
  const told = answers.flatMap((answer, at): Leftover[] => {
    const isWildcards = stranger.isSameAs(answer);
    if (!hasSpoken(answer)) return [];
    return records.map(({ type, value }) => {
      const isOurs = !anothers.has(value);
      const isInZone = isOurs && stands(type, value);
      const isSaid = isOurs && answer.addresses.includes(value);
      const isPresent = whom === 'all' ? isInZone || (isSaid && !isWildcards) : isSaid && (isInZone || !isWildcards);
      const instead = !isPresent && isWildcards && wildcard !== undefined ? wildcard : undefined;
      return {
        code: instead === undefined ? 'record' : 'wildcard',
        parameters: { name: site.host, type, value, ...(instead === undefined ? {} : { wildcard: instead.name, leads: instead.leads }) },
        isPresent,
        checkedAtMs: deps.clock.nowMs(),
        witness: `${serverNamed(servers, addresses[at])} (${answer.server})`,
      };
    });
  });
  if (whom !== 'all' || answers.every(hasSpoken)) return told;
  // a server without a say about the name is no vantage point: the provider's list is
  const listed = records.map(({ type, value }) => ({
    code: 'record',
    parameters: { name: site.host, type, value },
    isPresent: stands(type, value) && !anothers.has(value),
    checkedAtMs: deps.clock.nowMs(),
    witness: 'core',
  }));
  return [...told, ...listed];
}

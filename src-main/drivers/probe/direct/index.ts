import { isIP } from 'node:net';
import { canonicalIpv4, canonicalIpv6 } from '#contract/ip-address.ts';
import { lacksAuthority } from '../../../model/domains/name-outcome.ts';
import type { Clock } from '../../../ports/clock.ts';
import {
  type AddressEvidence,
  type NameEvidence,
  OutsideError,
  type OutsideProbe,
  type ProbeAnswer,
  type ProbeEvidence,
  type ProbeRequest,
} from '../../../ports/probe.ts';
import { resolveAt } from './resolve-name.ts';
import { visitAddress, type Visited } from './visit-address.ts';

/** Every published address is visited; more than this many is a mistake in the zone. */
const maxAddresses = 16;
const unroutable = ['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'];

/** The outside request, made from this computer. */
export function createDirectProbe({ clock }: { readonly clock: Pick<Clock, 'nowMs'> }): OutsideProbe {
  return {
    request: (request) => probe(request, clock.nowMs()),
    lookup: (name, servers, { timeoutMs, signal }) => {
      const late = AbortSignal.timeout(timeoutMs);
      return Promise.all(servers.map((server) => resolveAt(server, name.toLowerCase(), late, signal)));
    },
  };
}

type Progress = {
  readonly url: URL;
  readonly atMs: number;
  readonly names: readonly NameEvidence[];
  readonly addresses: readonly AddressEvidence[];
};

async function probe(request: ProbeRequest, atMs: number): Promise<ProbeAnswer> {
  const url = new URL(request.url);
  if (url.protocol !== 'https:') throw new TypeError(`the outside probe speaks https only, not ${url.protocol}`);
  const started = performance.now();
  const late = AbortSignal.timeout(request.timeoutMs);
  const names = await resolve(request, url, atMs);
  const dns = Math.round(performance.now() - started);
  const published = names[0]?.addresses.slice(0, maxAddresses) ?? [hostOf(url)];
  const { trustPem, headers = {}, signal: caller } = request;
  const visits: { readonly address: string; readonly visited: Visited }[] = [];
  for (const address of published) visits.push({ address, visited: await visitAddress({ url, address, trustPem, headers, late, caller }) });
  return judge(request, { url, atMs, names, addresses: visits.map((visit) => describe(url, visit)) }, visits, dns);
}

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');
const evidenceOf = ({ url, atMs, names, addresses }: Progress): ProbeEvidence => ({
  url: url.origin + url.pathname,
  atMs,
  names,
  addresses,
});

/** What every server says, the same from all and as expected; nothing for a URL that holds an address itself. */
async function resolve(request: ProbeRequest, url: URL, atMs: number): Promise<readonly NameEvidence[]> {
  const host = hostOf(url);
  if (isIP(host) !== 0) return [];
  const late = AbortSignal.timeout(request.timeoutMs / 2);
  const names = await Promise.all(request.resolveVia.servers.map((server) => resolveAt(server, host, late, request.signal)));
  const evidence = evidenceOf({ url, atMs, names, addresses: [] });
  const wanted = request.expect.addresses
    ?.map((text) => canonicalIpv4(text) ?? canonicalIpv6(text) ?? text)
    .toSorted()
    .join(', ');
  const agreed = wanted ?? names.find((name) => name.addresses.length > 0)?.addresses.join(', ') ?? 'A, AAAA';
  if (names.length === 0) throw new OutsideError('OUTSIDE_NAME', { address: host, found: 'no-name-servers', expected: agreed }, evidence);
  for (const { server, addresses, outcome } of names) {
    const place = { domain: host, name: host, server };
    if (outcome === 'slow') throw new OutsideError('DNS_SLOW', { ...place, seconds: Math.round(request.timeoutMs / 2000) }, evidence);
    if (isSystemCode(outcome) || lacksAuthority(outcome)) throw new OutsideError('DNS_REFUSED', { ...place, reason: outcome }, evidence);
    const found = addresses.length > 0 ? addresses.join(', ') : outcome;
    if (found !== agreed) throw new OutsideError('OUTSIDE_NAME', { address: host, found, expected: agreed }, evidence);
  }
  return names;
}

/** `ECONNREFUSED` and its like: the server was not reached, so it said nothing about the name. */
function isSystemCode(outcome: string): boolean {
  return /^E[A-Z]+$/.test(outcome) || outcome === 'closed' || outcome === 'unreadable';
}

function describe(url: URL, { address, visited }: { readonly address: string; readonly visited: Visited }): AddressEvidence {
  const base = { address, port: url.port === '' ? 443 : Number(url.port) };
  if (visited.kind === 'answered') return { ...base, outcome: 'ok', tls: visited.tls, status: visited.status };
  const outcome = isUnroutable(visited) ? 'unroutable' : `${visited.stage} ${visited.cause}`;
  return visited.tls === undefined ? { ...base, outcome } : { ...base, outcome, tls: visited.tls };
}

function isUnroutable(visited: Visited): boolean {
  return visited.kind === 'failed' && visited.stage === 'connect' && unroutable.includes(visited.cause);
}

/** The first bad address decides; one that this computer has no way to is left out while another could be visited. */
function judge(
  request: ProbeRequest,
  progress: Progress,
  visits: readonly { readonly address: string; readonly visited: Visited }[],
  dns: number,
): ProbeAnswer {
  const evidence = evidenceOf(progress);
  const address = progress.url.origin;
  const reachable = visits.filter(({ visited }) => !isUnroutable(visited));
  let first: ProbeAnswer | undefined;
  for (const { visited } of reachable.length > 0 ? reachable : visits) {
    if (visited.kind === 'failed') {
      throw new OutsideError(visited.stage === 'tls' ? 'OUTSIDE_TLS' : 'OUTSIDE_CONNECT', { address, cause: visited.cause }, evidence);
    }
    const { status, tls, headers, durationsMs } = visited;
    if (!request.expect.status.includes(status)) {
      throw new OutsideError('OUTSIDE_STATUS', { address, status, expected: request.expect.status.join(', ') }, evidence);
    }
    first ??= { addresses: visits.map((visit) => visit.address), tls, status, headers, durationsMs: { dns, ...durationsMs }, evidence };
  }
  if (first === undefined) throw new OutsideError('OUTSIDE_CONNECT', { address, cause: 'no-address' }, evidence);
  return first;
}

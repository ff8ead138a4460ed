import type { HostFacts } from '#contract/agent/servers.ts';
import { canonicalIpv4, canonicalIpv6 } from '#contract/ip-address.ts';
import { type AddressReach, reachOfAddress, readPublicAddresses } from '#contract/public-address.ts';
import type { PublicAddress, Server } from './server.ts';

export type HostAddress = { readonly address: string; readonly isLoopback: boolean };
/** What an agent tells of where visitors can come in. */
type EdgePlace = { readonly addresses: readonly HostAddress[]; readonly edgeAddress?: string | undefined };

const canonical = (text: string): string | undefined => canonicalIpv4(text) ?? canonicalIpv6(text);

/** A proposal is no more than an address that DNS may hold, and that is not the server talking to itself. */
function reachOf(address: string): AddressReach | 'nowhere' {
  const { addresses } = readPublicAddresses([address]);
  const [read] = addresses;
  if (read === undefined || isIpv4LinkLocal(read)) return 'nowhere';
  return reachOfAddress(read);
}

/** RFC 3927: what a card gives itself when nobody gave it an address. A person may confirm it; it is proposed by nobody. */
const isIpv4LinkLocal = (address: string): boolean => address.startsWith('169.254.');

const isLoopback = (host: string): boolean => host.toLowerCase() === 'localhost' || reachOf(host) === 'here';

/** Does an edge that was told to listen there take connections from its own computer only? Absent: its agent does not tell, so no. */
export const isEdgeLocal = (edgeAddress: string | undefined): boolean => edgeAddress !== undefined && isLoopback(edgeAddress);

const isSameKind = (one: string, other: string): boolean => (canonicalIpv4(one) === undefined) === (canonicalIpv4(other) === undefined);

/** Where an edge listens, as one address; undefined is everywhere, or not known: a name may stand for any. */
function boundAddress(edgeAddress: string | undefined): string | undefined {
  const [host = ''] = (edgeAddress ?? '').split('%');
  const bound = canonical(host);
  // Node listens at `::` for both kinds (https://nodejs.org/api/net.html#serverlistenport-host-backlog-callback).
  return bound === '::' ? undefined : bound;
}

function isServed(address: string, edgeAddress: string | undefined): boolean {
  const bound = boundAddress(edgeAddress);
  if (bound === undefined) return true;
  return bound === '0.0.0.0' ? isSameKind(address, bound) : canonical(address) === bound;
}

/**
 * The addresses to propose for DNS, of those at which its edge listens: those that the world reaches, if the server has any; else the one at which we
 * reached it, if it is one of its own (a network of its own kind, e.g. of containers, is nobody's way in); else all that somebody can reach. None for
 * a server of loopback only.
 */
export function proposePublicAddresses(found: readonly HostAddress[], dialled: string, edgeAddress?: string): readonly string[] {
  const usable = found
    .filter(({ isLoopback: isOwnOnly, address }) => !isOwnOnly && ['world', 'inside'].includes(reachOf(address)))
    .map(({ address }) => address)
    .filter((address) => isServed(address, edgeAddress));
  const world = usable.filter((address) => reachOf(address) === 'world');
  if (world.length > 0) return world;
  return usable.includes(dialled) ? [dialled] : usable;
}

/**
 * The address at which we reached the agent, where nothing better is known: its own, or one that a router leads there. Never one at which its edge
 * does not listen. An edge on loopback is reached only where the agent was reached by loopback too: a farm of one computer.
 */
function dialledProposal({ addresses, edgeAddress }: EdgePlace, dialled: string): readonly string[] {
  // A name that was dialled is none: DNS records hold addresses. Then a person confirms one before the first instance comes.
  const read = readPublicAddresses([dialled]).addresses;
  const bound = boundAddress(edgeAddress);
  if (isEdgeLocal(edgeAddress)) {
    if (!isLoopback(dialled)) return [];
    return bound === undefined ? read : [bound];
  }
  const isOwn = isLoopback(dialled) || addresses.some(({ address }) => canonical(address) === canonical(dialled));
  if (isOwn) return read.filter((address) => isServed(address, edgeAddress));
  // Where a router leads is not known, but it translates no kind of address into the other.
  return read.filter((address) => bound === undefined || isSameKind(address, bound));
}

/** The proposal for a server whose agent was dialled at `address`, a host and a port. */
export function proposedAddresses(place: EdgePlace, address: string): readonly PublicAddress[] {
  const dialled = address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '');
  const own = isEdgeLocal(place.edgeAddress) ? [] : proposePublicAddresses(place.addresses, dialled, place.edgeAddress);
  const proposed = own.length > 0 ? own : dialledProposal(place, dialled);
  return proposed.map((found) => ({ address: found, state: 'proposed' }));
}

/**
 * What changes in a server's row when its agent tells new facts: a proposal follows the edge that was told to listen elsewhere. What a person
 * confirmed stays, and so does a proposal of an edge that stayed: records of instances hold it.
 */
export function withFacts(
  server: Pick<Server, 'address' | 'publicAddresses' | 'facts'>,
  facts: HostFacts,
): { readonly facts: HostFacts; readonly publicAddresses?: readonly PublicAddress[] } {
  const isConfirmed = server.publicAddresses.some(({ state }) => state === 'confirmed');
  if (isConfirmed || server.facts.edgeAddress === facts.edgeAddress) return { facts };
  return { facts, publicAddresses: proposedAddresses(facts, server.address) };
}

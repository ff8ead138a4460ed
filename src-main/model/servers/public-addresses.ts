import { type AddressReach, reachOfAddress, readPublicAddresses } from '#contract/public-address.ts';

export type HostAddress = { readonly address: string; readonly isLoopback: boolean };

/** A proposal is no more than an address that DNS may hold, and that is not the server talking to itself. */
function reachOf(address: string): AddressReach | 'nowhere' {
  const { addresses } = readPublicAddresses([address]);
  const [read] = addresses;
  if (read === undefined || isIpv4LinkLocal(read)) return 'nowhere';
  return reachOfAddress(read);
}

/** RFC 3927: what a card gives itself when nobody gave it an address. A person may confirm it; it is proposed by nobody. */
const isIpv4LinkLocal = (address: string): boolean => address.startsWith('169.254.');

/**
 * The addresses to propose for DNS: those that the world reaches, if the server has any; else the one at which we reached it, if it is one of its own
 * (a network of its own kind, e.g. of containers, is nobody's way in); else all that somebody can reach. None for a server of loopback only.
 */
export function proposePublicAddresses(found: readonly HostAddress[], dialled: string): readonly string[] {
  const usable = found
    .filter(({ isLoopback, address }) => !isLoopback && ['world', 'inside'].includes(reachOf(address)))
    .map(({ address }) => address);
  const world = usable.filter((address) => reachOf(address) === 'world');
  if (world.length > 0) return world;
  return usable.includes(dialled) ? [dialled] : usable;
}

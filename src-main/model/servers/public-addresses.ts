import { canonicalIpv4, canonicalIpv6 } from '../domains/ip-address.ts';

export type HostAddress = { readonly address: string; readonly isLoopback: boolean };
type Reach = 'world' | 'inside' | 'nowhere';

/** https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry: who can reach an address of this kind. */
function reachOf(address: string): Reach {
  if (canonicalIpv4(address) !== undefined) {
    const [first = 0, second = 0] = address.split('.').map(Number);
    if (first === 0 || first === 127 || first >= 224 || (first === 169 && second === 254)) return 'nowhere';
    const isPrivate =
      first === 10 ||
      (first === 172 && second >= 16 && second < 32) ||
      (first === 192 && second === 168) ||
      (first === 100 && second >= 64 && second < 128);
    return isPrivate ? 'inside' : 'world';
  }
  const canonical = canonicalIpv6(address);
  // Link-local addresses mean nothing without the name of an interface, which has no place in DNS.
  if (canonical === undefined || canonical === '::' || canonical === '::1' || /^(fe[89ab]|ff)/.test(canonical)) return 'nowhere';
  return /^f[cd]/.test(canonical) ? 'inside' : 'world';
}

/**
 * The addresses to propose for DNS: those that the world reaches, if the server has any; else the one at which we reached it, if it is one of its own
 * (a network of its own kind, e.g. of containers, is nobody's way in); else all that somebody can reach. None for a server of loopback only.
 */
export function proposePublicAddresses(found: readonly HostAddress[], dialled: string): readonly string[] {
  const usable = found.filter(({ isLoopback, address }) => !isLoopback && reachOf(address) !== 'nowhere').map(({ address }) => address);
  const world = usable.filter((address) => reachOf(address) === 'world');
  if (world.length > 0) return world;
  return usable.includes(dialled) ? [dialled] : usable;
}

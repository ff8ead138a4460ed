import type { Server } from '../servers/server.ts';
import { canonicalIpv4, canonicalIpv6 } from '#contract/ip-address.ts';

/** The addresses at which the world reaches a server: what a person confirmed, else what was proposed. */
export function publicAddressesOf({ publicAddresses }: Pick<Server, 'publicAddresses'>): readonly string[] {
  const confirmed = publicAddresses.filter(({ state }) => state === 'confirmed');
  const taken = confirmed.length > 0 ? confirmed : publicAddresses;
  return taken.map(({ address }) => canonicalIpv4(address) ?? canonicalIpv6(address) ?? address);
}

/** The type of the record that holds an address. */
export const addressType = (address: string): 'A' | 'AAAA' => (canonicalIpv4(address) === undefined ? 'AAAA' : 'A');

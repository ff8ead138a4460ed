import { canonicalIpv4, canonicalIpv6 } from './ip-address.ts';

/**
 * The public addresses of a server: what its instances' A and AAAA records hold. The core decides by this rule; a window tells by the
 * same one while a person types.
 */

/** Why a text cannot stand in an address record; the words are `error.PUBLIC_ADDRESS_INVALID`. */
export const publicAddressReasons = [
  'none',
  'tooMany',
  'twice',
  'name',
  'port',
  'zone',
  'form',
  'mapped',
  'unspecified',
  'linkLocal',
  'multicast',
  'broadcast',
  'reserved',
] as const;
export type PublicAddressReason = (typeof publicAddressReasons)[number];

/** Who can reach an address: `here` is the server itself, `inside` its own network, `world` everybody. */
export type AddressReach = 'world' | 'inside' | 'here';

export const maxPublicAddresses = 16;

type Read = { readonly address: string } | { readonly reason: PublicAddressReason };
export type ReadAddresses = {
  /** Each in the one form in which it can be compared as text, in the given order. */
  readonly addresses: readonly string[];
  /** The first text that cannot stay, and why; the core takes no addresses while there is one. */
  readonly problem?: { readonly address: string; readonly reason: PublicAddressReason };
};

const octetsOf = (ipv4: string): readonly number[] => ipv4.split('.').map(Number);

/** https://www.iana.org/assignments/iana-ipv4-special-registry, and RFC 1112 §4 for what lies above. */
function ipv4Reason(ipv4: string): PublicAddressReason | undefined {
  const [first = 0] = octetsOf(ipv4);
  if (first === 0) return 'unspecified';
  if (ipv4 === '255.255.255.255') return 'broadcast';
  if (first >= 240) return 'reserved';
  return first >= 224 ? 'multicast' : undefined;
}

/** https://www.iana.org/assignments/iana-ipv6-special-registry. `ipv6` is canonical. */
function ipv6Reason(ipv6: string): PublicAddressReason | undefined {
  if (ipv6 === '::') return 'unspecified';
  if (ipv6.startsWith('::ffff:')) return 'mapped';
  // Without the name of an interface it leads nowhere, and an interface has no place in DNS.
  if (/^fe[89ab]/.test(ipv6)) return 'linkLocal';
  return ipv6.startsWith('ff') ? 'multicast' : undefined;
}

/** What a text that is no bare address was meant to be, so that the sentence can say what to take away. */
function formReason(text: string): PublicAddressReason {
  const bracketed = /^\[([^\]]*)\](:\d+)?$/.exec(text);
  if (bracketed !== null && canonicalIpv6(bracketed[1] ?? '') !== undefined) return bracketed[2] === undefined ? 'form' : 'port';
  const [host = '', port = ''] = text.split(':');
  if (/^\d+$/.test(port) && text.split(':').length === 2) return canonicalIpv4(host) === undefined && !isName(host) ? 'form' : 'port';
  const [beforeZone = '', zone] = text.split('%');
  if (zone !== undefined && canonicalIpv6(beforeZone) !== undefined) return 'zone';
  return isName(text) ? 'name' : 'form';
}

/** Letters make a name: 203.0.113.256 is a mistyped address. */
const isName = (text: string): boolean => /^[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*\.?$/u.test(text) && /\p{L}/u.test(text);

function readOne(text: string): Read {
  const ipv4 = canonicalIpv4(text);
  const address = ipv4 ?? canonicalIpv6(text);
  if (address === undefined) return { reason: formReason(text) };
  const reason = ipv4 === undefined ? ipv6Reason(address) : ipv4Reason(address);
  return reason === undefined ? { address } : { reason };
}

/** The addresses that `texts` name, and the first of them that cannot be one. White space around a text is no part of it. */
export function readPublicAddresses(texts: readonly string[]): ReadAddresses {
  const addresses: string[] = [];
  let problem: ReadAddresses['problem'];
  for (const given of texts) {
    const text = given.trim();
    const read = readOne(text);
    if (!('address' in read)) problem ??= { address: text, reason: read.reason };
    else if (addresses.includes(read.address)) problem ??= { address: text, reason: 'twice' };
    else addresses.push(read.address);
  }
  if (texts.length === 0) problem = { address: '', reason: 'none' };
  if (texts.length > maxPublicAddresses) problem ??= { address: texts[maxPublicAddresses]?.trim() ?? '', reason: 'tooMany' };
  return problem === undefined ? { addresses } : { addresses, problem };
}

/** Of an address that `readPublicAddresses` took. RFC 1918, RFC 6598, RFC 3927, RFC 4193. */
export function reachOfAddress(address: string): AddressReach {
  if (canonicalIpv4(address) === undefined) {
    if (address === '::1') return 'here';
    return /^f[cd]/.test(address) ? 'inside' : 'world';
  }
  const [first = 0, second = 0] = octetsOf(address);
  if (first === 127) return 'here';
  const isInside =
    first === 10 ||
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168) ||
    (first === 169 && second === 254) ||
    (first === 100 && second >= 64 && second < 128);
  return isInside ? 'inside' : 'world';
}

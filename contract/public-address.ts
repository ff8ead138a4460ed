import ipaddr from 'ipaddr.js';
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

/** Ranges of addresses by what they mean to us; the first that holds an address counts. */
const rangesOf = <Name extends string>(ranges: Readonly<Record<Name, readonly string[]>>) => {
  const names = Object.keys(ranges);
  const list = Object.fromEntries(names.map((name) => [name, ranges[name as Name].map((range) => ipaddr.parseCIDR(range))]));
  return (address: string): Name | undefined => {
    const found = ipaddr.subnetMatch(ipaddr.parse(address), list, '');
    return found === '' ? undefined : (found as Name);
  };
};

/**
 * Sources: https://www.iana.org/assignments/iana-ipv4-special-registry, RFC 1112 §4 for what lies above it, and
 * https://www.iana.org/assignments/iana-ipv6-special-registry. `linkLocal` is of IPv6 only: without the name of an interface it leads
 * nowhere, and an interface has no place in DNS. `mapped`: RFC 4291 §2.5.5 (both forms; `::1` is asked for before), RFC 6145 §2.2.
 */
const refusedRange = rangesOf({
  unspecified: ['0.0.0.0/8', '::/128'],
  broadcast: ['255.255.255.255/32'],
  reserved: ['240.0.0.0/4'],
  multicast: ['224.0.0.0/4', 'ff00::/8'],
  linkLocal: ['fe80::/10'],
  mapped: ['::ffff:0:0/96', '::ffff:0:0:0/96', '::/96'],
} satisfies Partial<Record<PublicAddressReason, readonly string[]>>);

/** RFC 1918, RFC 6598, RFC 3927, RFC 4193. */
const reachedRange = rangesOf({
  here: ['127.0.0.0/8', '::1/128'],
  inside: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '100.64.0.0/10', 'fc00::/7'],
} satisfies Partial<Record<AddressReach, readonly string[]>>);

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
  const address = canonicalIpv4(text) ?? canonicalIpv6(text);
  if (address === undefined) return { reason: formReason(text) };
  const reason = reachedRange(address) === undefined ? refusedRange(address) : undefined;
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

/** Of an address that `readPublicAddresses` took; throws for a text that is none. */
export function reachOfAddress(address: string): AddressReach {
  return reachedRange(address) ?? 'world';
}

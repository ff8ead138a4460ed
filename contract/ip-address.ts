import ipaddr from 'ipaddr.js';

/** Internet addresses in the one form in which they can be compared as text. */

/** INET6_ADDRSTRLEN without its end mark (RFC 3493 §6.3): no text of an address is longer. */
const maxCharacters = 45;

/** Four decimal octets without leading zeros, as they are; undefined for every other text. */
export function canonicalIpv4(text: string): string | undefined {
  return text.length <= maxCharacters && ipaddr.IPv4.isValidFourPartDecimal(text) ? text : undefined;
}

/** RFC 4291 §2.2 in, RFC 5952 §4 out. No zone index: it has no place in DNS. */
export function canonicalIpv6(text: string): string | undefined {
  if (text.length > maxCharacters) return undefined;
  const groups = withoutDottedTail(text);
  // The library passes over a single colon at the end and takes a zone index; neither is an address.
  if (groups === undefined || /(^|[^:]):$|%/.test(groups) || !ipaddr.IPv6.isValid(groups)) return undefined;
  return ipaddr.IPv6.parse(groups).toRFC5952String();
}

/** The last two groups in hexadecimal digits: the library reads octets with leading zeros, and `::192.0.2.1` as `::ffff:192.0.2.1`. */
function withoutDottedTail(text: string): string | undefined {
  const [, head = '', tail] = /^(.*:)([^:]*[.][^:]*)$/.exec(text) ?? [];
  if (tail === undefined) return text;
  if (canonicalIpv4(tail) === undefined) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = ipaddr.IPv4.parse(tail).toByteArray();
  return `${head}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

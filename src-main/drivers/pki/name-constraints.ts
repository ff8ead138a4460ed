/**
 * The NameConstraints extension (RFC 5280 §4.2.1.10), which @peculiar/x509 has no class for. Permitted: the farm's domains and what is below them.
 * All IP addresses are excluded. E-mail addresses cannot be excluded as a whole, so the only ones permitted are of a domain that can never
 * exist (RFC 6761 §6.4): once one kind of name is listed as permitted, every name of that kind must match.
 */
export const nameConstraintsOid = '2.5.29.30';

const sequenceTag = 0x30;
const permittedTag = 0xa0;
const excludedTag = 0xa1;
const emailTag = 0x81;
const dnsNameTag = 0x82;
const ipAddressTag = 0x87;

function tlv(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(content);
  const size = body.length;
  if (size < 0x80) return Buffer.concat([Buffer.of(tag, size), body]);
  if (size < 0x100) return Buffer.concat([Buffer.of(tag, 0x81, size), body]);
  return Buffer.concat([Buffer.of(tag, 0x82, size >> 8, size & 0xff), body]);
}

function subtree(tag: number, base: Uint8Array): Uint8Array {
  return tlv(sequenceTag, tlv(tag, base));
}

export function nameConstraintsValue(domains: readonly string[]): Uint8Array<ArrayBuffer> {
  const permitted = [
    ...domains.map((domain) => subtree(dnsNameTag, Buffer.from(domain, 'ascii'))),
    subtree(emailTag, Buffer.from('invalid', 'ascii')),
  ];
  // Address and mask, all zero: every IPv4 and every IPv6 address.
  const excluded = [subtree(ipAddressTag, new Uint8Array(8)), subtree(ipAddressTag, new Uint8Array(32))];
  return new Uint8Array(tlv(sequenceTag, tlv(permittedTag, ...permitted), tlv(excludedTag, ...excluded)));
}

/** The permitted DNS names of a NameConstraints value, for refusing a domain before a browser does. */
export function permittedDomains(value: Uint8Array): readonly string[] {
  const outer = children(value)[0];
  const permitted = outer && children(outer.body).find((node) => node.tag === permittedTag);
  if (!permitted) return [];
  return children(permitted.body)
    .flatMap((tree) => children(tree.body))
    .filter((name) => name.tag === dnsNameTag)
    .map((name) => Buffer.from(name.body).toString('ascii'));
}

type Node = { readonly tag: number; readonly body: Uint8Array };
function children(bytes: Uint8Array): readonly Node[] {
  const found: Node[] = [];
  for (let at = 0; at + 1 < bytes.length; ) {
    const tag = bytes[at] ?? 0;
    let size = bytes[at + 1] ?? 0;
    let start = at + 2;
    if (size & 0x80) {
      const lengthBytes = size & 0x7f;
      size = 0;
      for (let index = 0; index < lengthBytes; index += 1) size = size * 256 + (bytes[start + index] ?? 0);
      start += lengthBytes;
    }
    found.push({ tag, body: bytes.subarray(start, start + size) });
    at = start + size;
  }
  return found;
}

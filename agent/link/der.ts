import { type KeyObject, createHash, createPublicKey, sign } from 'node:crypto';

/**
 * The two structures that an agent signs with its own key: a certificate request (PKCS #10, RFC 2986 §4) and the self-signed certificate that
 * its listener shows before it has joined (RFC 5280 §4.1). Forty lines of DER instead of an ASN.1 library that costs 21 MB of memory.
 */
function tlv(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const size = body.length;
  if (size < 0x80) return Buffer.concat([Buffer.of(tag, size), body]);
  if (size < 0x100) return Buffer.concat([Buffer.of(tag, 0x81, size), body]);
  return Buffer.concat([Buffer.of(tag, 0x82, size >> 8, size & 0xff), body]);
}

const sequence = (...content: readonly Uint8Array[]): Buffer => tlv(0x30, ...content);
const integer = (value: number): Buffer => tlv(0x02, Buffer.of(value));
const bitString = (bytes: Uint8Array): Buffer => tlv(0x03, Buffer.of(0), bytes);
const utcTime = (text: string): Buffer => tlv(0x17, Buffer.from(text, 'ascii'));

/** ecdsa-with-SHA256, 1.2.840.10045.4.3.2 (RFC 5758 §3.2). */
const signatureAlgorithm = sequence(Buffer.from('06082a8648ce3d040302', 'hex'));
/** commonName, 2.5.4.3. */
const commonNameOid = Buffer.from('0603550403', 'hex');

function commonName(text: string): Buffer {
  return sequence(tlv(0x31, sequence(commonNameOid, tlv(0x0c, Buffer.from(text, 'utf8')))));
}

function spkiOf(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
}

function signed(content: Buffer, privateKey: KeyObject): Buffer {
  return sequence(content, signatureAlgorithm, bitString(sign('sha256', content, privateKey)));
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** A request that proves the possession of `privateKey` (EC). The authority takes nothing else from it. */
export function makeCertificateRequest(privateKey: KeyObject): string {
  const noAttributes = tlv(0xa0);
  const info = sequence(integer(0), commonName('Farmstead agent'), spkiOf(privateKey), noAttributes);
  return pem('CERTIFICATE REQUEST', signed(info, privateKey));
}

/** A certificate for the handshake alone: who pairs looks at its key, never at its names or dates, so it needs no clock. */
export function makeSelfSigned(privateKey: KeyObject): string {
  const name = commonName('Farmstead agent');
  const version3 = tlv(0xa0, integer(2));
  const validity = sequence(utcTime('000101000000Z'), utcTime('491231235959Z'));
  const content = sequence(version3, integer(1), signatureAlgorithm, name, validity, name, spkiOf(privateKey));
  return pem('CERTIFICATE', signed(content, privateKey));
}

/** SHA-256 of a key's SPKI: what codes and pins are made of. */
export function keyHashOf(key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
}

import { X509Certificate, createHash } from 'node:crypto';
import { agentUri } from '#contract/agent/identity.ts';
import { FarmError } from '#contract/errors.ts';
import type { CoreIdentity } from '../../ports/agent-link.ts';
import { type Names, unreachable } from './causes.ts';

/** SHA-256 of a certificate's public key (SPKI, DER): what codes and pins are made of. */
export function keyHashOf(certificate: X509Certificate): Buffer {
  return createHash('sha256').update(spkiOf(certificate)).digest();
}

function spkiOf(certificate: X509Certificate): Buffer {
  return certificate.publicKey.export({ type: 'spki', format: 'der' });
}

const both = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'];

/**
 * Is this the agent that we paired with: its key, our authority, this server? Throws `SERVER_UNREACHABLE` (`identity`: another key; `left`:
 * its key, but no longer ours), and `CLOCK_OFF` when only
 * the dates stand in the way. The TLS library would only say "no".
 */
export function checkAgent(
  certificate: X509Certificate,
  identity: CoreIdentity,
  target: { readonly serverId: string; readonly keyFingerprint: string },
  nowMs: number,
  names: Names,
): void {
  const authority = new X509Certificate(identity.authorityPem);
  if (keyHashOf(certificate).toString('hex') !== target.keyFingerprint) throw unreachable(names, 'identity');
  const isOurs =
    !certificate.ca &&
    both.every((usage) => certificate.keyUsage?.includes(usage)) &&
    certificate.checkIssued(authority) &&
    certificate.verify(authority.publicKey) &&
    certificate.subjectAltName === `URI:${agentUri(identity.farmId, target.serverId)}`;
  // nobody but that agent has the key: it has left, joined another farm, or joined anew as another server
  if (!isOurs) throw unreachable(names, 'left');
  const [fromMs, toMs] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  // Positive where the other clock is ahead of ours: a certificate from the future was made by a clock that is.
  const seconds = Math.round((nowMs < fromMs ? fromMs - nowMs : toMs - nowMs) / 1000);
  if (nowMs < fromMs || nowMs > toMs) throw new FarmError('CLOCK_OFF', { server: names.server, seconds });
}

/** Throws unless the request (PKCS #10, RFC 2986 §4.1) asks for the very key that the channel was opened to. */
export function checkRequestKey(requestPem: string, certificate: X509Certificate): void {
  const key = requestedKey(Buffer.from(requestPem.replace(/-----[^-]*-----|\s/g, ''), 'base64'));
  if (!key?.equals(spkiOf(certificate))) throw new FarmError('CERTIFICATE_INVALID', { problem: 'request key' });
}

/** CertificationRequest { CertificationRequestInfo { version, subject, subjectPKInfo, … }, … } */
function requestedKey(der: Buffer): Buffer | undefined {
  const info = childrenOf(der)[0];
  return info && childrenOf(info)[2];
}

/** The elements inside one DER element, each whole. */
function childrenOf(element: Buffer): Buffer[] {
  const found: Buffer[] = [];
  const body = element.subarray(headerOf(element).headerBytes);
  for (let at = 0; at + 1 < body.length; ) {
    const { headerBytes, contentBytes } = headerOf(body.subarray(at));
    found.push(body.subarray(at, at + headerBytes + contentBytes));
    at += headerBytes + contentBytes;
  }
  return found;
}

function headerOf(element: Buffer): { headerBytes: number; contentBytes: number } {
  const first = element[1] ?? 0;
  if (first < 0x80) return { headerBytes: 2, contentBytes: first };
  const lengthBytes = first & 0x7f;
  const contentBytes = [...element.subarray(2, 2 + lengthBytes)].reduce((size, byte) => size * 256 + byte, 0);
  return { headerBytes: 2 + lengthBytes, contentBytes };
}

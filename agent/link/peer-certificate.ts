import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { epochOfCoreUri } from '#contract/agent/identity.ts';
import type { AgentIdentity } from './types.ts';

/**
 * Who is at the other end, by the certificate whose key the handshake has proved. There is exactly one step to the authority, so the chain is
 * checked here, and a wrong clock can be told from a wrong identity; the TLS library only says "no".
 */
export type CorePeer =
  | { readonly kind: 'core'; readonly epoch: number }
  | { readonly kind: 'clock'; readonly epoch: number }
  | { readonly kind: 'stranger' };

const both = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'];

export function corePeerOf(socket: TLSSocket, identity: AgentIdentity, nowMs: number): CorePeer {
  const stranger = { kind: 'stranger' } as const;
  if (socket.getProtocol() !== 'TLSv1.3') return stranger;
  const leaf = socket.getPeerX509Certificate();
  if (!leaf) return stranger;
  const authority = new X509Certificate(identity.authorityPem);
  if (!isIssuedBy(leaf, authority)) return stranger;
  const names = leaf.subjectAltName ?? '';
  const epoch = names.startsWith('URI:') ? epochOfCoreUri(names.slice('URI:'.length), identity.farmId) : undefined;
  if (epoch === undefined) return stranger;
  const isInTime = nowMs >= Date.parse(leaf.validFrom) && nowMs <= Date.parse(leaf.validTo);
  return { kind: isInTime ? 'core' : 'clock', epoch };
}

/** A leaf for both ends of the link, one step below this authority. Dates are not looked at. */
export function isIssuedBy(leaf: X509Certificate, authority: X509Certificate): boolean {
  if (leaf.ca || !authority.ca) return false;
  if (!both.every((usage) => leaf.keyUsage?.includes(usage))) return false;
  return leaf.checkIssued(authority) && leaf.verify(authority.publicKey);
}

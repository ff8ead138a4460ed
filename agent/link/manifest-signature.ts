import { X509Certificate, verify } from 'node:crypto';

/**
 * Did the farm's core sign this manifest hash for this farm? ECDSA with SHA-256 (DER) by the agent authority's key over
 * `farmstead-manifest\n<farmId>\n<manifestHash>`. Never throws: what cannot be read was not signed.
 */
export function verifyManifestSignature(authorityPem: string, farmId: string, manifestHash: string, signature: string): boolean {
  try {
    const signed = Buffer.from(`farmstead-manifest\n${farmId}\n${manifestHash}`, 'utf8');
    return verify('sha256', signed, new X509Certificate(authorityPem).publicKey, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

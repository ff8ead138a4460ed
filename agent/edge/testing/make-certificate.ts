import 'reflect-metadata';
import { createHash, randomUUID, webcrypto } from 'node:crypto';
import { BasicConstraintsExtension, cryptoProvider, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import type { EdgeCertificate } from '#contract/agent/edge.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 86_400_000;

export type TestCertificate = { readonly certificate: EdgeCertificate; readonly keyPem: string };

/** A self-signed certificate, P-256. Clients of the tests trust exactly this one. */
export async function makeCertificate(names: readonly string[], changes: Partial<EdgeCertificate> = {}): Promise<TestCertificate> {
  cryptoProvider.set(webcrypto as Crypto);
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const notBeforeMs = changes.notBeforeMs ?? Date.now() - dayMs;
  const notAfterMs = changes.notAfterMs ?? Date.now() + 30 * dayMs;
  const made = await X509CertificateGenerator.createSelfSigned({
    serialNumber: randomUUID().replaceAll('-', '').slice(0, 16).replace(/^./, '1'),
    name: `CN=${names[0]}`,
    notBefore: new Date(notBeforeMs),
    notAfter: new Date(notAfterMs),
    signingAlgorithm: algorithm,
    keys: keys as CryptoKeyPair,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns' as const, value }))),
    ],
  });
  const keyDer = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const lines = keyDer.toString('base64').replace(/.{64}/g, '$&\n');
  return {
    certificate: {
      certificateId: randomUUID(),
      names: [...names],
      chainPem: made.toString('pem'),
      notBeforeMs,
      notAfterMs,
      fingerprintSha256: createHash('sha256').update(Buffer.from(made.rawData)).digest('hex'),
      isPubliclyTrusted: false,
      ...changes,
    },
    keyPem: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
  };
}

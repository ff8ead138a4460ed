import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  type PublicKey,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { createHash, randomBytes } from 'node:crypto';
import { FarmError } from '#contract/errors.ts';
import type { AuthorityKeys, Issued } from '../../ports/pki.ts';

const ecdsaP256 = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const ecdsaSha256 = { name: 'ECDSA', hash: 'SHA-256' } as const;
export const dayMs = 86_400_000;
/** Clocks of servers may be a little behind; more than two minutes is refused in words at pairing and at hello, so this only has to be longer. */
export const backdatedMs = dayMs;

export const serverAuth: string = ExtendedKeyUsage.serverAuth;
export const clientAuth: string = ExtendedKeyUsage.clientAuth;

export type KeyPair = CryptoKeyPair;

export async function makeKeys(): Promise<KeyPair> {
  return crypto.subtle.generateKey(ecdsaP256, true, ['sign', 'verify']);
}

export async function keyToPem(key: CryptoKey): Promise<string> {
  return PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

export async function keyFromPem(pem: string): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pem), ecdsaP256, false, ['sign']);
  } catch (error) {
    throw new FarmError('CERTIFICATE_INVALID', { problem: 'private key' }, { cause: error });
  }
}

/** 17 bytes: the first makes it positive and never zero, 16 random bytes follow (RFC 5280 §4.1.2.2 allows 20). */
function serialNumber(): string {
  return `4f${randomBytes(16).toString('hex')}`;
}

export type Content = {
  readonly commonName: string;
  readonly publicKey: CryptoKey | PublicKey;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly extensions: readonly Extension[];
};
export type Signer = { readonly key: CryptoKey; readonly certificate: X509Certificate | undefined };

/** Signs one certificate, with the identifiers of both keys (RFC 5280 §4.2.1.1 and §4.2.1.2). Without a signer's certificate it is self-signed. */
export async function signCertificate(content: Content, signer: Signer): Promise<X509Certificate> {
  const subject = [{ CN: [content.commonName] }];
  return X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject,
    issuer: signer.certificate?.subjectName ?? subject,
    notBefore: wholeSecond(content.notBeforeMs),
    notAfter: wholeSecond(content.notAfterMs),
    publicKey: content.publicKey,
    signingKey: signer.key,
    signingAlgorithm: ecdsaSha256,
    extensions: [
      ...content.extensions,
      await SubjectKeyIdentifierExtension.create(content.publicKey, false),
      await AuthorityKeyIdentifierExtension.create(signer.certificate?.publicKey ?? content.publicKey, false),
    ],
  });
}

function wholeSecond(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000);
}

/** Opens an authority: its certificate and its key, which must belong together. Throws `CERTIFICATE_INVALID`. */
export async function openAuthority(authority: AuthorityKeys): Promise<Signer & { readonly certificate: X509Certificate }> {
  try {
    const certificate = new X509Certificate(PemConverter.decodeFirst(authority.chainPem));
    return { certificate, key: await keyFromPem(authority.keyPem) };
  } catch (error) {
    if (error instanceof FarmError) throw error;
    throw new FarmError('CERTIFICATE_INVALID', { problem: 'authority' }, { cause: error });
  }
}

export function authorityExtensions(): Extension[] {
  return [new BasicConstraintsExtension(true, 0, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true)];
}

export function leafExtensions(usages: readonly string[]): Extension[] {
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([...usages], false),
  ];
}

export function toIssued(certificate: X509Certificate, names: readonly string[]): Omit<Issued, 'keyPem'> {
  return {
    chainPem: `${certificate.toString('pem')}\n`,
    names,
    issuer: certificate.issuerName.getField('CN')[0] ?? certificate.issuer,
    serialNumber: certificate.serialNumber,
    fingerprintSha256: createHash('sha256').update(new Uint8Array(certificate.rawData)).digest('hex'),
    notBeforeMs: certificate.notBefore.getTime(),
    notAfterMs: certificate.notAfter.getTime(),
  };
}

import type { CertificateId, DomainId, FarmId, Instant } from '#contract/ids.ts';

export type FarmCertificate = {
  readonly id: CertificateId;
  readonly farmId: FarmId;
  /** Null for the authorities. */
  readonly domainId: DomainId | null;
  readonly kind: 'agent-authority' | 'site-authority' | 'test-wildcard' | 'core-identity';
  readonly names: readonly string[];
  readonly chainPem: string;
  /** Sealed PKCS #8 PEM. */
  readonly sealedKey: string;
  readonly issuer: string;
  readonly serialNumber: string;
  readonly fingerprintSha256: string;
  readonly notBeforeMs: Instant;
  readonly notAfterMs: Instant;
  readonly createdAtMs: Instant;
};

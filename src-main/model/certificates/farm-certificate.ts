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

/** In the order in which they were issued; see `issuedAfter`. */
export const newestFirst = (one: FarmCertificate, other: FarmCertificate): number =>
  other.createdAtMs - one.createdAtMs || (one.id < other.id ? 1 : -1);

/**
 * The row with an instant after that of the one it follows: what was issued while this computer's clock was ahead would stay the newest otherwise.
 */
export const issuedAfter = (row: FarmCertificate, before: FarmCertificate | undefined): FarmCertificate =>
  before === undefined ? row : { ...row, createdAtMs: Math.max(row.createdAtMs, before.createdAtMs + 1) };

/**
 * Time for another: less than a third of its life is left, or it has ended, or does not hold yet (it was issued while the clock was ahead).
 */
export function isRenewalDue({ notBeforeMs, notAfterMs }: Pick<FarmCertificate, 'notBeforeMs' | 'notAfterMs'>, nowMs: number): boolean {
  return nowMs < notBeforeMs || (notAfterMs - nowMs) * 3 < notAfterMs - notBeforeMs;
}

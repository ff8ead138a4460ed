/** A key pair and certificate. PEM throughout: certificate chain (leaf first) and PKCS #8 key. Times in UTC milliseconds. */
export type Issued = {
  readonly chainPem: string;
  readonly keyPem: string;
  readonly names: readonly string[];
  readonly issuer: string;
  readonly serialNumber: string;
  readonly fingerprintSha256: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
};

export type AuthorityKeys = { readonly chainPem: string; readonly keyPem: string };

/**
 * Makes keys (ECDSA P-256, natively) and certificates (RFC 5280). Two authorities, never mixed: the agent authority's certificates carry a
 * URI SAN `farmstead://<farmId>/<role>/<serverId>` and no DNS name; the site authority carries a critical name constraint to the farm's domains.
 */
export interface Pki {
  readonly makeAgentAuthority: (farmId: string, nowMs: number) => Promise<Issued>;
  /**
   * `before`: the authority that it follows. It keeps that one's key and name, so that whoever trusts the earlier one goes on trusting what it
   * covered, and certificates below it stay good (a certificate names its issuer by name and key, RFC 5280 §4.1.2.4 and §4.2.1.1). Throws
   * `CERTIFICATE_INVALID` when `before` cannot be read.
   */
  readonly makeSiteAuthority: (
    farmId: string,
    farmName: string,
    domains: readonly string[],
    nowMs: number,
    before?: AuthorityKeys,
  ) => Promise<Issued>;
  /** The core's own identity on the agent link. */
  readonly issueCore: (authority: AuthorityKeys, farmId: string, epoch: number, nowMs: number) => Promise<Issued>;
  /** Signs the key that an agent brought in its request (PKCS #10 PEM, proof of possession checked). Throws `CERTIFICATE_INVALID`. */
  readonly issueAgent: (
    authority: AuthorityKeys,
    farmId: string,
    serverId: string,
    requestPem: string,
    nowMs: number,
  ) => Promise<Omit<Issued, 'keyPem'>>;
  /** `*.domain` and `domain`, below the site authority. Throws `CERTIFICATE_INVALID` for a domain outside its constraint. */
  readonly issueWildcard: (authority: AuthorityKeys, domain: string, nowMs: number) => Promise<Issued>;
  /** Signs bytes with an authority's key (ECDSA with SHA-256), base64. */
  readonly sign: (keyPem: string, bytes: string) => Promise<string>;
}

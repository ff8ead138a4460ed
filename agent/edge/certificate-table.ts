import { type SecureContext, createSecureContext } from 'node:tls';
import type { EdgeCertificate } from '#contract/agent/edge.ts';
import type { CertificateFile } from './edge-files.ts';

export type CertificateEntry = {
  readonly certificate: EdgeCertificate;
  readonly keyPem: string;
  readonly context: SecureContext;
};

export type CertificateTable = {
  /** By the name of the handshake: exact, then wildcard, then the default. Undefined when there is no certificate at all. */
  readonly find: (serverName: string | undefined) => CertificateEntry | undefined;
  /** Throws what OpenSSL says when chain and key do not go together; the table is as before then. */
  readonly put: (file: CertificateFile) => void;
  readonly remove: (certificateId: string) => void;
  readonly ids: () => string[];
  readonly count: () => number;
  /** Chooses again which certificate stands for a name: validity moves with time. */
  readonly sort: () => void;
};

/** TLS 1.3, and of TLS 1.2 what authenticates what it encrypts and keeps no key that could open it later (RFC 9325 §4.2). */
export const tlsRules = {
  minVersion: 'TLSv1.2',
  ciphers: [
    ...['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'],
    ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
    ...['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'],
  ].join(':'),
} as const;

/** Certificates by name. `onDefault` gets the one for handshakes without a known name whenever it changes. */
export function createCertificateTable(nowMs: () => number, onDefault: (entry: CertificateEntry | undefined) => void): CertificateTable {
  const byId = new Map<string, CertificateEntry>();
  let byName = new Map<string, CertificateEntry>();
  let standard: CertificateEntry | undefined;

  /** Valid before expired, publicly trusted before not, later end before earlier: a renewal takes over, a staged one waits. */
  const compare = (one: CertificateEntry, other: CertificateEntry): number => {
    const now = nowMs();
    const isValid = ({ certificate }: CertificateEntry): number => Number(certificate.notBeforeMs <= now && now < certificate.notAfterMs);
    return (
      isValid(other) - isValid(one) ||
      Number(other.certificate.isPubliclyTrusted) - Number(one.certificate.isPubliclyTrusted) ||
      other.certificate.notAfterMs - one.certificate.notAfterMs ||
      one.certificate.certificateId.localeCompare(other.certificate.certificateId)
    );
  };
  const sort = (): void => {
    const entries = [...byId.values()].sort(compare);
    const names = new Map<string, CertificateEntry>();
    for (const entry of entries) {
      for (const name of entry.certificate.names) {
        const key = name.toLowerCase();
        if (!names.has(key)) names.set(key, entry);
      }
    }
    byName = names;
    if (entries[0] === standard) return;
    standard = entries[0];
    onDefault(standard);
  };
  return {
    find: (serverName) => {
      if (serverName === undefined || serverName === '') return standard;
      const exact = byName.get(serverName);
      if (exact !== undefined) return exact;
      const name = serverName.toLowerCase();
      const dot = name.indexOf('.');
      return byName.get(name) ?? (dot > 0 ? byName.get(`*${name.slice(dot)}`) : undefined) ?? standard;
    },
    put: ({ certificate, keyPem }) => {
      const context = createSecureContext({ cert: certificate.chainPem, key: keyPem, ...tlsRules });
      byId.set(certificate.certificateId, { certificate, keyPem, context });
      sort();
    },
    remove: (certificateId) => {
      if (byId.delete(certificateId)) sort();
    },
    ids: () => [...byId.keys()],
    count: () => byId.size,
    sort,
  };
}

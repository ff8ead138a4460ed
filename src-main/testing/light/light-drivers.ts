import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createPayloads } from '../../drivers/packages/index.ts';
import type { ManifestFile } from '../../ports/payloads.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Issued, Pki } from '../../ports/pki.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { Log } from '../../ports/request.ts';
import type { Random } from './random.ts';

const packagesFolder = fileURLToPath(new URL('../../../assets/packages', import.meta.url));
let manifests: Promise<readonly ManifestFile[]> | undefined;

/** The real packages, read once for all farms of this process. */
export function realManifests(log: Log): Promise<readonly ManifestFile[]> {
  manifests ??= createPayloads({ packagesFolder, cacheFolder: '', log }).manifests();
  return manifests;
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const yearMs = 365 * 86_400_000;

/** Rising ids that are the same each time; `start` continues those of a farm that is copied. */
export function createLightIds(random: Random, start = 0): Ids & { readonly count: () => number } {
  let count = start;
  return {
    count: () => count,
    uuid: () => {
      count += 1;
      const hex = (0x0192_0000_0000 + count).toString(16).padStart(12, '0');
      return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
    },
    token: (bytes) => random.bytes(bytes).toString('base64url'),
  };
}

/** Certificates that nobody reads: what is issued, for whom and in which order is what counts. Keys cost most of the time of a farm otherwise. */
export function createLightPki(newSerial: () => string): Pki {
  const issued = (names: readonly string[], issuer: string, nowMs: number): Issued => {
    const serialNumber = newSerial();
    return {
      chainPem: `certificate ${serialNumber}`,
      keyPem: `key ${serialNumber}`,
      names: [...names],
      issuer,
      serialNumber,
      fingerprintSha256: sha256(serialNumber),
      notBeforeMs: nowMs - 1000,
      notAfterMs: nowMs + yearMs,
    };
  };
  return {
    makeAgentAuthority: async (farmId, nowMs) => issued([farmId], 'agent authority', nowMs),
    makeSiteAuthority: async (_farmId, farmName, domains, nowMs) => issued(domains, farmName, nowMs),
    issueCore: async (_authority, farmId, _epoch, nowMs) => issued([farmId], 'agent authority', nowMs),
    issueAgent: async (_authority, _farmId, serverId, _request, nowMs) => {
      const { keyPem: _keyPem, ...open } = issued([serverId], 'agent authority', nowMs);
      return open;
    },
    issueWildcard: async (_authority, domain, nowMs) => issued([`*.${domain}`, domain], 'site authority', nowMs),
    sign: async (_keyPem, bytes) => sha256(bytes),
  };
}

/** Sealed is marked and named, so that a value in the wrong place is not opened; it hides nothing. */
export const lightSecrets: Secrets = {
  seal: async (context, plaintext) => `sealed ${JSON.stringify([context, plaintext])}`,
  open: async (context, sealed) => {
    const [wanted, plaintext]: unknown[] = JSON.parse(sealed.slice('sealed '.length));
    if (wanted !== context || typeof plaintext !== 'string') throw new Error(`sealed for ${String(wanted)}, opened for ${context}`);
    return plaintext;
  },
  keepers: async () => [],
  addPassphrase: async () => undefined,
  close: async () => undefined,
};

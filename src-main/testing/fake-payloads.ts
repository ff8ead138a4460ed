import { createHash } from 'node:crypto';
import type { Payloads } from '../ports/payloads.ts';

/** The real packages with payloads of a few bytes: nothing is fetched or packed. */
export function createFakePayloads(real: Pick<Payloads, 'manifests'>): Payloads {
  const bytesOf = (path: string): Buffer => Buffer.from(`payload of ${path}`);
  return {
    manifests: real.manifests,
    build: async (file, platform) => {
      const path = `${file.manifest.id}/${platform}`;
      const bytes = bytesOf(path);
      return { path, sha256: createHash('sha256').update(bytes).digest('hex'), sizeBytes: bytes.length };
    },
    doubt: () => undefined,
    read: async (payload, offset, length) => bytesOf(payload.path).subarray(offset, offset + length),
  };
}

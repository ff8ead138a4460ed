import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { createTestCore } from '../../testing/create-test-core.ts';

test('a domain that comes costs nobody the trust they gave: the authority keeps its key, and the other wildcards stay', async () => {
  const farm = await createTestCore({ servers: 1 });
  try {
    const certificates = async () => (await farm.client.certificates.list()).certificates;
    const of = async (kind: string) => (await certificates()).filter((one) => one.kind === kind);
    const pem = async () => new X509Certificate((await farm.client.certificates.siteAuthority()).text);
    const [before, [wildcard]] = [await pem(), await of('test-wildcard')];
    await farm.addDomain('shop.test');
    const after = await pem();
    expect(after.fingerprint256).not.toBe(before.fingerprint256);
    expect([after.subject, after.publicKey.export({ type: 'spki', format: 'pem' })]).toEqual([
      before.subject,
      before.publicKey.export({ type: 'spki', format: 'pem' }),
    ]);
    const wildcards = await of('test-wildcard');
    expect(wildcards.map(({ names }) => names[0]).sort()).toEqual([wildcard?.names[0], '*.shop.test'].sort());
    expect(wildcards.map(({ id }) => id)).toContain(wildcard?.id);
  } finally {
    await farm.close();
  }
});

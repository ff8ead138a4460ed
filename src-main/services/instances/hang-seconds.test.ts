import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageId } from '#contract/ids.ts';
import { createPayloads } from '../../drivers/packages/index.ts';
import { manifestForAgents } from '../../model/packages/manifest-for-agents.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { createFakePayloads } from '../../testing/fake-payloads.ts';

let cacheFolder: string;
let farm: TestCore;

beforeAll(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'farm-hang-'));
  const log = { info: () => undefined, warn: () => undefined, bug: () => '' };
  const packagesFolder = fileURLToPath(new URL('../../../assets/packages', import.meta.url));
  const real = createPayloads({ packagesFolder, cacheFolder, log });
  const manifests = async () =>
    (await real.manifests()).map((file) => {
      if (file.manifest.id !== 'tiddlywiki') return file;
      const manifest = { ...file.manifest, health: { ...file.manifest.health, hangSeconds: 300 } };
      // As the driver reads it: agents get the manifest without it.
      return { ...file, manifest, manifestJson: manifestForAgents(JSON.stringify(manifest), manifest) };
    });
  farm = await createTestCore({ servers: 1, drivers: { payloads: createFakePayloads({ manifests }) } });
});
afterAll(async () => {
  await farm.close();
  await rm(cacheFolder, { recursive: true, force: true });
});

test('how long an application may hang goes from its package to its agent with the instance, and never in the manifest', async () => {
  for (const name of ['tiddlywiki', 'static-site']) {
    const job = await farm.client.instances.create({ name: `of-${name}`, packageId: packageId.parse(name), requestKey: farm.key() });
    expect(await farm.settled(job)).toMatchObject({ state: 'done' });
  }
  const [agent] = farm.agents;
  const specs = [...(agent?.instances.values() ?? [])].map(({ spec }) => [spec.name, spec.hangSeconds]);
  expect(specs).toEqual([
    ['of-tiddlywiki', 300],
    ['of-static-site', undefined],
  ]);
  for (const { manifest } of agent?.installed.values() ?? []) expect(manifest.health.hangSeconds).toBeUndefined();
});

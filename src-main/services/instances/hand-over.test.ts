import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Language, packageId } from '#contract/ids.ts';
import type { PackageManifest } from '#contract/package-manifest.ts';
import { createPayloads } from '../../drivers/packages/index.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { createFakePayloads } from '../../testing/fake-payloads.ts';

type Change = PackageManifest['handOver']['passwordChange'];
const where = { en: 'Settings, then Password.', ru: 'Настройки, затем «Пароль».' };

let cacheFolder: string;
let farm: TestCore;
/** What the package says of its password in the test that runs, and whether it has a user name. */
let passwordChange: Change;
let userName: string | undefined = 'userName';

beforeAll(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'farm-letter-'));
  const log = { info: () => undefined, warn: () => undefined, bug: () => '' };
  const packagesFolder = fileURLToPath(new URL('../../../assets/packages', import.meta.url));
  const real = createPayloads({ packagesFolder, cacheFolder, log });
  const manifests = async () =>
    (await real.manifests()).map((file) => {
      const { passwordChange: _, userName: __, ...kept } = file.manifest.handOver;
      const manifest = { ...file.manifest, handOver: kept };
      Object.defineProperty(manifest.handOver, 'passwordChange', { get: () => passwordChange });
      Object.defineProperty(manifest.handOver, 'userName', { get: () => userName });
      return { ...file, manifest };
    });
  farm = await createTestCore({ servers: 1, drivers: { payloads: createFakePayloads({ manifests }) } });
});
afterAll(async () => {
  await farm.close();
  await rm(cacheFolder, { recursive: true, force: true });
});

let count = 0;
/** The letter of a new instance, without the lines that are the same in all. */
async function letterOf(language: Language, change: Change) {
  passwordChange = change;
  count += 1;
  const name = `letter-${count}`;
  const job = await farm.client.instances.create({
    name,
    packageId: packageId.parse('tiddlywiki'),
    customer: { name: `Customer ${count}`, language },
    requestKey: farm.key(),
  });
  for await (const view of await farm.client.jobs.watch({ jobId: job.id }))
    if (view.state === 'stopped') throw new Error(JSON.stringify(view.failure));
  const { id } = await farm.client.instances.find({ name });
  const first = await farm.client.instances.handOver({ instanceId: id, requestKey: farm.key() });
  const again = await farm.client.instances.handOver({ instanceId: id, requestKey: farm.key() });
  const lines = first.letter.split('\n');
  const at = lines.findIndex((line) => line.includes(first.password ?? 'no password'));
  return { after: lines.slice(at + 1, lines.indexOf('', at)), before: lines.slice(0, at), again: again.letter };
}

test.each([
  ['en', { kind: 'inside', where }, ['Please change it after you have signed in. Settings, then Password.']],
  ['ru', { kind: 'inside', where }, ['Пожалуйста, смените его после входа. Настройки, затем «Пароль».']],
  ['en', { kind: 'never' }, ['It stays as it is: TiddlyWiki has no place to change it. Keep it where only you can read it.']],
  ['ru', { kind: 'never' }, ['Он останется таким: в TiddlyWiki его нельзя сменить. Храните его там, где его прочтёте только вы.']],
  ['en', undefined, []],
] as const)('%s: after the password, a package of which %j is true says %j', async (language, change, says) => {
  const { after, again } = await letterOf(language, change);
  expect(after).toEqual(says);
  expect(again).not.toMatch(/change it|смен/);
});

test('a password without a user name is told too, once', async () => {
  userName = undefined;
  const { before, after, again } = await letterOf('en', { kind: 'never' });
  userName = 'userName';
  expect(before.slice(-2)).toEqual([expect.stringMatching(/^https:/), '']);
  expect(after).toHaveLength(1);
  expect(again).toContain('\n\nThe password was sent to you before.\n\n');
});

test('a package without a password says nothing of one', async () => {
  const job = await farm.client.instances.create({ name: 'plain', packageId: packageId.parse('static-site'), requestKey: farm.key() });
  for await (const view of await farm.client.jobs.watch({ jobId: job.id })) if (view.state === 'stopped') throw new Error('stopped');
  const { id } = await farm.client.instances.find({ name: 'plain' });
  const { letter } = await farm.client.instances.handOver({ instanceId: id, requestKey: farm.key() });
  expect(letter).toBe(
    'Hello,\n\nyour Plain website is ready. This is its address:\nhttps://plain.farm.test\n\nThe site is there for everybody who knows the address.\n\nKind regards\nTest farm\n',
  );
});

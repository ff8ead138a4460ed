import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type PackageManifest, packageManifest } from '#contract/package-manifest.ts';
import { readPackages } from '../../drivers/packages/read-package.ts';
import { networkAsked, isAgreed } from '../../model/packages/network-asks.ts';
import { createFakePayloads } from '../../testing/fake-payloads.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';

const packagesFolder = fileURLToPath(new URL('../../../assets/packages', import.meta.url));
const packageId = 'tiddlywiki';
let core: TestCore;
let home: string;
let keys = 0;
/** Other than in the life before. */
const key = (): string => {
  keys += 1;
  return `agreement-key-${keys}`;
};
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'farm-agreements-'));
});
afterEach(async () => {
  await core.close();
  await rm(home, { recursive: true, force: true });
});

/** A core whose package asks for this; called again: the next life of the same home, with another folder of packages. */
async function openAsking(network: PackageManifest['network']): Promise<void> {
  const files = (await readPackages(packagesFolder)).map((file) =>
    file.manifest.id === packageId && network !== undefined ? { ...file, manifest: { ...file.manifest, network } } : file,
  );
  core = await createTestCore({ home, servers: 1, drivers: { payloads: createFakePayloads({ manifests: async () => files }) } });
}

async function request(name: string) {
  const { plans } = await core.client.plans.list({ packageId });
  return { name, packageId, planId: plans[0]?.id ?? expect.fail('no plan'), customer: { name: 'Anna' } };
}
const create = async (name: string) => core.client.instances.create({ ...(await request(name)), requestKey: key() });
const rehearse = async (name: string) => core.client.jobs.rehearse({ act: { type: 'create', ...(await request(name)) } });
const viewed = async () => (await core.client.packages.list({ language: 'en' })).packages.find(({ id }) => id === packageId)?.network;
const asks = { loopbackPorts: [5432, 6379, 5432], metadata: true };
const asked = { loopbackPorts: [5432, 6379], metadata: true };

test('a package that asks for nothing is as it was, and agents are told of nothing', async () => {
  await openAsking(undefined);
  expect(await viewed()).toBeUndefined();
  const job = await core.settled(await create('anna'));
  expect([job.state, core.agents[0]?.instances.get(job.subject.id)?.spec.network]).toEqual(['done', undefined]);
  expect(await core.client.packages.agree({ packageId, ...asked, requestKey: key() })).toEqual({ loopbackPorts: [], metadata: false });
});

test('what a package asks is refused until an owner agreed, by the rehearsal too; then its agent is told exactly that', async () => {
  await openAsking(asks);
  expect(await viewed()).toEqual({ ...asked, isAgreed: false });
  const refusal = { code: 'PACKAGE_NOT_AGREED', data: { packageId, what: 'both', ports: '5432, 6379' } };
  await expect(create('anna')).rejects.toMatchObject(refusal);
  await expect(rehearse('anna')).rejects.toMatchObject(refusal);
  expect((await core.client.jobs.list({ state: 'running' })).jobs).toEqual([]);
  const agree = { packageId, ...asked, requestKey: key() };
  await expect(core.as('operate').packages.agree(agree)).rejects.toMatchObject({ code: 'PERMISSION_MISSING', data: { needed: 'own' } });
  // Only what was seen is agreed: half of it is not enough.
  await core.client.packages.agree({ packageId, loopbackPorts: [5432, 22], metadata: true, requestKey: key() });
  await expect(create('anna')).rejects.toMatchObject(refusal);
  expect(await core.client.packages.agree(agree)).toEqual(asked);
  expect(await viewed()).toEqual({ ...asked, isAgreed: true });
  const job = await core.settled(await create('anna'));
  expect([job.state, core.agents[0]?.instances.get(job.subject.id)?.spec.network]).toEqual(['done', asked]);
  await core.client.packages.agree({ packageId, loopbackPorts: [], metadata: false, requestKey: key() });
  await expect(create('boris')).rejects.toMatchObject(refusal);
});

test('an agreement is kept over a restart, and a version that asks for more is asked for anew', async () => {
  await openAsking({ loopbackPorts: [5432] });
  await core.client.packages.agree({ packageId, loopbackPorts: [5432], metadata: false, requestKey: key() });
  await core.close();
  await openAsking({ loopbackPorts: [5432] });
  expect(await viewed()).toEqual({ loopbackPorts: [5432], metadata: false, isAgreed: true });
  await core.close();
  await openAsking({ loopbackPorts: [5432], metadata: true });
  await expect(create('anna')).rejects.toMatchObject({ code: 'PACKAGE_NOT_AGREED', data: { what: 'both' } });
});

test('taken back while a create is under way, the create stops and says so; agreed anew, it goes on', async () => {
  await openAsking({ loopbackPorts: [5432] });
  const agree = (loopbackPorts: number[]) => core.client.packages.agree({ packageId, loopbackPorts, metadata: false, requestKey: key() });
  await agree([5432]);
  const goOn = core.agents[0]?.hold('packages.status') ?? expect.fail('no agent');
  const job = await create('anna');
  await expect.poll(() => core.agents[0]?.isHeld('packages.status')).toBe(true);
  await agree([]);
  goOn();
  const stopped = await core.settled(job);
  expect([stopped.state, stopped.failure?.code]).toEqual(['stopped', 'PACKAGE_NOT_AGREED']);
  await agree([5432]);
  const done = await core.settled(await core.client.jobs.continue({ jobId: job.id, requestKey: key() }));
  expect([done.state, core.agents[0]?.instances.get(job.subject.id)?.spec.network?.loopbackPorts]).toEqual(['done', [5432]]);
});

test('ports that are none, and too many, are no manifest', () => {
  const { network } = packageManifest.shape;
  for (const none of [{ loopbackPorts: [0] }, { loopbackPorts: [65_536] }, { loopbackPorts: [1.5] }, { hosts: ['10.0.0.1'] }])
    expect(network.safeParse(none).success, JSON.stringify(none)).toBe(false);
  const many = Array.from({ length: 17 }, (_, at) => at + 1);
  expect([network.safeParse({ loopbackPorts: many }).success, network.safeParse({ loopbackPorts: many.slice(1) }).success]).toEqual([
    false,
    true,
  ]);
  expect([networkAsked({ network: {} }), networkAsked({ network: { loopbackPorts: [], metadata: false } })]).toEqual([
    undefined,
    undefined,
  ]);
  expect(isAgreed({ loopbackPorts: [], metadata: true }, { loopbackPorts: [1], metadata: false })).toBe(false);
});

test('taken back, instances that are there lose it, and get it again with a new agreement; on a server that is away when it is back', async () => {
  await openAsking(asks);
  const agree = (part: Partial<typeof asked>) =>
    core.client.packages.agree({ packageId, loopbackPorts: [], metadata: false, ...part, requestKey: key() });
  await agree(asked);
  const job = await core.settled(await create('anna'));
  const agent = core.agents[0] ?? expect.fail('no agent');
  const address = `${agent.name.toLowerCase()}.test:7443`;
  const allowed = () => agent.instances.get(job.subject.id)?.instance.network?.allowed;
  expect(allowed()).toEqual(asked);
  await agree({ loopbackPorts: [5432] });
  await expect.poll(allowed, { timeout: 10_000 }).toEqual({ loopbackPorts: [5432], metadata: false });
  await agree(asked);
  await expect.poll(allowed, { timeout: 10_000 }).toEqual(asked);
  core.links.cut(address, true);
  await agree({});
  expect(allowed()).toEqual(asked);
  core.links.cut(address, false);
  await expect.poll(allowed, { timeout: 10_000 }).toEqual({ loopbackPorts: [], metadata: false });
});

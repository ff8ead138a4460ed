import { randomBytes, verify, X509Certificate } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FarmError } from '#contract/errors.ts';
import { farmId as farmIdSchema, serverId as serverIdSchema } from '#contract/ids.ts';
import { createPayloads } from '../../drivers/packages/index.ts';
import { createPki } from '../../drivers/pki/create-pki.ts';
import { openSqliteStore } from '../../drivers/store/sqlite/index.ts';
import { systemClock } from '../../drivers/system/clock.ts';
import { createIds } from '../../drivers/system/ids.ts';
import { createInstaller, type Installer } from '../../effects/package-installer.ts';
import type { Farm } from '../../model/settings/farm.ts';
import type { Agents } from '../../ports/agents.ts';
import type { Payloads } from '../../ports/payloads.ts';
import type { AuthorityKeys } from '../../ports/pki.ts';
import type { Store } from '../../ports/store.ts';
import { createFakeAgent, type FakeAgent } from '../../testing/fake-agent.ts';
import { createPlanService } from '../plans/plan-service.ts';
import { createPackageService, type PackageService } from './package-service.ts';

const assets = join(import.meta.dirname, '..', '..', '..', 'assets', 'packages');
const clock = systemClock;
const ids = createIds(clock);
const pki = createPki();
const farm: Farm = {
  id: farmIdSchema.parse(ids.uuid()),
  name: 'Test',
  language: 'ru',
  timeZone: 'UTC',
  epoch: 1,
  isDemo: false,
  createdAtMs: 1,
};
const serverId = serverIdSchema.parse(ids.uuid());

let folder = '';
let store: Store;
let agent: FakeAgent;
let authority: AuthorityKeys;
let service: Both;
let calls: string[];
const warnings: string[] = [];

/** Counts commands on their way to the agent, and lets a test stop them. */
let before: (command: string) => Promise<void> = async () => undefined;

function changeManifest(change: (manifest: Record<string, unknown>) => void): void {
  const path = join(folder, 'packages', 'static-site', 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  change(manifest);
  writeFileSync(path, JSON.stringify(manifest));
}

/** The packages of this computer, and what brings them to servers. */
type Both = PackageService & Installer;
function create(payloads: Payloads): Both {
  const watched = new Proxy(agent.client.packages, {
    get: (target, name: keyof typeof agent.client.packages) => async (input: never, options: never) => {
      calls.push(name);
      await before(name);
      return (target[name] as (input: never, options: never) => Promise<unknown>)(input, options);
    },
  });
  const whole = { ...agent.client, packages: watched };
  const agents: Agents = {
    client: async () => whole,
    server: () => undefined,
    instance: () => undefined,
    followsInstances: () => false,
    saw: () => undefined,
    forget: () => undefined,
  };
  const log = { info: () => undefined, warn: (event: string) => void warnings.push(event), bug: () => '' };
  const packages = createPackageService({
    store,
    clock,
    ids,
    log,
    payloads,
    agents,
    pki,
    agentAuthority: async () => authority,
    farm: () => farm,
    putInOrder: () => undefined,
  });
  return { ...packages, ...createInstaller({ agents, agentWritesOf: () => whole, payloads, packages }) };
}
const open = (): Both => {
  const log = { info: () => undefined, warn: () => undefined, bug: () => '' };
  return create(createPayloads({ packagesFolder: join(folder, 'packages'), cacheFolder: join(folder, 'cache'), log }));
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'farm-packages-'));
  cpSync(join(assets, 'static-site'), join(folder, 'packages', 'static-site'), { recursive: true });
  // Random bytes do not shrink: three pieces.
  writeFileSync(join(folder, 'packages', 'static-site', 'payload', 'big.bin'), randomBytes(2.5 * 1024 ** 2));
  changeManifest((manifest) => (manifest['limits'] = { payloadBytes: 8_000_000, payloadEntries: 20 }));
  store = await openSqliteStore({ file: join(folder, 'farm.sqlite'), clock });
  agent = createFakeAgent({ name: 'Oak', clock, publicAddress: '127.0.0.1' });
  authority = await pki.makeAgentAuthority(farm.id, Date.now());
  await store.farms.insert(farm);
  const publicAddresses = [{ address: '127.0.0.1', state: 'confirmed' }] as const;
  await store.servers.insert({
    id: serverId,
    farmId: farm.id,
    name: 'Oak',
    address: '127.0.0.1:1',
    publicAddresses,
    membership: 'in',
    keyFingerprint: '00',
    facts: agent.facts,
    agentVersion: '0.1.0',
    isDraining: false,
    clockOffsetMs: 0,
    seenAtMs: 1,
    joinedAtMs: 1,
  });
  calls = [];
  warnings.length = 0;
  before = async () => undefined;
  service = open();
  await service.sync();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const signal = (): AbortSignal => new AbortController().signal;

describe('sync', () => {
  it('seeds rows and plans once, and keeps the ids of plans through new versions', async () => {
    const plans = await store.plans.find();
    expect(plans.map((plan) => plan.key).toSorted()).toEqual(['L', 'M', 'S']);
    await service.sync();
    expect(await store.plans.find()).toEqual(plans);
    changeManifest((manifest) => {
      manifest['version'] = '1.1.0';
      manifest['plans'] = [
        { key: 'S', name: { en: 'Tiny' }, memoryBytes: 1000, cpuMillicores: 10, diskBytes: 1000 },
        { key: 'XL', name: { en: 'Huge' }, memoryBytes: 9000, cpuMillicores: 10, diskBytes: 1000 },
      ];
    });
    await service.sync();
    const small = plans.find((plan) => plan.key === 'S');
    expect(await store.plans.find()).toHaveLength(2);
    expect(await store.plans.get(small?.id ?? '')).toMatchObject({ key: 'S', name: { en: 'Tiny' }, memoryBytes: 1000 });
    expect((await store.packages.find()).map((row) => row.id)).toEqual(['static-site@1.1.0']);
  });

  it('changes nothing when a manifest cannot be read', async () => {
    const rows = await store.packages.find();
    changeManifest((manifest) => delete manifest['plans']);
    await expect(service.sync()).rejects.toMatchObject({
      code: 'MANIFEST_INVALID',
      parameters: { packageId: 'static-site', path: 'plans' },
    });
    expect(await store.packages.find()).toEqual(rows);
  });

  it('signs a manifest for this farm as agents check it', async () => {
    const signed = await service.signed('static-site');
    const text = Buffer.from(`farmstead-manifest\n${farm.id}\n${signed.manifestHash}`);
    const { publicKey } = new X509Certificate(authority.chainPem);
    expect(verify('sha256', text, publicKey, Buffer.from(signed.signature, 'base64'))).toBe(true);
    expect(signed.manifestJson).toBe(readFileSync(join(folder, 'packages', 'static-site', 'manifest.json'), 'utf8'));
    expect((await service.signed('static-site')).signature).toBe(signed.signature);
  });

  it('lists in the asked language, and knows what it does not have', async () => {
    const [view] = await service.list('ru');
    expect(view).toMatchObject({ id: 'static-site', name: 'Простой сайт', isDefault: false });
    expect(view?.plans.map((plan) => [plan.key, plan.name])).toEqual([
      ['S', 'Малый'],
      ['M', 'Средний'],
      ['L', 'Большой'],
    ]);
    expect((await service.list('en'))[0]?.name).toBe('Plain website');
    expect(view?.plans[0]?.names).toEqual({ en: 'Small', ru: 'Малый' });
    await expect(service.manifest('nothing')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      parameters: { kind: 'package', name: 'nothing' },
    });
  });
});

describe('plans', () => {
  it('are found by id, by key or by being the smallest, and never for another package', async () => {
    const plans = createPlanService({ store, farm: () => farm });
    const file = await service.manifest('static-site');
    expect((await plans.list()).map((plan) => plan.name)).toEqual(['Малый', 'Средний', 'Большой']);
    expect((await plans.find(file.manifest.id)).key).toBe('S');
    const medium = await plans.find(file.manifest.id, 'm');
    expect((await plans.find(file.manifest.id, medium.id)).key).toBe('M');
    await expect(plans.find(file.manifest.id, 'XXL')).rejects.toMatchObject({ code: 'NOT_FOUND', parameters: { kind: 'plan' } });
    const other = file.manifest.id.replace('static-site', 'other') as typeof file.manifest.id;
    await expect(plans.find(other, medium.id)).rejects.toMatchObject({ code: 'PLAN_NOT_OF_PACKAGE', parameters: { plan: 'M' } });
  });
});

describe('bringing a package to a server', () => {
  it('sends it in pieces, installs it, and then only looks', async () => {
    const progress: number[] = [];
    const done = await service.ensureOn(serverId, 'static-site', {
      signal: signal(),
      onProgress: ({ sentBytes }) => progress.push(sentBytes),
    });
    expect(progress).toEqual([0, 1024 ** 2, 2 * 1024 ** 2, done.payload.sizeBytes]);
    expect(calls).toEqual(['list', 'status', 'upload', 'upload', 'upload', 'install', 'list']);
    expect([await service.on(serverId, 'static-site'), service.hasOn(serverId, 'static-site')]).toEqual([
      expect.objectContaining({ isWhole: true }),
      true,
    ]);
    calls = [];
    expect(await service.ensureOn(serverId, 'static-site', { signal: signal() })).toEqual(done);
    expect(calls).toEqual(['list', 'status']);
    expect((await store.packages.find())[0]?.payloads['linux-x64']).toEqual(done.payload);
  });

  it('sends it once for any number who ask at the same time', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => service.ensureOn(serverId, 'static-site', { signal: signal() })));
    expect(new Set(all.map((one) => one.payload.sha256)).size).toBe(1);
    expect(calls.filter((name) => name === 'upload')).toHaveLength(3);
    expect(calls.filter((name) => name === 'install')).toHaveLength(1);
  });

  it('goes on where a cut sending stopped', async () => {
    const gone = new FarmError('SERVER_UNREACHABLE', { server: 'Oak', address: '', cause: 'closed' });
    before = async (command) => {
      if (command === 'upload' && calls.filter((name) => name === 'upload').length === 2) throw gone;
    };
    await expect(service.ensureOn(serverId, 'static-site', { signal: signal() })).rejects.toBe(gone);
    calls = [];
    before = async () => undefined;
    const progress: number[] = [];
    await service.ensureOn(serverId, 'static-site', { signal: signal(), onProgress: ({ sentBytes }) => progress.push(sentBytes) });
    expect(progress[0]).toBe(1024 ** 2);
    expect(calls.filter((name) => name === 'upload')).toHaveLength(2);
  });

  it('sends all of it again when the agent threw it away, once', async () => {
    const wrong = new FarmError('PAYLOAD_HASH_WRONG', { packageId: 'static-site', expected: '', actual: '' });
    agent.failNext('packages.install', wrong, 1);
    await service.ensureOn(serverId, 'static-site', { signal: signal() });
    expect(await service.on(serverId, 'static-site')).toMatchObject({ isWhole: true });
    agent.installed.clear();
    agent.failNext('packages.install', wrong, 2);
    await expect(service.ensureOn(serverId, 'static-site', { signal: signal() })).rejects.toBe(wrong);
  });

  it('gives up when the agent takes nothing in', async () => {
    before = async (command) => {
      if (command === 'upload') throw new FarmError('PAYLOAD_CUT', { packageId: 'static-site', haveBytes: 0, wantBytes: 1 });
    };
    await expect(service.ensureOn(serverId, 'static-site', { signal: signal() })).rejects.toMatchObject({
      code: 'PAYLOAD_CUT',
      parameters: { packageId: 'static-site', haveBytes: 0 },
    });
  });

  it('ends for whoever aborts, and goes on for the others', async () => {
    const [mine, other] = [new AbortController(), new AbortController()];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    before = async (command) => {
      if (command === 'upload') await held;
    };
    const aborted = service.ensureOn(serverId, 'static-site', { signal: mine.signal });
    const finished = service.ensureOn(serverId, 'static-site', { signal: other.signal });
    await expect.poll(() => calls.includes('upload')).toBe(true);
    mine.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    release();
    expect((await finished).payload.sizeBytes).toBeGreaterThan(0);
  });

  it('stops sending when nobody waits any more, and can be asked again at once', async () => {
    const mine = new AbortController();
    before = async (command) => {
      if (command === 'upload') mine.abort(new Error('enough'));
    };
    await expect(service.ensureOn(serverId, 'static-site', { signal: mine.signal })).rejects.toThrow('enough');
    before = async () => undefined;
    await service.ensureOn(serverId, 'static-site', { signal: signal() });
    expect(calls.filter((name) => name === 'install')).toHaveLength(1);
  });

  it('brings a new version beside the old one', async () => {
    const old = await service.ensureOn(serverId, 'static-site', { signal: signal() });
    changeManifest((manifest) => (manifest['version'] = '1.1.0'));
    writeFileSync(join(folder, 'packages', 'static-site', 'payload', 'big.bin'), 'small now');
    await service.sync();
    expect([await service.on(serverId, 'static-site'), service.hasOn(serverId, 'static-site')]).toEqual([undefined, true]);
    const now = await service.ensureOn(serverId, 'static-site', { signal: signal() });
    expect(now.payload.sha256).not.toBe(old.payload.sha256);
    expect(agent.installed.size).toBe(2);
  });
});

describe('taking a package away', () => {
  it('removes every version that no instance uses, and says who uses one', async () => {
    const done = await service.ensureOn(serverId, 'static-site', { signal: signal() });
    const limits = { memoryBytes: 1, cpuMillicores: 1, diskBytes: 1 };
    const spec = { name: 'anna', host: 'anna.farm.test', url: 'https://anna.farm.test', limits, parameters: {} };
    const { manifestHash } = done;
    await agent.client.instances.create({ ...spec, instanceId: 'i-1', manifestHash, payload: done.payload.sha256 });
    expect(await service.removeFrom(serverId, 'static-site')).toEqual({ isRemoved: false, usedBy: ['i-1'] });
    await agent.client.instances.remove({ instanceId: 'i-1' });
    expect(await service.removeFrom(serverId, 'static-site')).toEqual({ isRemoved: true, usedBy: [] });
    expect(service.hasOn(serverId, 'static-site')).toBe(false);
    expect(await service.removeFrom(serverId, 'static-site')).toEqual({ isRemoved: true, usedBy: [] });
  });
});

it('asks at once for the list and for the files that it expects to be there, and takes the word of the list', async () => {
  const brought = await service.ensureOn(serverId, 'static-site', { signal: signal() });
  const payload = brought.payload.sha256;
  await service.on(serverId, 'static-site');
  calls.length = 0;
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  before = (command) => (command === 'list' ? held : Promise.resolve());
  const asking = service.on(serverId, 'static-site');
  await expect.poll(() => calls).toEqual(expect.arrayContaining(['list', 'status']));
  letGo();
  expect(await asking).toMatchObject({ payload, isWhole: true });
  expect(calls).toHaveLength(2);
  // somebody took it away since it was seen
  await agent.client.packages.remove({ payload, manifestHash: brought.manifestHash });
  expect(await service.on(serverId, 'static-site')).toBeUndefined();
});

it('prepares payloads ahead, and only logs what fails', async () => {
  await service.prepare();
  expect((await store.packages.find())[0]?.payloads).toHaveProperty('linux-x64');
  changeManifest((manifest) => (manifest['limits'] = { payloadBytes: 1, payloadEntries: 1 }));
  const again = open();
  await again.sync();
  await again.prepare();
  expect(warnings).toEqual(['packages.prepare']);
});

import { lstat, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Sha256 } from '#contract/ids.ts';
import { applicationSource, hashOf, testManifest, testSpec } from '../testing/applications.ts';
import { type ArchiveEntry, makeArchive } from '../testing/archives.ts';
import { openSupervision, temporaryHome } from '../testing/test-agent.ts';
import { sweepPackages } from './package-files.ts';
import { createPackageCommands, type PackageCommandNeeds } from './packages.ts';

let home: Awaited<ReturnType<typeof temporaryHome>>;
let life: Awaited<ReturnType<typeof openSupervision>>;

beforeEach(async () => {
  home = await temporaryHome();
  life = await openSupervision(home.folders);
});
afterEach(async () => {
  life.supervisor.close();
  await home.remove();
});

function client(change: Partial<PackageCommandNeeds> = {}) {
  const needs: PackageCommandNeeds = {
    folders: home.folders,
    packages: life.packages,
    instances: life.instances,
    clock: life.clock,
    platform: { os: 'linux', arch: 'x64' },
    runtimeMajor: 24,
    isSigned: ({ signature }) => signature === 'signed',
    failPoint: () => undefined,
    ...change,
  };
  return createRouterClient(createPackageCommands(needs));
}

const signed = (manifest = testManifest()) => {
  const manifestJson = JSON.stringify(manifest);
  return { farmId: 'farm', manifestJson, manifestHash: hashOf(manifestJson), signature: 'signed' };
};
const good: ArchiveEntry[] = [
  { name: 'app.cjs', text: applicationSource },
  { name: 'bin/run', text: '#!', mode: 0o755 },
  { name: 'bin/app', type: 'symlink', linkname: '../app.cjs' },
  { name: 'same.cjs', type: 'link', linkname: 'app.cjs' },
  { name: 'empty/', type: 'directory' },
];

async function send(bytes: Uint8Array, at = client()) {
  const payload = { sha256: hashOf(bytes), sizeBytes: bytes.byteLength };
  await at.upload({ payload, offset: 0, data: Buffer.from(bytes).toString('base64') });
  return payload;
}

/** All that could be left over, by name. */
async function remains(): Promise<string[]> {
  return [...(await readdir(home.folders.packages)), ...(await readdir(home.folders.uploads))];
}

describe('uploading', () => {
  test('is resumed where it was cut, takes the same piece twice, and refuses a hole or an overrun', async () => {
    const bytes = await makeArchive(good);
    const payload = { sha256: hashOf(bytes), sizeBytes: bytes.byteLength };
    const piece = (from: number, to: number) => ({ payload, offset: from, data: bytes.subarray(from, to).toString('base64') });
    const api = client();
    expect(await api.status({ payload: payload.sha256 })).toEqual({ haveBytes: 0, isInstalled: false });
    expect(await api.upload(piece(0, 100))).toEqual({ haveBytes: 100 });
    expect(await api.upload(piece(0, 100))).toEqual({ haveBytes: 100 });
    await expect(api.upload(piece(200, 300))).rejects.toMatchObject({ code: 'PAYLOAD_CUT', parameters: { haveBytes: 100 } });
    await expect(api.install({ manifest: signed(), payload })).rejects.toMatchObject({
      code: 'PAYLOAD_CUT',
      parameters: { packageId: 'test-app', haveBytes: 100, wantBytes: payload.sizeBytes },
    });
    // Another life of the agent goes on where this one stopped; a piece may overlap what is here.
    const later = client();
    expect(await later.status({ payload: payload.sha256 })).toEqual({ haveBytes: 100, isInstalled: false });
    await later.upload(piece(50, payload.sizeBytes));
    await expect(later.upload({ payload, offset: payload.sizeBytes, data: Buffer.from('more').toString('base64') })).rejects.toMatchObject({
      code: 'PAYLOAD_CUT',
    });
    expect(await later.install({ manifest: signed(), payload })).toMatchObject({ packageId: 'test-app', payload: payload.sha256 });
    expect(await later.status({ payload: payload.sha256 })).toEqual({ haveBytes: 0, isInstalled: true });
  });
});

describe('installing', () => {
  test('puts readable files that nobody may write, and is one act when asked twice', async () => {
    const payload = await send(await makeArchive(good));
    const first = await client().install({ manifest: signed(), payload });
    expect(await client().install({ manifest: signed(), payload })).toEqual(first);
    const folder = join(home.folders.packages, payload.sha256);
    expect((await lstat(folder)).mode & 0o777).toBe(0o755);
    expect((await lstat(join(folder, 'app.cjs'))).mode & 0o777).toBe(0o644);
    expect((await lstat(join(folder, 'bin', 'run'))).mode & 0o777).toBe(0o755);
    expect(await readFile(join(folder, 'bin', 'app'), 'utf8')).toBe(applicationSource);
    expect(await readFile(join(folder, 'same.cjs'), 'utf8')).toBe(applicationSource);
    expect(await remains()).toEqual([payload.sha256]);
    expect(await client().list()).toEqual({ packages: [first] });
  });

  test('a second manifest over the same payload sends nothing again, and each goes by itself', async () => {
    const payload = await send(await makeArchive(good));
    const [one, two] = [signed(), signed(testManifest({ version: '1.0.1' }))];
    await client().install({ manifest: one, payload });
    await client().install({ manifest: two, payload });
    const spec = testSpec('anna', 'healthy', { manifestHash: one.manifestHash, payload: payload.sha256 });
    await life.instances.save({ spec, packageId: 'test-app', port: 1, wanted: 'stopped', restarts: 0, setupBegun: [], setupDone: [] });
    expect(await client().remove({ payload: payload.sha256, manifestHash: one.manifestHash })).toEqual({
      isRemoved: false,
      usedBy: ['anna'],
    });
    expect(await client().remove({ payload: payload.sha256, manifestHash: two.manifestHash })).toEqual({ isRemoved: true, usedBy: [] });
    expect(await remains()).toEqual([payload.sha256]);
    await life.instances.remove('anna');
    expect(await client().remove({ payload: payload.sha256, manifestHash: one.manifestHash })).toEqual({ isRemoved: true, usedBy: [] });
    expect(await client().remove({ payload: payload.sha256, manifestHash: one.manifestHash })).toEqual({ isRemoved: true, usedBy: [] });
    expect(await remains()).toEqual([]);
  });

  test('refuses what the farm did not sign, what is no manifest, and what is made for other servers', async () => {
    const payload = await send(await makeArchive(good));
    const at = client();
    await expect(at.install({ manifest: { ...signed(), signature: 'forged' }, payload })).rejects.toMatchObject({
      code: 'MANIFEST_NOT_SIGNED',
    });
    await expect(at.install({ manifest: { ...signed(), manifestJson: '{}' }, payload })).rejects.toMatchObject({
      code: 'MANIFEST_INVALID',
      parameters: { problem: 'hash' },
    });
    const broken = JSON.stringify({ ...testManifest(), limits: { payloadBytes: -1, payloadEntries: 1 } });
    const manifest = { ...signed(), manifestJson: broken, manifestHash: hashOf(broken) };
    await expect(at.install({ manifest, payload })).rejects.toMatchObject({
      code: 'MANIFEST_INVALID',
      parameters: { path: 'limits.payloadBytes' },
    });
    const foreign = client({ platform: { os: 'windows', arch: 'arm64' } });
    await expect(foreign.install({ manifest: signed(), payload })).rejects.toMatchObject({
      code: 'PLATFORM_UNSUPPORTED',
      parameters: { platform: 'windows-arm64' },
    });
    await expect(client({ runtimeMajor: 22 }).install({ manifest: signed(), payload })).rejects.toMatchObject({
      code: 'PLATFORM_UNSUPPORTED',
    });
    expect(await remains()).toEqual([payload.sha256]);
  });

  test('a payload that arrived changed is thrown away, and can be sent again', async () => {
    const bytes = await makeArchive(good);
    const payload = await send(bytes);
    const path = join(home.folders.uploads, payload.sha256);
    const changed = Buffer.from(bytes);
    changed[20] = (changed[20] ?? 0) ^ 1;
    await writeFile(path, changed);
    await expect(client().install({ manifest: signed(), payload })).rejects.toMatchObject({
      code: 'PAYLOAD_HASH_WRONG',
      parameters: { packageId: 'test-app', expected: payload.sha256, actual: hashOf(changed) },
    });
    expect(await client().status({ payload: payload.sha256 })).toEqual({ haveBytes: 0, isInstalled: false });
    await client().install({ manifest: signed(), payload: await send(bytes) });
  });

  const unsafe: [string, ArchiveEntry[], string][] = [
    ['an absolute path', [{ name: '/etc/cron.d/x', text: 'x' }], 'absolute'],
    ['a way up', [{ name: 'a/../../x', text: 'x' }], 'parent'],
    ['a link that leads outside', [{ name: 'x', type: 'symlink', linkname: '../../etc/passwd' }], 'link'],
    ['an absolute link', [{ name: 'x', type: 'symlink', linkname: '/etc/passwd' }], 'link'],
    ['a link to nothing', [{ name: 'x', type: 'symlink', linkname: 'nothing' }], 'link'],
    [
      'links that lead outside together',
      [
        { name: 'd/e/', type: 'directory' },
        { name: 'd/e/here', type: 'symlink', linkname: '../..' },
        { name: 'out', type: 'symlink', linkname: 'd/e/here/../../..' },
      ],
      'link',
    ],
    [
      'a file through a link',
      [
        { name: 'd', type: 'symlink', linkname: '.' },
        { name: 'd/x', text: 'x' },
      ],
      'name',
    ],
    ['a hard link to the outside', [{ name: 'x', type: 'link', linkname: '../secret' }], 'link'],
    [
      'a hard link to a link',
      [
        { name: 'a', type: 'symlink', linkname: 'b' },
        { name: 'x', type: 'link', linkname: 'a' },
      ],
      'link',
    ],
    ['a device', [{ name: 'null', type: 'character-device' }].map((entry) => ({ ...entry, name: 'dev' }) as ArchiveEntry), 'device'],
    ['a pipe', [{ name: 'pipe', type: 'fifo' }], 'device'],
    ['a name that Windows keeps', [{ name: 'aux.js', text: 'x' }], 'name'],
    [
      'the same file twice',
      [
        { name: 'a', text: 'x' },
        { name: 'a', text: 'y' },
      ],
      'name',
    ],
    ['more bytes than the manifest says', [{ name: 'big', text: 'x'.repeat(1_000_001) }], 'size'],
    ['many small files together above it', Array.from({ length: 3 }, (_, n) => ({ name: `f${n}`, text: 'x'.repeat(400_000) })), 'size'],
    ['more entries than the manifest says', Array.from({ length: 51 }, (_, n) => ({ name: `f${n}`, text: '' })), 'count'],
  ];
  test.each(unsafe)('refuses %s and leaves nothing', async (_what, entries, reason) => {
    const payload = await send(await makeArchive([{ name: 'first.txt', text: 'harmless' }, ...entries]));
    await expect(client().install({ manifest: signed(), payload })).rejects.toMatchObject({
      code: 'PAYLOAD_UNSAFE',
      parameters: { packageId: 'test-app', reason },
    });
    expect(await remains()).toEqual([]);
    expect(await client().list()).toEqual({ packages: [] });
  });

  test('what is no archive is refused and thrown away', async () => {
    for (const bytes of [Buffer.from('no gzip at all'), (await makeArchive(good)).subarray(0, 200)]) {
      const payload = await send(bytes);
      await expect(client().install({ manifest: signed(), payload })).rejects.toMatchObject({ code: 'PAYLOAD_BUILD' });
      expect(await remains()).toEqual([]);
    }
  });

  test.each([
    'packages.install.verified',
    'packages.install.unpacked',
    'packages.install.placed',
    'packages.install.recorded',
    'packages.remove.record',
  ])('cut at %s, the next start leaves nothing half-made and the same act succeeds', async (point) => {
    const bytes = await makeArchive(good);
    const payload = await send(bytes);
    const manifest = signed();
    const failing = client({
      failPoint: (passed) => {
        // As a kill would: nothing after this point runs, so what the catch clauses tidy is put back below.
        if (passed === point) throw new Error('cut');
      },
    });
    const act = async (): Promise<void> => {
      await failing.install({ manifest, payload });
      await failing.remove({ payload: payload.sha256, manifestHash: manifest.manifestHash });
    };
    await expect(act()).rejects.toThrow('cut');
    life.supervisor.close();
    life = await openSupervision(home.folders);
    await sweepPackages(home.folders, life.packages, new Set(), life.clock.nowMs());
    const recorded = life.packages.list().map((record) => record.payload as string);
    expect((await readdir(home.folders.packages)).filter((name) => !recorded.includes(name))).toEqual([]);
    const { haveBytes, isInstalled } = await client().status({ payload: payload.sha256 });
    if (!isInstalled && haveBytes === 0) await send(bytes);
    expect(await client().install({ manifest, payload })).toMatchObject({ payload: payload.sha256 });
    expect(await remains()).toEqual([payload.sha256]);
  });

  test('what an instance runs from stays at the start, also when its record was lost', async () => {
    const payload = await send(await makeArchive(good));
    await client().install({ manifest: signed(), payload });
    await life.packages.remove(signed().manifestHash, payload.sha256);
    expect(await sweepPackages(home.folders, life.packages, new Set([payload.sha256]), life.clock.nowMs())).toEqual([]);
    expect(await sweepPackages(home.folders, life.packages, new Set(), life.clock.nowMs())).toEqual([`packages/${payload.sha256}`]);
  });

  test('a record whose folder went away is dropped at the start, so that the core sends it again', async () => {
    const payload = await send(await makeArchive(good));
    await client().install({ manifest: signed(), payload });
    await rm(join(home.folders.packages, payload.sha256), { recursive: true });
    expect(await client().status({ payload: payload.sha256 as Sha256 })).toMatchObject({ isInstalled: false });
    expect(await sweepPackages(home.folders, life.packages, new Set(), life.clock.nowMs())).toEqual([
      `state/${signed().manifestHash.slice(0, 12)}`,
    ]);
    expect(await client().list()).toEqual({ packages: [] });
  });
});

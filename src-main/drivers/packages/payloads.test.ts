import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ManifestFile, Payloads } from '../../ports/payloads.ts';
import type { Log } from '../../ports/request.ts';
import { createPayloads, readyPacker } from './index.ts';
import { isPacked } from './npm-tree.ts';
import { readLock } from './npm-lock.ts';
import { manifestForAgents } from '../../model/packages/manifest-for-agents.ts';
import { hashOf } from './read-package.ts';
import { type InstallLocked, NpmError } from './run-npm.ts';

const assets = join(import.meta.dirname, '..', '..', '..', 'assets', 'packages');
const log: Log = { info: () => undefined, warn: () => undefined, bug: () => '' };
let folder = '';
const packagesFolder = (): string => join(folder, 'packages');
const cacheFolder = (): string => join(folder, 'cache');

/** Puts down a tree as npm does: links in `.bin`, its own notes, files in an order of its own. */
const fakeInstall =
  (names: readonly string[], calls: string[] = []): InstallLocked =>
  async (place, platform) => {
    calls.push(platform);
    for (const name of names) {
      mkdirSync(join(place, 'node_modules', name, '..'), { recursive: true });
      writeFileSync(join(place, 'node_modules', name), `content of ${name}`);
    }
    writeFileSync(join(place, 'node_modules', '.package-lock.json'), String(Math.random()));
  };
const tree = [
  'tiddlywiki/tiddlywiki.js',
  'tiddlywiki/core/a.js',
  'tiddlywiki/editions/big/x.tid',
  'tiddlywiki/editions/server/y.info',
  'tiddlywiki/B.js',
];

function open(cache = cacheFolder(), installLocked?: InstallLocked): Payloads {
  return createPayloads({
    packagesFolder: packagesFolder(),
    cacheFolder: cache,
    log,
    ...(installLocked === undefined ? {} : { installLocked }),
  });
}
async function one(payloads: Payloads, id: string): Promise<ManifestFile> {
  const file = (await payloads.manifests()).find(({ manifest }) => manifest.id === id);
  if (file === undefined) throw new Error(`no package ${id}`);
  return file;
}
function changeManifest(id: string, change: (manifest: Record<string, unknown>) => void): void {
  const path = join(packagesFolder(), id, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  change(manifest);
  writeFileSync(path, JSON.stringify(manifest));
}
/** Names, modes, owners and times of a tar's headers (POSIX.1-1988 ustar). */
function entriesOf(archive: string): { name: string; mode: string; owner: string; time: string }[] {
  const tar = gunzipSync(readFileSync(archive));
  const entries = [];
  for (let at = 0; at < tar.length && tar[at] !== 0; ) {
    const text = (from: number, length: number): string =>
      tar
        .toString('latin1', at + from, at + from + length)
        .replace(/\0.*$/s, '')
        .trim();
    const prefix = text(345, 155);
    entries.push({
      name: (prefix === '' ? '' : `${prefix}/`) + text(0, 100),
      mode: text(100, 8),
      owner: text(108, 16),
      time: text(136, 12),
    });
    at += 512 + Math.ceil(Number.parseInt(text(124, 12), 8) / 512) * 512;
  }
  return entries;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-payloads-'));
  cpSync(assets, packagesFolder(), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('manifests', () => {
  it('are read with their bytes, hash and logo', async () => {
    const files = await open().manifests();
    expect(files.map(({ manifest }) => manifest.id)).toEqual(['static-site', 'tiddlywiki']);
    for (const file of files) {
      const written = readFileSync(join(file.folder, 'manifest.json'), 'utf8');
      expect(file.manifestJson).toBe(manifestForAgents(written, file.manifest));
      expect(file.manifestHash).toBe(hashOf(file.manifestJson));
      expect(file.logoDataUrl).toMatch(/^data:image\/svg\+xml;base64,/);
    }
  });

  it.each([
    ['half a file', 'manifest.json', () => truncateSync(join(packagesFolder(), 'static-site', 'manifest.json'), 200)],
    ['a path that leads outside', 'logo', () => changeManifest('static-site', (manifest) => (manifest['logo'] = '../../logo.svg'))],
    ['an unknown field', 'manifest.json', () => changeManifest('static-site', (manifest) => (manifest['shell'] = 'rm'))],
    ['another name than its folder', 'id', () => changeManifest('static-site', (manifest) => (manifest['id'] = 'other'))],
    ['a logo that is not there', 'logo', () => rmSync(join(packagesFolder(), 'static-site', 'logo.svg'))],
    ['no manifest', 'manifest.json', () => rmSync(join(packagesFolder(), 'static-site', 'manifest.json'))],
    [
      'a parameter that is not there',
      'handOver.password',
      () => changeManifest('static-site', (manifest) => (manifest['handOver'] = { path: '/', password: 'p', note: { en: 'x' } })),
    ],
  ])('with %s are refused in their place', async (_name, path, spoil) => {
    spoil();
    await expect(open().manifests()).rejects.toMatchObject({ code: 'MANIFEST_INVALID', parameters: { packageId: 'static-site', path } });
  });
});

describe('a payload', () => {
  it('of a folder has the same bytes wherever and whenever it is built', async () => {
    const payloads = open();
    const first = await payloads.build(await one(payloads, 'static-site'), 'linux-x64');
    for (const name of ['server.mjs', 'set-up.mjs']) utimesSync(join(packagesFolder(), 'static-site', 'payload', name), 1, 1);
    const again = open(join(folder, 'other-cache'));
    const second = await again.build(await one(again, 'static-site'), 'windows-x64');
    expect(second.sha256).toBe(first.sha256);
    const bytes = readFileSync(first.path);
    expect(hashOf(bytes)).toBe(first.sha256);
    expect(bytes.length).toBe(first.sizeBytes);
    // No time and no system in the gzip header.
    expect([...bytes.subarray(4, 8), bytes[9]]).toEqual([0, 0, 0, 0, 255]);
    const entries = entriesOf(first.path);
    expect(entries.map(({ name }) => name)).toEqual(['public/index.html', 'server.mjs', 'set-up.mjs']);
    expect(new Set(entries.map(({ mode, owner, time }) => `${mode} ${owner.replaceAll(/[ 0]/g, '')} ${Number(time)}`))).toEqual(
      new Set(['000644  0']),
    );
  });

  it('of a lock file holds what is kept, sorted, without the notes of npm', async () => {
    const payloads = open(cacheFolder(), fakeInstall(tree));
    const built = await payloads.build(await one(payloads, 'tiddlywiki'), 'linux-x64');
    expect(entriesOf(built.path).map(({ name }) => name)).toEqual([
      'node_modules/tiddlywiki/B.js',
      'node_modules/tiddlywiki/core/a.js',
      'node_modules/tiddlywiki/editions/server/y.info',
      'node_modules/tiddlywiki/tiddlywiki.js',
    ]);
    const other = open(join(folder, 'other-cache'), fakeInstall(tree.toReversed()));
    expect((await other.build(await one(other, 'tiddlywiki'), 'linux-x64')).sha256).toBe(built.sha256);
  });

  it('is built once for many who ask, and once for all platforms and programs', async () => {
    const calls: string[] = [];
    const payloads = open(cacheFolder(), fakeInstall(tree, calls));
    const file = await one(payloads, 'tiddlywiki');
    const built = await Promise.all([1, 2, 3].map(() => payloads.build(file, 'linux-x64')));
    expect(new Set(built.map((payload) => payload.sha256)).size).toBe(1);
    await payloads.build(file, 'windows-x64');
    const later = open(cacheFolder(), fakeInstall(tree, calls));
    await later.build(await one(later, 'tiddlywiki'), 'linux-x64');
    expect(calls).toEqual(['linux-x64']);
  });

  it('is built anew when the kept one was cut, changed or lost', async () => {
    const payloads = open();
    const file = await one(payloads, 'static-site');
    const first = await payloads.build(file, 'linux-x64');
    const spoilings = [
      () => truncateSync(first.path, 10),
      () => writeFileSync(first.path, Buffer.alloc(first.sizeBytes)),
      () => rmSync(first.path),
    ];
    for (const spoil of spoilings) {
      spoil();
      const again = open();
      const built = await again.build(await one(again, 'static-site'), 'linux-x64');
      expect(hashOf(readFileSync(built.path))).toBe(first.sha256);
    }
  });

  it('that came with the program needs no npm, whatever zlib reads it; a spoilt one is built here', async () => {
    const readyFolder = join(folder, 'ready');
    const install = fakeInstall(tree);
    const maker = createPayloads({
      packagesFolder: packagesFolder(),
      cacheFolder: readyFolder,
      packer: readyPacker,
      log,
      installLocked: install,
    });
    const brought = await maker.build(await one(maker, 'tiddlywiki'), 'linux-x64');
    const calls: string[] = [];
    const installed = (): Payloads =>
      createPayloads({
        packagesFolder: packagesFolder(),
        cacheFolder: cacheFolder(),
        readyFolder,
        packer: 'another zlib',
        log,
        installLocked: fakeInstall(tree, calls),
      });
    const first = installed();
    expect(await first.build(await one(first, 'tiddlywiki'), 'windows-x64')).toEqual(brought);
    expect(calls).toEqual([]);
    truncateSync(brought.path, 10);
    const second = installed();
    const built = await second.build(await one(second, 'tiddlywiki'), 'linux-x64');
    expect([calls, built.path.startsWith(cacheFolder())]).toEqual([['linux-x64'], true]);
  });

  it('is built anew when a server doubts the one that was seen whole', async () => {
    const payloads = open();
    const file = await one(payloads, 'static-site');
    const built = await payloads.build(file, 'linux-x64');
    const whole = readFileSync(built.path);
    writeFileSync(built.path, Buffer.alloc(whole.length));
    expect(await payloads.build(file, 'linux-x64')).toEqual(built);
    payloads.doubt(built);
    expect(await payloads.build(file, 'linux-x64')).toEqual(built);
    expect(readFileSync(built.path).equals(whole)).toBe(true);
  });

  it('changes with its files', async () => {
    const payloads = open();
    const first = await payloads.build(await one(payloads, 'static-site'), 'linux-x64');
    writeFileSync(join(packagesFolder(), 'static-site', 'payload', 'public', 'index.html'), 'other');
    expect((await payloads.build(await one(payloads, 'static-site'), 'linux-x64')).sha256).not.toBe(first.sha256);
  });

  it('is read in pieces', async () => {
    const payloads = open();
    const built = await payloads.build(await one(payloads, 'static-site'), 'linux-x64');
    const pieces = [];
    for (let offset = 0; offset < built.sizeBytes; offset += 500) pieces.push(await payloads.read(built, offset, 500));
    expect(pieces.every((piece) => piece.length <= 500)).toBe(true);
    expect(hashOf(Buffer.concat(pieces))).toBe(built.sha256);
    expect(await payloads.read(built, built.sizeBytes, 500)).toHaveLength(0);
  });
});

describe('a build that fails', () => {
  const buildWith = async (install: InstallLocked): Promise<unknown> => {
    const payloads = open(cacheFolder(), install);
    return payloads.build(await one(payloads, 'tiddlywiki'), 'linux-x64');
  };

  it.each([
    [
      'npm that is missing',
      { code: 'PAYLOAD_BUILD', parameters: { packageId: 'tiddlywiki', reason: 'npmMissing' } },
      new NpmError('npmMissing'),
    ],
    ['a full disk under npm', { code: 'STORE_FULL' }, new NpmError('ENOSPC', true)],
    ['a full disk under us', { code: 'STORE_FULL' }, Object.assign(new Error('full'), { code: 'ENOSPC' })],
  ])('by %s says so, and leaves nothing half', async (_name, expected, error) => {
    const failing: InstallLocked = async (place, platform) => {
      await fakeInstall(tree)(place, platform);
      throw error;
    };
    await expect(buildWith(failing)).rejects.toMatchObject(expected);
    expect(readdirSync(cacheFolder())).toEqual([]);
  });

  it('by more or larger files than the manifest allows, or by a link, leaves nothing half', async () => {
    await expect(buildWith(fakeInstall(Array.from({ length: 3001 }, (_one, index) => `tiddlywiki/${index}`)))).rejects.toMatchObject({
      code: 'PAYLOAD_BUILD',
      parameters: { reason: 'count' },
    });
    symlinkSync('/etc/passwd', join(packagesFolder(), 'static-site', 'payload', 'link'));
    const payloads = open();
    await expect(payloads.build(await one(payloads, 'static-site'), 'linux-x64')).rejects.toMatchObject({
      code: 'PAYLOAD_BUILD',
      parameters: { reason: 'link' },
    });
    expect(readdirSync(cacheFolder())).toEqual([]);
  });

  it('by a platform that is not offered, or by a zip that is not there, says so', async () => {
    const payloads = open();
    await expect(payloads.build(await one(payloads, 'static-site'), 'windows-arm64')).rejects.toMatchObject({
      code: 'PLATFORM_UNSUPPORTED',
    });
    changeManifest('static-site', (manifest) => {
      const platforms = [{ os: 'linux', arch: 'x64' }];
      manifest['payload'] = [{ platforms, source: { kind: 'zip', path: 'a.zip', sha256: '0'.repeat(64) } }];
    });
    await expect(payloads.build(await one(payloads, 'static-site'), 'linux-x64')).rejects.toMatchObject({
      code: 'PAYLOAD_BUILD',
      parameters: { reason: 'notThere' },
    });
  });

  it('is swept up later when it was killed, but not while another program may be at it', async () => {
    mkdirSync(cacheFolder(), { recursive: true });
    const [old, fresh] = ['.payload.0123456789abcdef.tmp', '.install.0123456789abcdef.tmp'].map((name) => join(cacheFolder(), name));
    mkdirSync(join(old ?? '', 'node_modules'), { recursive: true });
    writeFileSync(fresh ?? '', '');
    utimesSync(old ?? '', 1, 1);
    const payloads = open();
    await payloads.build(await one(payloads, 'static-site'), 'linux-x64');
    expect([old, fresh].map((path) => existsSync(path ?? ''))).toEqual([false, true]);
  });
});

describe('a lock file', () => {
  const lock = (entry: object): string => JSON.stringify({ lockfileVersion: 3, packages: { '': {}, 'node_modules/a': entry } });
  it('must carry the integrity of every package', () => {
    expect(readLock(lock({ integrity: 'sha512-x' }))).toEqual({ state: 'good', isPortable: true });
    expect(readLock(lock({ integrity: 'sha512-x', os: ['linux'] }))).toEqual({ state: 'good', isPortable: false });
    expect(readLock(lock({}))).toMatchObject({ state: 'bad', problem: 'node_modules/a has no integrity in package-lock.json' });
    expect(readLock(lock({ link: true }))).toMatchObject({ state: 'bad' });
    expect(readLock('{')).toMatchObject({ state: 'bad' });
    expect(readLock('{"lockfileVersion":1}')).toMatchObject({ state: 'bad' });
  });

  it('leaves out by the longest path that fits, whole names only', () => {
    const packed = (name: string): boolean => isPacked(name, ['a/b', 'a/b/keep/not'], ['a/b/keep']);
    expect(['a/x', 'a/bc', 'a/b/keep/y'].every(packed)).toBe(true);
    expect(['a/b', 'a/b/x', 'a/b/keeper', 'a/b/keep/not/z'].some(packed)).toBe(false);
  });
});

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPackageCommands } from './commands/packages.ts';
import { foldersOf } from './state/home.ts';
import { hashOf, placePackage, testManifest, testSpec } from './testing/applications.ts';
import { makeArchive } from './testing/archives.ts';
import { openSupervision } from './testing/test-agent.ts';

/** A disk of 3 MB of its own. Only root may make one: elsewhere the tests are skipped, and say so. */
const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write('NOT TESTED: the agent on a full disk. Only root can mount the small disk that this needs.\n');
const testOnDisk = test.skipIf(!isRoot);
const disk = mkdtempSync(join(tmpdir(), 'farm-full-'));
const folders = foldersOf(join(disk, 'home'));
const ballast = join(disk, 'ballast');
let life: Awaited<ReturnType<typeof openSupervision>>;

function fill(leaveBytes: number): void {
  rmSync(ballast, { force: true });
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - leaveBytes)));
}

beforeAll(async () => {
  if (!isRoot) return;
  mkdirSync(disk, { recursive: true });
  const mounted = spawnSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=3m,mode=755', 'tmpfs', disk], { encoding: 'utf8' });
  if (mounted.status !== 0) throw new Error(`the small disk was not mounted: ${mounted.stderr.trim()}`);
  await mkdir(folders.home);
  await chmod(folders.home, 0o711);
  life = await openSupervision(folders);
});
afterAll(async () => {
  rmSync(ballast, { force: true });
  for (const { instanceId } of life?.supervisor.list() ?? []) await life.supervisor.remove(instanceId);
  life?.supervisor.close();
  if (isRoot) spawnSync('/bin/umount', ['-l', disk]);
  rmSync(disk, { recursive: true, force: true });
});

testOnDisk('a payload that does not fit leaves nothing, and is installed when there is room', async () => {
  const archive = await makeArchive([
    { name: 'a.txt', text: 'x'.repeat(900_000) },
    { name: 'b.txt', text: 'y'.repeat(90_000) },
  ]);
  const payload = { sha256: hashOf(archive), sizeBytes: archive.byteLength };
  const manifestJson = JSON.stringify(testManifest());
  const manifest = { farmId: 'f', manifestJson, manifestHash: hashOf(manifestJson), signature: '' };
  const { packages, instances, clock } = life;
  const client = createRouterClient(
    createPackageCommands({
      folders,
      packages,
      instances,
      clock,
      platform: { os: 'linux', arch: 'x64' },
      runtimeMajor: 24,
      isSigned: () => true,
      failPoint: () => undefined,
    }),
  );
  const upload = () => client.upload({ payload, offset: 0, data: archive.toString('base64') });
  fill(0);
  await expect(upload()).rejects.toMatchObject({ code: 'DISK_FULL' });
  expect(await client.status({ payload: payload.sha256 })).toEqual({ haveBytes: 0, isInstalled: false });
  fill(200_000);
  await upload();
  await expect(client.install({ manifest, payload })).rejects.toMatchObject({ code: 'DISK_FULL', parameters: { path: folders.packages } });
  expect(await readdir(folders.packages)).toEqual([]);
  rmSync(ballast);
  expect(await client.install({ manifest, payload })).toMatchObject({ sizeBytes: 990_000 });
  await client.remove({ payload: payload.sha256, manifestHash: manifest.manifestHash });
});

testOnDisk('an instance that cannot be recorded or set up says so; what runs goes on; with room the same act succeeds', async () => {
  const ids = await placePackage(
    folders,
    life.packages,
    testManifest({ files: [{ format: 'json', path: 'big.json', value: { text: 'z'.repeat(200_000) } }] }),
  );
  await life.supervisor.create(testSpec('old', 'healthy', ids));
  const { port } = await life.supervisor.start('old');
  fill(0);
  await expect(life.supervisor.create(testSpec('new', 'healthy', ids))).rejects.toMatchObject({ code: 'DISK_FULL' });
  expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
  fill(40_000);
  await expect(life.supervisor.create(testSpec('new', 'healthy', ids))).rejects.toMatchObject({ code: 'DISK_FULL' });
  rmSync(ballast);
  await life.supervisor.create(testSpec('new', 'healthy', ids));
  expect(await life.supervisor.start('new')).toMatchObject({ health: 'healthy' });
  expect(life.log.bugs).toEqual([]);
});

testOnDisk('a start that cannot be recorded leaves no process behind', async () => {
  const ids = await placePackage(folders, life.packages);
  await life.supervisor.create(testSpec('third', 'healthy', ids));
  fill(0);
  await expect(life.supervisor.start('third')).rejects.toMatchObject({ code: 'DISK_FULL' });
  expect(life.os.findMarked(folders.home).has('third')).toBe(false);
  rmSync(ballast);
  expect(await life.supervisor.start('third')).toMatchObject({ health: 'healthy' });
});

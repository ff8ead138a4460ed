import { existsSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { placePackage, testManifest, testSpec } from '../testing/applications.ts';
import { greedySource } from '../testing/greedy.ts';
import { eventually, openSupervision, temporaryHome } from '../testing/test-agent.ts';
import { createCollectors } from './collectors.ts';
import { createDiskSampler } from './disk-sampler.ts';
import { folderBytes } from './folder-size.ts';

const mebibyte = 2 ** 20;
const plan = { memoryBytes: 8192 * mebibyte, cpuMillicores: 2000, diskBytes: 256 * mebibyte };
/** Where it is ended. */
const endBytes = 1.1 * plan.diskBytes;
/** What it may write above that: a quarter of its plan, or as much as it writes in this time at the speed at which it filled its disk. */
const mostLateBytes = plan.diskBytes / 4;
const mostLateMs = 750;
/** In memory nothing is faster. */
const fastest = '/dev/shm';
const isRoomy = existsSync(fastest) && statfsSync(fastest).bavail * statfsSync(fastest).bsize > 6 * 2 ** 30;
vi.setConfig({ testTimeout: 60_000 });

let home: Awaited<ReturnType<typeof temporaryHome>>;
let life: Awaited<ReturnType<typeof openSupervision>>;
beforeEach(async () => {
  home = await temporaryHome(isRoomy ? fastest : tmpdir());
  life = await openSupervision(home.folders);
});
afterEach(async () => {
  for (const { instanceId } of life.supervisor.list()) await life.supervisor.remove(instanceId);
  life.supervisor.close();
  await home.remove();
});

/** Has it fill its disk, right after a look of the agent at it: the worst moment. What it has when it is ended, and what it took to that. */
async function fill(act: string, places: (processId: number) => readonly string[]) {
  const { supervisor, packages } = life;
  const ids = await placePackage(home.folders, packages, testManifest(), greedySource);
  await supervisor.create({ ...testSpec('anna', 'healthy', ids), limits: plan });
  const { folder, process: now, port } = await supervisor.start('anna');
  const collectors = createCollectors({ ...life, folders: home.folders, isSimulated: false });
  const sizeNow = async (): Promise<number> => {
    const sizes = [folder, ...places('processId' in now ? now.processId : 0)].map((place) => folderBytes(place));
    return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
  };
  try {
    await eventually(
      () => supervisor.describe('anna').diskBytes,
      (bytes) => bytes !== undefined,
    );
    await new Promise((done) => setTimeout(done, 1000));
    void fetch(`http://127.0.0.1:${port}${act}`).catch(() => undefined);
    let most = await eventually(sizeNow, (bytes) => bytes > 32 * mebibyte);
    const begun = { bytes: most, atMs: performance.now() };
    let full = begun;
    const ended = await eventually(
      async () => {
        most = Math.max(most, await sizeNow());
        if (full === begun && most >= endBytes) full = { bytes: most, atMs: performance.now() };
        return supervisor.describe('anna').process;
      },
      ({ state }) => state === 'crash-loop',
      30_000,
    );
    const bytesPerMs = (full.bytes - begun.bytes) / Math.max(1, full.atMs - begun.atMs);
    return { ended, most, bytesPerMs, lateMs: Math.round((most - endBytes) / Math.max(1, bytesPerMs)) };
  } finally {
    collectors.close();
  }
}

const nowhereElse = (): string[] => [];
test.each<[act: string, what: string, places: (processId: number) => readonly string[]]>([
  ['/fill', 'it itself', nowhereElse],
  ['/pour', 'three children that do not end when they are asked to', nowhereElse],
  ['/pour-brief', 'children that live for one file each', nowhereElse],
  ['/pour-tmp', 'a child in the temporary folder of all', (processId) => [join('/tmp', `farm-poured-${processId}`)]],
])('%s: who fills the disk as fast as it can is ended near its plan (%s)', async (act, what, places) => {
  const { ended, most, bytesPerMs, lateMs } = await fill(act, places);
  const speed = Math.round((bytesPerMs * 1000) / mebibyte);
  process.stdout.write(
    `disk filled by ${what}: ${Math.round(most / mebibyte)} MiB of ${plan.diskBytes / mebibyte} at ${speed} MiB/s, ${lateMs} ms too late\n`,
  );
  expect(ended).toMatchObject({ exitCode: 'diskLimit' });
  expect(lateMs < mostLateMs || most - endBytes < mostLateBytes).toBe(true);
});

test('who fills it before it is healthy is ended too, although somebody waits for its start', async () => {
  const { supervisor, packages } = life;
  const usual = testManifest({ startSeconds: 40 });
  const ids = await placePackage(home.folders, packages, { ...usual, health: { ...usual.health, acceptedStatus: [418] } }, greedySource);
  const { port } = await supervisor.create({ ...testSpec('anna', 'healthy', ids), limits: plan });
  const collectors = createCollectors({ ...life, folders: home.folders, isSimulated: false });
  try {
    const start = supervisor.start('anna').then(
      () => 'healthy',
      (error: unknown) => error,
    );
    await eventually(
      () =>
        fetch(`http://127.0.0.1:${port}/fill`).then(
          () => true,
          () => false,
        ),
      (isAsked) => isAsked,
    );
    const seen = await eventually(
      () => supervisor.describe('anna').process,
      ({ state }) => state === 'crash-loop',
      15_000,
    );
    expect(seen).toMatchObject({ exitCode: 'diskLimit' });
    expect(await start).toMatchObject({ code: 'APPLICATION_DIED', parameters: { exitCode: 'diskLimit' } });
    expect(supervisor.describe('anna').diskBytes).toBeLessThan(3 * plan.diskBytes);
  } finally {
    collectors.close();
  }
});

test('one that is removed before its turn to be walked comes is no fault', async () => {
  const { supervisor, packages } = life;
  const ids = await placePackage(home.folders, packages, testManifest(), greedySource);
  for (const name of ['anna', 'bella']) await supervisor.create({ ...testSpec(name, 'healthy', ids), limits: plan });
  const before = supervisor.list();
  await supervisor.remove('anna');
  const walked: string[] = [];
  const sampler = createDiskSampler({
    ...life,
    folder: home.folders.instances,
    instances: () => before,
    diskOf: supervisor.diskOf,
    measured: (instanceId) => walked.push(instanceId),
  });
  await sampler.measureNew();
  sampler.close();
  expect(walked).toEqual(['anna', 'bella']);
});

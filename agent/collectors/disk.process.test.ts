import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { placePackage, testManifest, testSpec } from '../testing/applications.ts';
import { greedySource } from '../testing/greedy.ts';
import { eventually, openSupervision, temporaryHome } from '../testing/test-agent.ts';
import { createCollectors } from './collectors.ts';
import { folderBytes } from './folder-size.ts';

const mebibyte = 2 ** 20;
vi.setConfig({ testTimeout: 60_000 });
let home: Awaited<ReturnType<typeof temporaryHome>>;
let life: Awaited<ReturnType<typeof openSupervision>>;
beforeEach(async () => {
  home = await temporaryHome();
  life = await openSupervision(home.folders);
});
afterEach(async () => {
  for (const { instanceId } of life.supervisor.list()) await life.supervisor.remove(instanceId);
  life.supervisor.close();
  await home.remove();
});

test('who fills the disk is known and ended within seconds, and a neighbour stays', async () => {
  const { supervisor, packages } = life;
  const ids = await placePackage(home.folders, packages, testManifest(), greedySource);
  // Where temporary files lie in memory, what is written counts as memory too.
  const limits = { memoryBytes: 4096 * mebibyte, cpuMillicores: 250, diskBytes: 100 * mebibyte };
  for (const name of ['anna', 'bella']) {
    await supervisor.create({ ...testSpec(name, 'healthy', ids), limits });
    await supervisor.start(name);
  }
  const collectors = createCollectors({ ...life, folders: home.folders, isSimulated: false });
  try {
    await eventually(
      () => supervisor.describe('bella').diskBytes,
      (bytes) => bytes !== undefined,
    );
    const beganMs = performance.now();
    await (await fetch(`http://127.0.0.1:${supervisor.describe('anna').port}/fill`)).text();
    const seen = await eventually(
      () => supervisor.describe('anna').process,
      ({ state }) => state === 'crash-loop',
      30_000,
    );
    expect(seen).toMatchObject({ exitCode: 'diskLimit' });
    process.stdout.write(`a disk filler was ended after ${Math.round(performance.now() - beganMs)} ms\n`);
    expect(supervisor.describe('bella').process.state).toBe('running');
    expect(life.log.bugs).toEqual([]);
  } finally {
    collectors.close();
  }
});

test('every name counts as a block, and a link as no more than itself', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'farm-size-'));
  try {
    expect(await folderBytes(folder)).toBe(0);
    for (let number = 0; number < 100; number++) writeFileSync(join(folder, String(number)), '');
    mkdirSync(join(folder, 'below'));
    symlinkSync('/', join(folder, 'below', 'all'));
    expect(await folderBytes(folder)).toBe(102 * 4096);
    writeFileSync(join(folder, 'much'), Buffer.alloc(mebibyte, 1));
    expect(await folderBytes(folder)).toBeGreaterThanOrEqual(mebibyte + 102 * 4096);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

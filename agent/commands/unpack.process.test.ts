import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeArchive } from '../testing/archives.ts';
import { unpackArchive } from './unpack.ts';

/** A disk that says only at the close of some files that it has no room, as network disks with quotas do (close(2), notes). */
const disk = vi.hoisted(() => ({ fullAtClose: /^$/ }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const open: typeof real.open = async (path, ...more) => {
    const handle = await real.open(path, ...more);
    const close = handle.close.bind(handle);
    if (disk.fullAtClose.test(String(path)))
      handle.close = async () => {
        await close();
        throw Object.assign(new Error('EDQUOT: close'), { code: 'EDQUOT' });
      };
    return handle;
  };
  return { ...real, open };
});

let folder = '';
const late: unknown[] = [];
const note = (error: unknown): void => void late.push(error);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farm-unpack-'));
  late.length = 0;
  process.on('unhandledRejection', note);
});
afterEach(async () => {
  process.off('unhandledRejection', note);
  await rm(folder, { recursive: true, force: true });
});

test.each([
  ['the last', /last\.txt$/],
  ['every', /\.txt$/],
])('a disk that is full only when a file is closed (%s) fails the unpacking, and nothing else', async (_, pattern) => {
  const archive = join(folder, 'archive.tgz');
  const names = [...Array.from({ length: 80 }, (_gone, index) => `${index}.txt`), 'last.txt'];
  await writeFile(archive, await makeArchive(names.map((name) => ({ name, text: name }))));
  await mkdir(join(folder, 'out'));
  disk.fullAtClose = pattern;
  const unpacking = unpackArchive({
    packageId: 'p',
    archive,
    folder: join(folder, 'out'),
    limits: { payloadBytes: 1_000_000, payloadEntries: 1000 },
  });
  await expect(unpacking).rejects.toMatchObject({ code: 'DISK_FULL' });
  await turn();
  expect(late).toEqual([]);
});

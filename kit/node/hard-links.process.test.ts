import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { lockFolder } from './folder-lock.ts';

/** What `link` fails with: the system's word for a disk without hard links. */
const disk = vi.hoisted(() => ({ linkFailure: '' }));
vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof import('node:fs/promises')>()),
  link: async () => {
    throw Object.assign(new Error(`${disk.linkFailure}: link`), { code: disk.linkFailure });
  },
}));

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farm-no-links-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const take = (processId: number) =>
  lockFolder({ folder, name: 'try-lock', self: { processId, startMark: 'x' }, isRunning: ({ processId: holder }) => holder !== 1 });

describe.each(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EISDIR'])('where link says %s', (code) => {
  test('a folder is locked by one of many, let go, and taken from a dead holder', async () => {
    disk.linkFailure = code;
    const locks = await Promise.all([10, 11, 12, 13].map(take));
    const [first, ...others] = locks.filter(({ state }) => state === 'taken');
    expect(others).toEqual([]);
    if (first?.state === 'taken') await first.release();
    expect((await take(1)).state).toBe('taken');
    expect((await take(20)).state).toBe('taken');
    expect((await readdir(folder)).filter((name) => !name.endsWith('.json'))).toEqual([]);
  });
});

test('another failure is none of the disk', async () => {
  disk.linkFailure = 'EACCES';
  await expect(take(10)).rejects.toMatchObject({ code: 'EACCES' });
});

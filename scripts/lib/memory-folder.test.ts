import { expect, test } from 'vitest';
import { memoryFolderOf, temporaryFolder } from './memory-folder.mjs';

const mounts = (options: string): string => `/dev/vda / ext4 rw 0 0\ntmpfs /dev/shm tmpfs ${options},relatime 0 0\n`;
const roomy = { freeBytes: 3 * 1024 ** 3 };

test.each([
  ['is there, and has room', mounts('rw,nosuid,nodev'), roomy, '/dev/shm'],
  ['runs no programs', mounts('rw,noexec'), roomy, undefined],
  ['cannot be written', mounts('ro'), roomy, undefined],
  ['is small, as in most containers', mounts('rw'), { freeBytes: 64 * 1024 ** 2 }, undefined],
  ['is no memory', '/dev/vda /dev/shm ext4 rw 0 0\n', roomy, undefined],
  ['is not there', '/dev/vda / ext4 rw 0 0\n', roomy, undefined],
])('a folder in memory that %s', (_what, text, found, expected) => {
  expect(memoryFolderOf(text, found)).toBe(expected);
});

test('where a person has said where temporary files go, they go there', () => {
  expect(temporaryFolder({ TMPDIR: '/somewhere' })).toEqual({});
});

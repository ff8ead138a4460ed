import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { errorCode, removeTemporaries, temporaryBeside, writeWholeFile } from './whole-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farm-kit-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a file is whole, of the mode that was asked for, and nothing lies beside it', async () => {
  await mkdir(join(folder, 'new folder'));
  const path = join(folder, 'new folder', 'ключ.json');
  await writeWholeFile(path, 'old', { mode: 0o600 });
  await writeWholeFile(path, new Uint8Array([110, 101, 119]), { mode: 0o644 });
  expect([await readFile(path, 'utf8'), (await stat(path)).mode & 0o777]).toEqual(['new', 0o644]);
  expect(await readdir(join(folder, 'new folder'))).toEqual(['ключ.json']);
});

test('many writers of one file leave one of their texts', async () => {
  const path = join(folder, 'file');
  const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(1000));
  await Promise.all(texts.map((text) => writeWholeFile(path, text, { mode: 0o600 })));
  expect(texts).toContain(await readFile(path, 'utf8'));
  expect(await readdir(folder)).toEqual(['file']);
});

test('a failed write leaves the old file and nothing else', async () => {
  await mkdir(join(folder, 'file'));
  await expect(writeWholeFile(join(folder, 'file'), 'x', { mode: 0o600 })).rejects.toSatisfy((error) => errorCode(error) !== '');
  expect(await readdir(folder)).toEqual(['file']);
});

test('what killed writers left is known by its name', async () => {
  await writeFile(temporaryBeside(join(folder, 'file')), 'half');
  await writeFile(join(folder, '.hidden'), 'not ours');
  expect(await removeTemporaries(folder)).toBe(1);
  expect(await readdir(folder)).toEqual(['.hidden']);
});

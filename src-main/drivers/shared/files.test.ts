import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { removeTemporaries, temporaryBeside } from '#kit/node/whole-file.ts';
import { atomicWriteFile, fileError, sizeOf } from './files.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farm-files-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('replaces a file with the asked rights and leaves nothing beside it', async () => {
  const path = join(folder, 'link.json');
  await writeFile(path, 'old');
  await chmod(path, 0o644);
  await atomicWriteFile(path, 'new', { mode: 0o600 });
  expect(await readFile(path, 'utf8')).toBe('new');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['link.json']);
});

it('leaves the old file and no temporary one when it cannot be written', async () => {
  const path = join(folder, 'taken');
  await mkdir(path);
  await writeFile(join(path, 'inside'), 'stays');
  await expect(atomicWriteFile(path, 'new', { mode: 0o600 })).rejects.toThrow('EISDIR');
  expect(await readdir(folder)).toEqual(['taken']);
});

it('removes only what killed writers left', async () => {
  await writeFile(temporaryBeside(join(folder, 'home.json')), 'half');
  await mkdir(temporaryBeside(join(folder, 'build')));
  await writeFile(join(folder, 'notes.tmp'), 'a person’s');
  await removeTemporaries(folder);
  expect(await readdir(folder)).toEqual(['notes.tmp']);
  expect(await sizeOf(join(folder, 'absent'))).toBeUndefined();
});

it.each([
  ['ENOSPC', { code: 'STORE_FULL', parameters: { path: '/p' } }],
  ['EACCES', { code: 'NOT_PERMITTED_BY_OS', parameters: { what: '/p' } }],
])('names %s', (code, expected) => {
  expect(fileError(Object.assign(new Error(code), { code }), '/p')).toMatchObject(expected);
});

import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createFileKeeper } from './file-keeper.ts';
import { openSecrets } from './open-secrets.ts';

/** What `link` fails with, while a test is on a disk without hard links. */
const disk = vi.hoisted(() => ({ linkFailure: '' }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const link: typeof real.link = async (from, to) => {
    if (disk.linkFailure !== '') throw Object.assign(new Error(`${disk.linkFailure}: link`), { code: disk.linkFailure });
    await real.link(from, to);
  };
  return { ...real, link };
});

let folder = '';
const keyPath = (): string => join(folder, 'data.key');
const told: unknown[] = [];
const log = { warn: (event: string, fields?: unknown): void => void told.push([event, fields]) };
const dataKey = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-key-'));
  told.length = 0;
});
afterEach(() => {
  disk.linkFailure = '';
  rmSync(folder, { recursive: true, force: true });
});

const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write("NOT TESTED: a home with another user's key file. Only root can make a file of another user.\n");
describe.skipIf(!isRoot)("another user's key file", () => {
  const [we, they] = [12_345, 54_321];
  afterEach(() => process.seteuid?.(0));

  test('that others may read opens the home, as often as it is opened, and is told', async () => {
    const before = await openSecrets({ folder, keepers: [createFileKeeper(keyPath(), log)] });
    const sealed = await before.seal('domain:1', 'swordfish');
    for (const name of ['', ...readdirSync(folder)]) chownSync(join(folder, name), we, we);
    chownSync(keyPath(), they, we);
    chmodSync(keyPath(), 0o644);
    expect(told).toEqual([]);
    process.seteuid?.(we);
    for (let time = 0; time < 2; time += 1) {
      const secrets = await openSecrets({ folder, keepers: [createFileKeeper(keyPath(), log)] });
      expect(await secrets.open('domain:1', sealed)).toBe('swordfish');
    }
    process.seteuid?.(0);
    expect(told).toEqual(Array(2).fill(['key-file-readable-by-others', { path: keyPath(), code: 'EPERM' }]));
    expect([statSync(keyPath()).uid, statSync(keyPath()).mode & 0o777]).toEqual([they, 0o644]);
  });

  test('that we may not read stays closed', async () => {
    const wrapped = await createFileKeeper(keyPath(), log).wrap(dataKey(1));
    chownSync(folder, we, we);
    chownSync(keyPath(), they, they);
    process.seteuid?.(we);
    await expect(createFileKeeper(keyPath(), log).unwrap(wrapped)).rejects.toMatchObject({ code: 'NOT_PERMITTED_BY_OS' });
  });
});

describe.each(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR'])('on a disk without hard links (%s)', (code) => {
  beforeEach(() => {
    disk.linkFailure = code;
  });

  test('programs that begin at once end with one key file, of its owner only, and nothing beside it', async () => {
    const wraps = await Promise.all([1, 2, 3, 4].map((fill) => createFileKeeper(keyPath(), log).wrap(dataKey(fill))));
    for (const [index, wrapped] of wraps.entries())
      expect(await createFileKeeper(keyPath(), log).unwrap(wrapped)).toEqual(Buffer.from(dataKey(index + 1)));
    expect(readdirSync(folder)).toEqual(['data.key']);
    expect(statSync(keyPath()).mode & 0o777).toBe(0o600);
  });

  test('a key that stands is never replaced, whole or not', async () => {
    for (const text of ['short', 'x'.repeat(33)]) {
      writeFileSync(keyPath(), text);
      await expect(createFileKeeper(keyPath(), log).wrap(dataKey(1))).rejects.toMatchObject({ code: 'HOME_HALF_WRITTEN' });
      expect(readFileSync(keyPath(), 'utf8')).toBe(text);
    }
  });
});

test('the empty file of a program that was killed while it made the key is replaced; whoever reads it meanwhile is told', async () => {
  disk.linkFailure = 'EPERM';
  writeFileSync(keyPath(), '', { mode: 0o600 });
  await expect(createFileKeeper(keyPath(), log).unwrap('1.a.b.c')).rejects.toMatchObject({ code: 'HOME_HALF_WRITTEN' });
  const wrapped = await createFileKeeper(keyPath(), log).wrap(dataKey(7));
  expect(await createFileKeeper(keyPath(), log).unwrap(wrapped)).toEqual(Buffer.from(dataKey(7)));
  expect(readdirSync(folder)).toEqual(['data.key']);
});

test('another failure of the disk is told, and leaves nothing', async () => {
  disk.linkFailure = 'EACCES';
  await expect(createFileKeeper(keyPath(), log).wrap(dataKey(1))).rejects.toMatchObject({ code: 'NOT_PERMITTED_BY_OS' });
  expect([existsSync(keyPath()), readdirSync(folder)]).toEqual([false, []]);
});

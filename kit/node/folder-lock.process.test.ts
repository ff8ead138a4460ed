import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FolderLock, lockFolder, type LockHolder } from './folder-lock.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farm-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const dead = new Set<number>();
let last = 1000;
/** A program of its own for each call; those in `dead` do not run any more. */
const take = (given?: number, earlierFile?: string): Promise<FolderLock> => {
  last += 1;
  const processId = given ?? last;
  return lockFolder({
    folder,
    name: 'try-lock',
    self: { processId, startMark: `began-${processId}` },
    isRunning: (holder: LockHolder) => !dead.has(holder.processId) && holder.startMark === `began-${holder.processId}`,
    ...(earlierFile === undefined ? {} : { earlierFile }),
  });
};
const release = async (lock: FolderLock): Promise<void> => {
  if (lock.state === 'taken') await lock.release();
};

test('one at a time, and again after it was let go, however often that is said', async () => {
  const first = await take(7);
  expect(await take()).toEqual({ state: 'held', by: { processId: 7, startMark: 'began-7' } });
  await release(first);
  await release(first);
  expect((await take()).state).toBe('taken');
});

test('of many that find a dead holder at once one gets it, in each of fifty rounds', async () => {
  for (let round = 0; round < 50; round += 1) {
    const locks = await Promise.all(Array.from({ length: 6 }, () => take()));
    const taken = locks.filter(({ state }) => state === 'taken');
    expect(taken).toHaveLength(1);
    const text = await readFile(join(folder, (await readdir(folder)).find((name) => name.endsWith('.json')) ?? ''), 'utf8');
    dead.add(JSON.parse(text).processId);
  }
  expect((await readdir(folder)).filter((name) => !name.endsWith('.json'))).toEqual([]);
});

test('what a killed taker left holds nothing, and goes with the next', async () => {
  const script = `import { lockFolder } from ${JSON.stringify(join(import.meta.dirname, 'folder-lock.ts'))};
    await lockFolder({ folder: ${JSON.stringify(folder)}, name: 'try-lock', self: { processId: process.pid, startMark: 'x' }, isRunning: () => false });
    process.kill(process.pid, 'SIGKILL');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
  await new Promise((resolve) => child.once('exit', resolve));
  await writeFile(join(folder, '.try-lock.0123456789abcdef.tmp'), 'half');
  expect((await take()).state).toBe('taken');
  expect(await readdir(folder)).toEqual(['try-lock.2.json']);
});

test('a file that was never finished is waited for a moment, and then counts as nobody’s', async () => {
  await writeFile(join(folder, 'try-lock.4.json'), '{"state":"he');
  await utimes(join(folder, 'try-lock.4.json'), new Date(), new Date(Date.now() - 5000));
  expect((await take()).state).toBe('taken');
  expect(await readdir(folder)).toEqual(['try-lock.5.json']);
});

test('a file that cannot be read now, as another person’s or one that a virus scanner holds, is not taken for nobody’s', async () => {
  // A folder stands for it: that nobody can read as a file, not even who may read everything.
  await mkdir(join(folder, 'try-lock.4.json'));
  await utimes(join(folder, 'try-lock.4.json'), new Date(), new Date(Date.now() - 5000));
  await expect(take()).rejects.toMatchObject({ code: 'EISDIR' });
  expect(await readdir(folder)).toEqual(['try-lock.4.json']);
});

test('the file of earlier versions holds while its program runs, and goes afterwards', async () => {
  await writeFile(join(folder, 'try.lock'), JSON.stringify({ processId: 50, startMark: 'began-50' }));
  expect(await take(undefined, 'try.lock')).toMatchObject({ state: 'held', by: { processId: 50 } });
  dead.add(50);
  expect((await take(undefined, 'try.lock')).state).toBe('taken');
  expect(await readdir(folder)).toEqual(['try-lock.1.json']);
});

test('a lock of another that was taken meanwhile is not let go', async () => {
  const first = await take(8);
  dead.add(8);
  await take(9);
  await release(first);
  expect(await take()).toMatchObject({ state: 'held', by: { processId: 9 } });
});

import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isolationSign } from '../isolation-watch.ts';
import { openHome } from '../open-home.ts';
import { chooseOs } from '../os/choose-os.ts';
import type { Isolation } from '../os/identity.ts';
import { placePackage, testSpec } from '../testing/applications.ts';
import { openSupervision, temporaryHome } from '../testing/test-agent.ts';

const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write('NOT TESTED: that root starts no application as root. Only root can try.\n');
const testAsRoot = test.skipIf(!isRoot);

let home: Awaited<ReturnType<typeof temporaryHome>>;
let lives: Awaited<ReturnType<typeof openSupervision>>[] = [];
async function live(options: Parameters<typeof openSupervision>[1] = {}) {
  const life = await openSupervision(home.folders, options);
  lives.push(life);
  return life;
}
beforeEach(async () => {
  home = await temporaryHome();
});
afterEach(async () => {
  const last = lives.at(-1);
  for (const { supervisor } of lives.slice(0, -1)) supervisor.close();
  for (const { instanceId } of last?.supervisor.list() ?? []) await last?.supervisor.remove(instanceId);
  last?.supervisor.close();
  expect(lives.flatMap(({ log }) => log.bugs)).toEqual([]);
  lives = [];
  await home.remove();
});

/** As an agent of earlier days ran them below a closed folder: as root. */
const asRoot = (): Isolation => ({ state: 'shared', reason: 'notRoot' });
const userOfProcess = (processId: number): number => Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${processId}/status`, 'utf8'))?.[1]);

testAsRoot('below a closed folder nothing is created and nothing started, with the folder in the refusal; opened, it is', async () => {
  const closed = dirname(home.folders.home);
  await chmod(closed, 0o700);
  const { supervisor, packages, os } = await live();
  const spec = testSpec('anna', 'healthy', await placePackage(home.folders, packages));
  const refusal = { code: 'INSTANCE_WITHOUT_USER', parameters: { reason: 'closedPath', path: closed } };
  await expect(supervisor.create(spec)).rejects.toMatchObject(refusal);
  expect(os.findMarked(home.folders.home).size).toBe(0);
  expect(supervisor.list()).toEqual([]);

  await chmod(closed, 0o711);
  await os.openPassage(home.folders.home);
  for (const folder of [home.folders.packages, home.folders.instances]) await os.openPassage(folder);
  await supervisor.create(spec);
  const started = await supervisor.start('anna');
  expect(started.process.state === 'running' && userOfProcess(started.process.processId)).toBe(Number(started.user));
  await supervisor.stop('anna');
  await chmod(closed, 0o700);
  await expect(supervisor.start('anna')).rejects.toMatchObject(refusal);
  expect(os.findMarked(home.folders.home).size).toBe(0);
  expect(supervisor.describe('anna').process).toMatchObject({ state: 'crash-loop', exitCode: 'INSTANCE_WITHOUT_USER' });
});

testAsRoot(
  'one that an earlier agent ran as root is told of, and gets a user and its folder at the next restart, and nothing of others',
  async () => {
    const first = await live({ isolation: asRoot });
    const created = await first.supervisor.create(testSpec('anna', 'healthy', await placePackage(home.folders, first.packages)));
    const before = await first.supervisor.start('anna');
    expect(before.process.state === 'running' && userOfProcess(before.process.processId)).toBe(0);
    // It was root: it may have given a file of somebody else's a name of its own.
    const secret = join(dirname(home.folders.home), 'secret');
    writeFileSync(secret, 'of root', { mode: 0o600 });
    mkdirSync(join(created.folder, 'deep'));
    linkSync(secret, join(created.folder, 'deep', 'mine'));
    first.supervisor.close();

    const second = await live();
    await second.supervisor.adopt();
    const isolation = second.os.isolation([dirname(home.folders.home)]);
    expect(isolationSign(isolation, second.supervisor.list(), 'watched')).toEqual({
      state: 'own',
      reason: 'none',
      path: '',
      waiting: 1,
      ports: 'watched',
    });
    const after = await second.supervisor.restart('anna');
    const userId = Number(after.user);
    expect(userId).toBeGreaterThanOrEqual(70_000);
    expect(after.process.state === 'running' && userOfProcess(after.process.processId)).toBe(userId);
    for (const path of ['.', 'made', 'config/users.csv', 'deep', 'deep/mine'])
      expect(statSync(join(created.folder, path)).uid).toBe(userId);
    expect(statSync(secret)).toMatchObject({ uid: 0, nlink: 1 });
    expect(isolationSign(isolation, second.supervisor.list(), 'watched').waiting).toBe(0);
    expect((await second.logs.tail('anna', 50)).map(({ text }) => text)).toEqual(
      expect.arrayContaining(['without-user until=restart', `user-given uid=${userId}`]),
    );
  },
);

testAsRoot('a home below a closed folder has its instances elsewhere, and stays closed itself', async () => {
  const os = chooseOs();
  const closed = await mkdtemp(join(tmpdir(), 'farm-closed-'));
  const open = join(dirname(home.folders.home), 'open');
  try {
    // A home that nobody may pass, and a folder elsewhere for what they need.
    const shut = await openHome(os, join(closed, 'home'), undefined);
    expect(os.isolation(shut.paths)).toEqual({ state: 'refused', reason: 'closedPath', path: closed });
    const opened = await openHome(os, join(closed, 'home'), open);
    expect(opened.folders).toMatchObject({ state: join(closed, 'home', 'state'), instances: join(open, 'instances') });
    expect(os.isolation(opened.paths)).toEqual({ state: 'own' });
    expect(statSync(join(closed, 'home')).mode & 0o777).toBe(0o700);
    // Instances that stand in the home already stay there.
    mkdirSync(join(closed, 'home', 'instances', 'anna'), { recursive: true });
    expect((await openHome(os, join(closed, 'home'), open)).folders.instances).toBe(join(closed, 'home', 'instances'));
  } finally {
    rmSync(closed, { recursive: true, force: true });
  }
});

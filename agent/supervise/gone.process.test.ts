import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { placePackage, testSpec } from '../testing/applications.ts';
import { eventually, openSupervision, temporaryHome } from '../testing/test-agent.ts';

let home: Awaited<ReturnType<typeof temporaryHome>>;
let life: Awaited<ReturnType<typeof openSupervision>>;
beforeEach(async () => {
  home = await temporaryHome();
});
afterEach(async () => {
  for (const { instanceId } of life.supervisor.list()) await life.supervisor.remove(instanceId);
  life.supervisor.close();
  await home.remove();
  expect(life.log.bugs).toEqual([]);
});

const idIn = (path: string): number => (existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0);

test('what left session, parent and environment is ended by the removal where instances have no users', async () => {
  life = await openSupervision(home.folders, { isolation: () => ({ state: 'shared', reason: 'notRoot' }) });
  const { supervisor, packages, os } = life;
  const { folder } = await supervisor.create(testSpec('anna', 'escapes', await placePackage(home.folders, packages)));
  await supervisor.start('anna');
  const escaped = await eventually(
    () => ['stands.pid', 'holds.pid'].map((name) => idIn(join(folder, name))),
    (ids) => ids.every((id) => id > 0),
  );
  const found = escaped.map((processId) => os.identify(processId));
  for (const one of found) expect(one !== undefined && os.isAlive(one)).toBe(true);
  expect(
    os
      .findMarked(home.folders.home)
      .get('anna')
      ?.map(({ processId }) => processId),
  ).not.toContain(escaped[0]);
  expect((await supervisor.remains('anna')).processIds).toEqual(expect.arrayContaining(escaped));
  await supervisor.remove('anna');
  for (const one of found) expect(one !== undefined && os.isAlive(one)).toBe(false);
  expect(existsSync(folder)).toBe(false);
});

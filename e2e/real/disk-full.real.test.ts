import { appendFileSync, existsSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { alert } from '#contract/api/monitoring.ts';
import { farm, until } from '../fixtures/program.ts';
import { type SmallDisk, smallDisk } from '../fixtures/small-disk.ts';
import { endFolder } from '../fixtures/end-folder.ts';
import { openFolder, startTestFarm, type TestFarm } from '../fixtures/test-farm.ts';

/** Core and agent each on a disk of their own, filled to the last byte: both are killed there, come back, and take away what is asked. */
let folder: string;
let agentDisk: SmallDisk;
let coreDisk: SmallDisk;
let test: TestFarm;

beforeAll(async () => {
  folder = openFolder('farm-disk-full-');
  agentDisk = await smallDisk(join(folder, 'disk'), 64);
  test = await startTestFarm({
    servers: [{ name: 'oak', home: join(agentDisk.path, 'agent') }],
    prepareHome: async (home) => {
      coreDisk = await smallDisk(home, 160);
    },
  });
  for (const name of ['anna', 'berta']) await test.cli.create(name, 'static-site');
});
afterAll(async () => {
  await test?.program().stop();
  for (const disk of [agentDisk, coreDisk]) await disk?.remove();
  await test?.end();
  if (folder !== undefined) await endFolder(folder);
});

/** Takes whatever was given back meanwhile, as somebody else on that disk would. */
function fillToTheBrim(disk: SmallDisk): void {
  const path = join(disk.path, '.ballast');
  if (!existsSync(path)) writeFileSync(path, '');
  for (;;) {
    const { bavail, bsize } = statfsSync(disk.path);
    if (bavail === 0) return;
    appendFileSync(path, Buffer.alloc(Math.min(bavail * bsize, 2 ** 20)));
  }
}
const alerts = async () => z.object({ alerts: z.array(alert) }).parse(JSON.parse((await farm(test.home, 'status', '--json')).out)).alerts;
const alertOf = async (code: string) => (await alerts()).find((one) => one.code === code);

it('is told with the home, keeps neither from starting, and lets instances be removed', async () => {
  await until(
    'both keep room back',
    () => ([test.home, join(agentDisk.path, 'agent')].every((home) => existsSync(join(home, 'reserve'))) ? true : undefined),
    20_000,
  );
  fillToTheBrim(coreDisk);
  fillToTheBrim(agentDisk);
  const ofServer = await until('the full disk of the server is told', () => alertOf('server-disk'), 30_000);
  expect(ofServer).toMatchObject({ mark: 'bad', parameters: { server: 'oak', path: join(agentDisk.path, 'agent'), freeMegabytes: 0 } });
  expect(await until('the full disk of the home is told', () => alertOf('home-disk'), 30_000)).toMatchObject({
    mark: 'bad',
    parameters: { path: test.home, freeMegabytes: 0 },
  });
  expect((await farm(test.home, 'servers', 'show', 'oak', '--language', 'en')).out).toContain(
    `On the disk of oak that holds ${join(agentDisk.path, 'agent')} 0 MB are left.`,
  );

  const agent = test.agent('oak');
  process.kill(agent.about().processId, 'SIGKILL');
  process.kill(test.program().processId, 'SIGKILL');
  await test.program().ended;
  fillToTheBrim(coreDisk);
  fillToTheBrim(agentDisk);
  await agent.start();
  await test.restart();
  await until('the server is heard', async () => ((await test.cli.server('oak')).condition.code === 'disk' ? true : undefined), 30_000);

  for (const name of ['anna', 'berta']) {
    fillToTheBrim(coreDisk);
    fillToTheBrim(agentDisk);
    const { proof } = await test.cli.remove(name);
    expect(proof.every(({ isPresent }) => !isPresent)).toBe(true);
  }

  coreDisk.makeRoom();
  agentDisk.makeRoom();
  await until('nothing needs attention', async () => ((await alerts()).length === 0 ? true : undefined), 40_000);
  await test.cli.create('carla', 'static-site');
}, 240_000);

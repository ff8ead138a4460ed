import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { jobOf, newestJob, servers, visit } from '../fixtures/farm-calls.ts';
import { continueJob, createFailureTable, logOf, refused, stopped, stoppedJob, undoJob } from '../fixtures/failure-table.ts';
import { killPoints } from '../fixtures/kill-points.ts';
import { layPackage, noise, packagesFolder } from '../fixtures/own-packages.ts';
import { demoReady, farm, startProgram, until } from '../fixtures/program.ts';
import { type SmallDisk, smallDisk } from '../fixtures/small-disk.ts';
import { differences, processesOf, sweep } from '../fixtures/sweep.ts';
import { endFolder } from '../fixtures/end-folder.ts';
import { freePorts, holdPort, localAgent, openFolder, startTestFarm, type TestFarm } from '../fixtures/test-farm.ts';

/** What a computer does not give: ports that others have, disks that are full, names that others have. */
const table = createFailureTable('4-room');
let folder: string;
let agentDisk: SmallDisk;
let coreDisk: SmallDisk;
let test: TestFarm;

beforeAll(async () => {
  folder = openFolder('farm-room-');
  const packages = packagesFolder(folder);
  layPackage(packages, 'large', { files: { 'noise.bin': noise(6 * 2 ** 20) } });
  agentDisk = await smallDisk(join(folder, 'disk'), 64);
  test = await startTestFarm({
    servers: [{ name: 'oak', home: join(agentDisk.path, 'agent') }],
    environment: { FARM_PACKAGES: packages },
    prepareHome: async (home) => {
      coreDisk = await smallDisk(home, 24);
    },
  });
});
afterAll(async () => {
  table.write();
  await test?.program().stop();
  for (const disk of [agentDisk, coreDisk]) await disk?.remove();
  await test?.end();
  if (folder !== undefined) await endFolder(folder);
});

const create = (name: string, packageId: string): string[] => ['instances', 'create', '--name', name, '--package', packageId];
const record = z.looseObject({ port: z.number(), spec: z.looseObject({ name: z.string() }) });

function portOf(name: string): number {
  const states = join(test.agent('oak').home, 'state', 'instances');
  const found = readdirSync(states)
    .map((file) => record.parse(JSON.parse(readFileSync(join(states, file), 'utf8'))))
    .find(({ spec }) => spec.name === name);
  return found?.port ?? 0;
}

describe('a port that another program has', () => {
  it('of an instance, taken between set-up and start', async () => {
    const points = killPoints(join(folder, '.point'));
    await test.restart(points.environment);
    points.hold('create.start.before');
    const creating = farm(test.home, ...create('anna', 'static-site'), '--language', 'en');
    await points.untilHeld();
    const port = portOf('anna');
    const holder = await holdPort(port);
    points.release();
    expect((await creating).code, (await creating).out).toBe(0);
    // It has another port, its route leads there, and that program keeps what it has.
    expect(portOf('anna')).not.toBe(port);
    expect((await visit((await test.cli.instance('anna')).url, await test.authority())).status).toBe(200);
    await holder.end();
    await test.cli.remove('anna');
    table.add({
      line: "port taken: an instance's",
      done: 'another program listened there between set-up and start',
      sentence: 'none needed: it has another port',
      russian: 'не нужно: у него другой порт',
      buttons: 'none needed',
    });
  });

  it('of the edge, when the agent starts: it starts, joins, says who has it, and serves when it is free', async () => {
    const [link, https, http] = await freePorts(3);
    const holder = await holdPort(https ?? 0);
    const agent = localAgent(test.folder, { name: 'late', ports: [link ?? 0, https ?? 0, http ?? 0] });
    await agent.start();
    await test.cli.addServer('late', `127.0.0.1:${link}`, await agent.code());
    const stateOf = async (): Promise<string> => (await test.cli.server('late')).condition.code;
    await until('it is told', async () => ((await stateOf()) === 'edge' ? true : undefined), 30_000);
    const english = await farm(test.home, 'servers', 'show', 'late', '--language', 'en');
    const russian = await farm(test.home, 'servers', 'show', 'late', '--language', 'ru');
    const sentence = new RegExp(`The program node on late has port ${https}, .*`).exec(english.out)?.[0];
    expect(sentence).toBeDefined();
    await holder.end();
    await until('it serves', async () => ((await stateOf()) === 'ready' ? true : undefined), 30_000);
    await test.cli.json(z.unknown(), ['servers', 'remove', 'late', '--yes']);
    table.add({
      line: "port taken: the edge's",
      done: "another program had the edge's port when the agent started",
      sentence: sentence ?? '',
      russian: /Программа node на late .*/.exec(russian.out)?.[0] ?? '',
      buttons: 'none needed: ready when the port was free',
    });
  });

  it('of the demo farm’s edge, when it is started again: the farm is there, and says whose it is', async () => {
    const home = join(folder, 'demo');
    const first = await startProgram({ home, isDemo: true });
    await demoReady(first);
    const [one] = await servers(first);
    const port = one?.httpsPort ?? 0;
    await first.stop();
    for (const { processId } of processesOf(join(home, 'agents'))) process.kill(processId, 'SIGKILL');
    await until('nothing of it runs', () => (processesOf(join(home, 'agents')).length === 0 ? true : undefined), 5000);
    const holder = await holdPort(port);
    const again = await startProgram({ home, isDemo: true });
    await demoReady(again);
    const shown = (): Promise<string> => farm(home, 'servers', 'show', one?.name ?? '', '--language', 'en').then(({ out }) => out);
    const sentence = new RegExp(`The program node on ${one?.name} has port ${port}, .*`);
    await until('the port is named', async () => (sentence.test(await shown()) ? true : undefined), 30_000);
    const others = (await servers(again)).filter(({ name }) => name !== one?.name);
    expect(others.map(({ condition }) => condition.code)).toEqual(['ready', 'ready']);
    await holder.end();
    const isReady = async () => (await servers(again)).every(({ condition }) => condition.code === 'ready');
    await until('it serves', async () => ((await isReady()) ? true : undefined), 30_000);
    expect((await servers(again)).find(({ name }) => name === one?.name)?.httpsPort).toBe(port);
    await again.call('DELETE', '/settings/demo', { requestKey: 'demo-of-the-taken-port' });
    await again.stop();
  }, 240_000);
});

describe('a disk that is full', () => {
  it('of a server: the job stops, goes on when there is room, and leaves nothing half', async () => {
    const before = sweep(test.folder);
    agentDisk.fill(3 * 2 ** 20);
    const said = await stopped(test.home, create('berta', 'large'));
    expect(said.sentence).toMatch(/^The disk of oak is full, so .* could not be written\. Free some room, then continue\.$/);
    agentDisk.makeRoom();
    await continueJob(test.home, said.jobId);
    expect((await visit((await test.cli.instance('berta')).url, await test.authority())).status).toBe(200);
    await test.cli.remove('berta');
    agentDisk.fill(2 ** 20);
    const again = await stopped(test.home, create('carla', 'large'));
    await undoJob(test.home, again.jobId);
    agentDisk.makeRoom();
    expect(differences(before, sweep(test.folder))).toEqual([]);
    table.add({
      line: "disk full: a server's",
      done: 'agent home on a disk of 64 MiB, 3 MiB left, payload of 6 MiB',
      ...said,
      sentence: said.sentence.replace(folder, '…'),
      russian: said.russian.replace(folder, '…'),
      buttons: `${said.buttons}; room made, continued: done; once more and undone on the full disk: nothing left`,
    });
  });

  it('of this computer: it is said, nothing is half done, and it goes on afterwards', async () => {
    coreDisk.fill(0);
    const words = create('dora', 'static-site');
    const english = await farm(test.home, ...words, '--language', 'en');
    expect(english.code).not.toBe(0);
    // What fits into the store's own journal may still be begun: then the job stops with the same words.
    const begun = /farm jobs continue (\S+)/.exec(english.out)?.[1];
    const told = begun === undefined ? words : ['jobs', 'show', begun];
    const russian = await farm(test.home, ...told, '--language', 'ru');
    const saidIn = ({ out, error }: { readonly out: string; readonly error: string }): string =>
      (begun === undefined ? error : out).split('\n').find((line) => /disk of this computer is full|Диск этого компьютера/.test(line)) ??
      '';
    expect(saidIn(english), `${english.out}${english.error}`).toMatch(
      /The disk of this computer is full, so .* could not be written\. Free some room/,
    );
    const status = await farm(test.home, 'status');
    expect(status.code).toBe(0);
    coreDisk.makeRoom();
    if (begun !== undefined) await undoJob(test.home, begun);
    await test.cli.create('dora', 'static-site');
    expect((await visit((await test.cli.instance('dora')).url, await test.authority())).status).toBe(200);
    await test.cli.remove('dora');
    table.add({
      line: "disk full: the core's",
      done: 'home on a disk of 24 MiB, filled to the last byte, then `instances create`',
      sentence: saidIn(english).trim().replace(test.home, '…'),
      russian: saidIn(russian).trim().replace(test.home, '…'),
      buttons: `exit code ${english.code}, ${begun === undefined ? 'no job' : 'undone'}; the program lives; with room the same command is done`,
    });
  });

  it('of this computer, in the middle of a job: the job is not lost', async () => {
    const points = killPoints(join(folder, '.point'));
    await test.restart(points.environment);
    points.hold('create.start.before');
    const creating = farm(test.home, ...create('emma', 'static-site'), '--language', 'en');
    await points.untilHeld();
    coreDisk.fill(0);
    points.release();
    const job = await newestJob(test.program());
    await until(
      'it waits for room',
      async () => ((await jobOf(test.program(), job.id)).steps.some(({ waiting }) => waiting?.code === 'store') ? true : undefined),
      20_000,
    );
    coreDisk.makeRoom();
    const said = await stoppedJob(test.home, (await creating).out);
    expect(said.sentence, logOf(join(test.home, 'core.log'))).toMatch(/^The disk of this computer is full/);
    await continueJob(test.home, said.jobId);
    table.add({
      line: "disk full: the core's, in a job",
      done: 'the home filled to the last byte while a create was on its way',
      ...said,
      sentence: said.sentence.replace(test.home, '…'),
      russian: said.russian.replace(test.home, '…'),
      buttons: `waits for room, then ${said.buttons}; continued: done`,
    });
    expect((await visit((await test.cli.instance('emma')).url, await test.authority())).status).toBe(200);
    await test.cli.remove('emma');
  });
});

describe('a name that another has in DNS', () => {
  it('is left alone, and it is said whose it is before anything is made', async () => {
    const zones = join(test.home, 'zones.json');
    await test.program().stop();
    const file = z
      .looseObject({ zones: z.array(z.looseObject({ name: z.string(), records: z.array(z.looseObject({})) })) })
      .parse(JSON.parse(readFileSync(zones, 'utf8')));
    file.zones[0]?.records.push({ name: 'flora.farm.localhost', type: 'A', ttlSeconds: 60, values: ['192.0.2.7'] });
    writeFileSync(zones, JSON.stringify(file));
    await test.restart();
    const before = (await newestJob(test.program())).id;
    const said = await refused(test.home, create('flora', 'static-site'));
    expect(said.sentence).toMatch(/^flora\.farm\.localhost already has a record that is not ours \(A 192\.0\.2\.7\)/);
    expect((await newestJob(test.program())).id).toBe(before);
    expect(readFileSync(zones, 'utf8')).toContain('192.0.2.7');
    table.add({
      line: 'DNS: another has the name',
      done: 'a foreign A record at flora.farm.localhost in the built-in name server',
      ...said,
      buttons: 'refused, exit code 4, no job; the foreign record still stands',
    });
  });
});

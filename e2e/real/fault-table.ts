import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { visit } from '../fixtures/farm-calls.ts';
import { farm, root, until } from '../fixtures/program.ts';
import { type SmallDisk, smallDisk } from '../fixtures/small-disk.ts';
import { processesOf } from '../fixtures/sweep.ts';
import { endFolder } from '../fixtures/end-folder.ts';
import { freePorts, holdPort, openFolder, startTestFarm, stopAgent, type TestFarm } from '../fixtures/test-farm.ts';

/** What desk and command line say of the same faults, after how many seconds, and what heals by itself: printed, and kept in `reports/faults.md`. */
let folder: string;
let disk: SmallDisk;
let test: TestFarm;
let url = '';
let authority = '';

type Row = { readonly fault: string; readonly saidAfterS: number; readonly said: Said; readonly healed: string };
/** The alert as desk and `farm status` say it, then `farm servers show` and `farm instances show`. */
type Said = { readonly alert: string; readonly server: string; readonly instance: string };
const rows: Row[] = [];

beforeAll(async () => {
  folder = openFolder('farm-faults-');
  disk = await smallDisk(join(folder, 'disk'), 64);
  test = await startTestFarm({ servers: [{ name: 'oak', ports: await freePorts(3), home: join(disk.path, 'agent') }] });
  ({ url } = await test.cli.create('anna', 'static-site'));
  authority = await test.authority();
}, 180_000);

afterAll(async () => {
  const cell = (text: string): string => text.replaceAll(folder, '…').replaceAll('|', '\\|').replaceAll('\n', ' ');
  const lines = rows.map(
    ({ fault, saidAfterS, said, healed }) =>
      `| ${[fault, Number.isNaN(saidAfterS) ? 'not said: it healed first' : `${saidAfterS} s`, said.alert, said.server, said.instance, healed].map(cell).join(' | ')} |`,
  );
  const head = '| fault | said after | desk and `farm status` | `farm servers show` | `farm instances show` | what healed by itself |';
  const text = [head, '| --- | --- | --- | --- | --- | --- |', ...lines].join('\n');
  mkdirSync(join(root, 'reports'), { recursive: true });
  writeFileSync(join(root, 'reports', 'faults.md'), `${text}\n`);
  process.stderr.write(`${text}\n`);
  await test?.program().stop();
  await disk?.remove();
  await test?.end();
  if (folder !== undefined) await endFolder(folder);
});

const running = z.object({ processId: z.number(), httpsPort: z.number(), workers: z.array(z.object({ processId: z.number() })) });
type Edge = z.infer<typeof running>;
const home = () => test.agent('oak').home;
const edgeNow = () => running.parse(JSON.parse(readFileSync(join(home(), 'edge', 'running.json'), 'utf8')));
const secondsSince = (ms: number): number => Math.round((Date.now() - ms) / 100) / 10;
const opens = async (): Promise<true | undefined> => {
  try {
    return (await visit(url, authority)).status === 200 ? true : undefined;
  } catch {
    return undefined;
  }
};

const quiet = 'Nothing needs attention.';
/** What stands there whatever happens, and what a check found in order. */
const usual = /^ *✓|^Key in words|listens on loopback only/;
const linesOf = async (...words: readonly string[]): Promise<readonly string[]> =>
  (await farm(test.home, ...words, '--language', 'en')).out.split('\n').filter((line) => line.trim() !== '' && !usual.test(line));

/** All that is said now; undefined while nothing needs attention. */
async function saidNow(): Promise<Said | undefined> {
  const state = async (...words: readonly string[]): Promise<string> =>
    (await linesOf(...words)).filter((line) => !/^\S+( \S+)? {2,}/.test(line)).join(' ');
  // at once: what heals meanwhile would be told as broken by one and as well by another
  const [status, server, instance] = await Promise.all([
    linesOf('status'),
    state('servers', 'show', 'oak'),
    state('instances', 'show', 'anna'),
  ]);
  const at = status.findIndex((line) => /^(One thing needs|\d+ things need) attention\./.test(line));
  if (at < 0) return undefined;
  return { alert: status.slice(at + 1).join(' '), server, instance };
}
/** Throws with what is still said after the limit. */
async function untilQuiet(): Promise<void> {
  let lines: readonly string[] = [];
  const isQuiet = async (): Promise<true | undefined> => {
    lines = await linesOf('status');
    return lines.includes(quiet) ? true : undefined;
  };
  await until('nothing needs attention', isQuiet, 120_000).catch((error: unknown) => {
    throw new Error(lines.join('\n'), { cause: error });
  });
}

/** What is said of a fault once it speaks of it, and after how long. */
async function toldOf(fault: RegExp, startedMs: number, limitMs: number): Promise<{ readonly said: Said; readonly saidAfterS: number }> {
  const said = await until(
    `${fault} is said`,
    async () => {
      const now = await saidNow();
      return now !== undefined && fault.test(now.alert) ? now : undefined;
    },
    limitMs,
  );
  return { said, saidAfterS: secondsSince(startedMs) };
}
/** Visitors are served again, and nothing needs attention: seconds since then for both. */
async function wellAgain(startedMs: number): Promise<string> {
  await until('the address opens', opens, 120_000);
  const servedAfterS = secondsSince(startedMs);
  await untilQuiet();
  return `address opens after ${servedAfterS} s, nothing needs attention after ${secondsSince(startedMs)} s`;
}

/** The edge as it is with the workers that it has now; those that are just being started are waited for. */
const edgeWithWorkers = () => until('the edge has a worker', () => (edgeNow().workers.length > 0 ? edgeNow() : undefined), 30_000);

const workersOf = (edge: Edge): number[] => edge.workers.map(({ processId }) => processId);

it.each([
  { fault: 'edge frozen (SIGSTOP)', replaced: 'its agent replaced it', of: (edge: Edge) => [edge.processId, ...workersOf(edge)] },
  { fault: 'workers of the edge frozen (SIGSTOP)', replaced: 'the edge replaced them', of: workersOf },
])(
  '$fault',
  async ({ fault, replaced, of }) => {
    const frozen = of(await edgeWithWorkers());
    const startedMs = Date.now();
    for (const processId of frozen) process.kill(processId, 'SIGSTOP');
    // it may be replaced before anybody has asked what is the matter: then nobody was told, and nobody needs to be
    const told = toldOf(/oak/, startedMs, 30_000).catch(() => undefined);
    await until('the address opens', opens, 120_000);
    const servedAfterS = secondsSince(startedMs);
    const { said, saidAfterS } = (await told) ?? { said: { alert: '', server: '', instance: '' }, saidAfterS: Number.NaN };
    await untilQuiet();
    rows.push({
      fault,
      saidAfterS,
      said,
      healed: `${replaced}: address opens after ${servedAfterS} s, nothing needs attention after ${secondsSince(startedMs)} s`,
    });
    expect(of(await edgeWithWorkers()).filter((processId) => frozen.includes(processId))).toEqual([]);
  },
  300_000,
);

it('the main process of the edge frozen (SIGSTOP)', async () => {
  const { processId } = await edgeWithWorkers();
  const startedMs = Date.now();
  process.kill(processId, 'SIGSTOP');
  const { said, saidAfterS } = await toldOf(/takes no changes/, startedMs, 90_000);
  expect(await opens()).toBe(true);
  await until('another main process', () => edgeNow().processId !== processId, 90_000);
  const healed = await wellAgain(startedMs);
  rows.push({
    fault: 'main process of the edge frozen (SIGSTOP)',
    saidAfterS,
    said,
    healed: `its agent ends it, its workers finish what they have begun, and another takes the port: ${healed}`,
  });
}, 300_000);

it('an edge that is killed and whose port another program took', async () => {
  const { processId, httpsPort } = edgeNow();
  process.kill(processId, 'SIGKILL');
  const startedMs = Date.now();
  const holder = await until('the port is taken', () => holdPort(httpsPort).catch(() => undefined), 5000);
  const { said, saidAfterS } = await toldOf(/has port/, startedMs, 60_000);
  await holder.end();
  const healed = await wellAgain(Date.now());
  rows.push({ fault: 'edge killed, its port taken by node', saidAfterS, said, healed: `nothing while it is taken; when free: ${healed}` });
  expect(said.server).toContain(`The program node on oak has port ${httpsPort}`);
  expect(said.instance).toMatch(/not reach/i);
}, 300_000);

it('an agent that starts while its HTTPS port is taken', async () => {
  const { processId, httpsPort } = edgeNow();
  await stopAgent(test.agent('oak'));
  process.kill(processId, 'SIGKILL');
  const holder = await until('the port is taken', () => holdPort(httpsPort).catch(() => undefined), 5000);
  const startedMs = Date.now();
  await test.agent('oak').start();
  const { said, saidAfterS } = await toldOf(/has port/, startedMs, 90_000);
  await holder.end();
  const healed = await wellAgain(Date.now());
  rows.push({
    fault: 'agent started with its HTTPS port taken by node',
    saidAfterS,
    said,
    healed: `it starts, links and watches its instances; when the port is free: ${healed}`,
  });
  expect(said.server).toContain(`The program node on oak has port ${httpsPort}`);
}, 300_000);

it('an agent whose disk is full', async () => {
  await until('room is kept back', () => (existsSync(join(home(), 'reserve')) ? true : undefined), 30_000);
  const ballast = join(disk.path, '.ballast');
  const startedMs = Date.now();
  writeFileSync(ballast, '');
  for (let { bavail, bsize } = statfsSync(disk.path); bavail > 0; { bavail, bsize } = statfsSync(disk.path))
    appendFileSync(ballast, Buffer.alloc(Math.min(bavail * bsize, 2 ** 20)));
  const { said, saidAfterS } = await toldOf(/MB/, startedMs, 60_000);
  expect(await opens()).toBe(true);
  disk.makeRoom();
  const healed = await wellAgain(Date.now());
  rows.push({ fault: 'home of the agent full', saidAfterS, said, healed: `visitors are served all the time; with room again: ${healed}` });
}, 300_000);

it('an instance that hangs', async () => {
  const folderOf = (processId: number): string => {
    try {
      return readlinkSync(`/proc/${processId}/cwd`);
    } catch {
      return '';
    }
  };
  const instanceId = (await test.cli.instance('anna')).id;
  const there = processesOf(home()).filter((one) => one.command.includes(instanceId) || folderOf(one.processId).includes(instanceId));
  expect(there.length, readdirSync(home()).join(' ')).toBeGreaterThan(0);
  const startedMs = Date.now();
  for (const { processId } of there) process.kill(processId, 'SIGSTOP');
  const { said, saidAfterS } = await toldOf(/anna/, startedMs, 120_000);
  await until('the address opens', opens, 180_000);
  const servedAfterS = secondsSince(startedMs);
  await untilQuiet();
  rows.push({
    fault: 'instance hangs (SIGSTOP)',
    saidAfterS,
    said,
    healed: `restarted by its agent: address opens after ${servedAfterS} s, nothing needs attention after ${secondsSince(startedMs)} s`,
  });
}, 300_000);

import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { visit } from '../fixtures/farm-calls.ts';
import { continueJob, createFailureTable, logOf, stopped, undoJob } from '../fixtures/failure-table.ts';
import { dying, failingSetUp, layPackage, noise, packagesFolder, sick } from '../fixtures/own-packages.ts';
import { farm, root } from '../fixtures/program.ts';
import { differences, sweep } from '../fixtures/sweep.ts';
import { endFolder } from '../fixtures/end-folder.ts';
import { openFolder, startTestFarm, stopAgent, type TestFarm } from '../fixtures/test-farm.ts';

/** Applications that do not come to life, and payloads that do not arrive: the packages are this test's own. */
const table = createFailureTable('3-packages');
const pieces = 24;
/** The cache that built payloads of a checkout have; ours are known by their sizes and removed. */
const cache = join(root, 'node_modules', '.cache', 'farmstead', 'payloads');
let folder: string;
let packages: string;
let test: TestFarm;
const ourPayloads = new Set<string>();

beforeAll(async () => {
  folder = openFolder('farm-packages-');
  packages = packagesFolder(folder);
  layPackage(packages, 'never-well', { files: { 'server.mjs': sick }, startSeconds: 3 });
  layPackage(packages, 'dies-at-once', { files: { 'server.mjs': dying } });
  layPackage(packages, 'set-up-fails', { files: { 'set-up.mjs': failingSetUp } });
  layPackage(packages, 'large', { files: { 'noise.bin': noise(pieces * 2 ** 20 - 2 ** 19) } });
  layPackage(packages, 'changed', { files: { 'noise.bin': noise(300_000) } });
  test = await startTestFarm({ servers: [{ name: 'oak' }], environment: { FARM_PACKAGES: packages } });
  await test.cli.create('warm', 'static-site');
  await test.cli.remove('warm');
});
afterAll(async () => {
  table.write();
  await test?.end();
  if (folder !== undefined) await endFolder(folder);
  for (const name of ourPayloads) rmSync(join(cache, name), { force: true });
});

const create = (name: string, packageId: string): string[] => ['instances', 'create', '--name', name, '--package', packageId];

/** What is on the server beside the agent itself: processes, folders, ports, owners, rows, records. */
const state = () =>
  [...sweep(test.home), ...sweep(test.folder)].filter((line) => !/^file (home|agents)\/.*(uploads|pairing|mirror)/.test(line));

describe('an application that does not come to life', () => {
  it.each([
    {
      name: 'sick',
      packageId: 'never-well',
      line: 'application never gets healthy',
      done: 'a package whose server answers 503 for ever (3 s allowed)',
      english: /^sick runs, but \/ did not answer well within 3 s; the last answer was 503\. Look at its log, then continue or undo\.$/,
    },
    {
      name: 'dead',
      packageId: 'dies-at-once',
      line: 'application dies at once',
      done: 'a package whose server exits with 3',
      english: /^dead ended as soon as it was started \(exit code 3\)\. Its last line was: no licence was found, ending/,
    },
    {
      name: 'half',
      packageId: 'set-up-fails',
      line: 'set-up fails',
      done: 'a package whose set-up step exits with 7',
      english: /^Setting up half ended with exit code 7\. Its last line was: the folder of the shop cannot be prepared/,
    },
  ])('$line: stops with its sentence, Continue asks again, Undo leaves nothing', async ({ name, packageId, line, done, english }) => {
    const before = state();
    const said = await stopped(test.home, create(name, packageId));
    expect(said.sentence).toMatch(english);
    const again = await farm(test.home, 'jobs', 'continue', said.jobId);
    expect(again.code).toBe(1);
    expect(again.out).toMatch(new RegExp(english.source.replace('^', ''), 'm'));
    await undoJob(test.home, said.jobId);
    expect(differences(before, state())).toEqual([]);
    table.add({ line, done, ...said, buttons: `${said.buttons}; continued: the same; undone: nothing left (sweep equal)` });
  });
});

/** The archive that the cache made of one package, by when it was made. */
function newestPayload(leastBytes: number, mostBytes: number): string {
  const found = readdirSync(cache)
    .filter((name) => name.endsWith('.tar.gz'))
    .map((name) => ({ name, ...statSync(join(cache, name)) }))
    .filter(({ size }) => size >= leastBytes && size <= mostBytes)
    .toSorted((one, other) => other.mtimeMs - one.mtimeMs)[0];
  if (found === undefined) throw new Error('no such payload was built');
  ourPayloads.add(found.name);
  for (const name of readdirSync(cache))
    if (name.endsWith('.json') && readFileSync(join(cache, name), 'utf8').includes(found.name.slice(0, 64))) ourPayloads.add(name);
  return join(cache, found.name);
}

describe('a payload that does not arrive as it should', () => {
  it('was changed on this computer’s disk: the server refuses it, and it is built and sent anew', async () => {
    // Made by a first create, so that the program has seen it whole once.
    await test.cli.create('first', 'changed');
    await test.cli.remove('first');
    const archive = newestPayload(300_000, 400_000);
    const sha256 = archive.slice(-71, -7);
    const file = openSync(archive, 'r+');
    writeSync(file, Buffer.from('changed!'), 0, 8, 150_000);
    closeSync(file);
    const said = await farm(test.home, ...create('second', 'changed'), '--language', 'en');
    expect(said.code, said.out).toBe(0);
    expect(logOf(join(test.home, 'core.log'))).toContain('payload.changed');
    expect(createHash('sha256').update(readFileSync(archive)).digest('hex')).toBe(sha256);
    expect(existsSync(join(test.agent('oak').home, 'uploads', sha256))).toBe(false);
    const { url } = await test.cli.instance('second');
    expect((await visit(url, await test.authority())).status).toBe(200);
    await test.cli.remove('second');
    table.add({
      line: 'payload hash wrong',
      done: 'eight bytes of the built payload overwritten in the cache after the program had seen it whole',
      sentence: 'second is ready.',
      russian: '(то же)',
      buttons:
        'the server refused it, it was built anew and sent again by itself; wrong twice, the job stops with PAYLOAD_HASH_WRONG (ring 2)',
    });
  });

  it('is cut in the middle: Continue sends the rest and not the beginning', async () => {
    const agent = test.agent('oak');
    await stopAgent(agent);
    const cutAfter = 7;
    await test.agentWith('oak', { FARM_FAIL_POINT: `packages.upload.piece:${cutAfter}` }).start();
    const said = await stopped(test.home, create('big', 'large'));
    expect(said.sentence).toMatch(/oak/);
    const [upload = ''] = readdirSync(join(agent.home, 'uploads'));
    const have = statSync(join(agent.home, 'uploads', upload)).size;
    expect(have).toBe(cutAfter * 2 ** 20);
    newestPayload(pieces * 2 ** 20 - 2 ** 20, pieces * 2 ** 20 + 2 ** 20);
    // Were it sent from its beginning, this agent would kill itself too.
    await test.agentWith('oak', { FARM_FAIL_POINT: `packages.upload.piece:${pieces - cutAfter + 1}` }).start();
    await continueJob(test.home, said.jobId);
    await test.cli.remove('big');
    table.add({
      line: 'download cut',
      done: `the agent killed (SIGKILL) after ${cutAfter} of ${pieces} pieces`,
      ...said,
      buttons: `${said.buttons}; agent back, continued: the other ${pieces - cutAfter} pieces were sent, done`,
    });
  }, 240_000);
});

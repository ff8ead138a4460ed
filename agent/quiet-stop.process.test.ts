import { readdir, readFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { makeCertificate, type TestCertificate } from './edge/testing/make-certificate.ts';
import { type Answer, visit } from './edge/testing/visitor.ts';
import { chooseOs } from './os/choose-os.ts';
import { agentKeyOf } from './start-agent.ts';
import { hashOf, testManifest, testSpec } from './testing/applications.ts';
import { makeArchive } from './testing/archives.ts';
import { eventually, temporaryHome } from './testing/test-agent.ts';
import { openTestFarm, type RunningAgent, startAgentProcess, type TestFarm } from './testing/test-core.ts';
import { writerSource } from './testing/writer.ts';

/** A real agent, its real edge, and an application that acknowledges before it writes. */
const script = fileURLToPath(new URL('./main.ts', import.meta.url));
const os = chooseOs();
const notes = 200;
let farm: TestFarm;
let archive: Buffer;
let wildcard: TestCertificate;
let temporary: Awaited<ReturnType<typeof temporaryHome>>;
let agents: RunningAgent[] = [];
const visitors = new Agent({ keepAlive: true, maxSockets: 20 });
const readers = new Agent({ keepAlive: true });

vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  farm = await openTestFarm();
  archive = await makeArchive([{ name: 'app.cjs', text: writerSource }]);
  wildcard = await makeCertificate(['*.farm.localhost']);
});
beforeEach(async () => {
  temporary = await temporaryHome();
  await farm.adopt(temporary.folders.home);
});
afterEach(async () => {
  for (const agent of agents) {
    agent.kill('SIGKILL');
    await agent.exited;
  }
  agents = [];
  const key = agentKeyOf(temporary.folders.home);
  for (const found of [os.findMarked(key), os.findMarked(`edge-${key}`)])
    for (const identity of [...found.values()].flat()) await os.killTree(identity);
  await temporary.remove();
});

async function run(failPoint = '') {
  const agent = await startAgentProcess(script, temporary.folders.home, { FARM_FAIL_POINT: failPoint });
  agents.push(agent);
  const { client } = await farm.dial(agent.address.linkPort);
  return { agent, client };
}

/** The writer, served under its address. */
async function serve(failPoint = '') {
  const { agent, client } = await run(failPoint);
  const payload = { sha256: hashOf(archive), sizeBytes: archive.byteLength };
  const manifest = farm.signManifest(JSON.stringify(testManifest()));
  await client.packages.upload({ payload, offset: 0, data: archive.toString('base64') });
  await client.packages.install({ manifest, payload });
  const spec = testSpec('anna', 'healthy', { manifestHash: manifest.manifestHash, payload: payload.sha256 });
  const { port, folder } = await client.instances.create(spec);
  await client.instances.start({ instanceId: 'anna' });
  await client.certificates.install({ certificate: wildcard.certificate, keyPem: wildcard.keyPem });
  const target = { host: '127.0.0.1', port };
  await client.edge.putRoute({ host: spec.host, instanceId: 'anna', target, state: 'running', language: 'en', providerName: '' });
  const ask = (path: string, more: Partial<Parameters<typeof visit>[0]> = {}): Promise<Answer> =>
    visit({ port: agent.address.httpsPort, host: spec.host, ca: wildcard.certificate.chainPem, path, agent: visitors, ...more });
  return { agent, client, folder: join(folder, 'notes'), ask };
}
type Served = Awaited<ReturnType<typeof serve>>;

/** Every answer is an acknowledgement; a quarter of them is for a second version of a note. */
async function write({ ask }: Pick<Served, 'ask'>): Promise<void> {
  const put = async (name: number, body: string): Promise<void> => {
    expect(await ask(`/${name}`, { method: 'PUT', body })).toMatchObject({ status: 204 });
  };
  const first = (notes * 3) / 4;
  await Promise.all(Array.from({ length: first }, (_, name) => put(name, 'first')));
  await Promise.all(Array.from({ length: notes - first }, (_, name) => put(name, 'second')));
}

/** Acknowledged writes that are not on disk. */
async function lost(folder: string): Promise<string[]> {
  const first = (notes * 3) / 4;
  const found = new Set(await readdir(folder));
  const missing: string[] = [];
  for (let name = 0; name < first; name++) {
    const wanted = name < notes - first ? 'second' : 'first';
    const text = found.has(String(name)) ? await readFile(join(folder, String(name)), 'utf8') : 'nothing';
    if (text !== wanted) missing.push(`${name}: ${text}`);
  }
  return missing;
}

const logOf = async ({ client }: Pick<Served, 'client'>): Promise<string> =>
  (await client.instances.log({ instanceId: 'anna', lines: 50 })).lines.map(({ text }) => text).join('\n');

type Answered = { readonly status: number; readonly tookMs: number };
/** Restarts it while somebody comes every 25 ms. */
async function restartVisited({ client, ask }: Pick<Served, 'client' | 'ask'>) {
  const answers: Answered[] = [];
  const open = new Set<Promise<void>>();
  const timer = setInterval(() => {
    const beganMs = performance.now();
    const one = ask('/').then(({ status }) => {
      answers.push({ status, tookMs: performance.now() - beganMs });
      open.delete(one);
    });
    open.add(one);
  }, 25);
  const restarted = await client.instances.restart({ instanceId: 'anna' });
  clearInterval(timer);
  await Promise.all(open);
  return { restarted, answers };
}
const toldOf = (answers: readonly Answered[]): string =>
  `of ${answers.length} visitors the longest waited ${Math.round(Math.max(...answers.map(({ tookMs }) => tookMs)))} ms`;

test('a stop right after 200 acknowledged writes loses none of them', async () => {
  const served = await serve();
  await write(served);
  const stopped = await served.client.instances.stop({ instanceId: 'anna' });
  expect(await lost(served.folder)).toEqual([]);
  expect(stopped).toMatchObject({
    wanted: 'stopped',
    process: { state: 'none' },
    quiet: { state: 'still', isHeld: true, inFlight: 0, streams: 0, folder: 'still' },
  });
  expect(await logOf(served)).not.toContain('not-quiet');
  // Stopped again there is nothing to wait for.
  expect((await served.client.instances.stop({ instanceId: 'anna' })).quiet).toBeUndefined();
});

test('neither does a restart; who comes meanwhile waits and is served', async () => {
  const served = await serve();
  await write(served);
  const { restarted, answers } = await restartVisited(served);
  const { quiet, process: now } = restarted;
  process.stderr.write(`a restart right after ${notes} acknowledged writes: ${toldOf(answers)}; quiet after ${quiet?.waitedMs} ms\n`);
  expect(now.state).toBe('running');
  expect(await lost(served.folder)).toEqual([]);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(quiet).toMatchObject({ state: 'still', folder: 'still' });
});

test('neither does a removal, as far as the moment before its folder goes', async () => {
  const served = await serve('instances.remove.stopped');
  await write(served);
  const removing = served.client.instances.remove({ instanceId: 'anna' }).catch(() => undefined);
  expect(await served.agent.exited).not.toBe('0');
  expect(await lost(served.folder)).toEqual([]);
  const { client } = await run();
  await removing;
  expect((await client.instances.remove({ instanceId: 'anna' })).removed).toContain('folder');
});

test('a restart of an application that nobody writes to costs no visitor more than two seconds, and none an error', async () => {
  const { client, ask } = await serve();
  await ask('/');
  // What its start wrote is a while ago.
  await new Promise((done) => setTimeout(done, 1700));
  const before = await client.instances.describe({ instanceId: 'anna' });
  const { restarted, answers } = await restartVisited({ client, ask });
  process.stderr.write(`a restart of one that nobody writes to: ${toldOf(answers)}\n`);
  expect(restarted.process).not.toEqual(before.process);
  expect(answers.length).toBeGreaterThan(2);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const longestMs = Math.max(...answers.map(({ tookMs }) => tookMs));
  expect(longestMs).toBeLessThan(2000);
  // Somebody did wait.
  expect(longestMs).toBeGreaterThan(50);
});

/** Somebody writes and somebody reads every 25 ms until the end is called: how long each took, what was answered, and which writes were acknowledged. */
function comeWithoutPause({ ask }: Pick<Served, 'ask'>) {
  const acknowledged: string[] = [];
  const tookMs = { reads: [] as number[], writes: [] as number[] };
  const statuses = new Set<number>();
  /** When those came who have no answer yet. */
  const open = { reads: new Map<Promise<void>, number>(), writes: new Map<Promise<void>, number>() };
  let number = 0;
  const come = (kind: 'reads' | 'writes', path: string, more: Parameters<typeof ask>[1]): void => {
    const beganMs = performance.now();
    const one = ask(path, more).then(({ status }) => {
      tookMs[kind].push(performance.now() - beganMs);
      statuses.add(status);
      if (kind === 'writes' && status === 204) acknowledged.push(path.slice(1));
      open[kind].delete(one);
    });
    open[kind].set(one, beganMs);
  };
  const timer = setInterval(() => {
    come('reads', '/', { agent: readers });
    come('writes', `/w${number++}`, { method: 'PUT', body: 'whole' });
  }, 25);
  const waitsMs = (kind: 'reads' | 'writes'): number => performance.now() - Math.min(performance.now(), ...open[kind].values());
  const end = async (): Promise<void> => {
    clearInterval(timer);
    await Promise.all([...open.reads.keys(), ...open.writes.keys()]);
  };
  return { acknowledged, tookMs, statuses, waitsMs, end };
}
const longest = (of: readonly number[]): number => Math.round(Math.max(...of));

test('a restart while somebody writes and others read without a pause loses nothing, gives nobody an error, and readers hardly wait', async () => {
  const served = await serve();
  const { client, folder } = served;
  const { acknowledged, tookMs, statuses, end } = comeWithoutPause(served);
  await new Promise((done) => setTimeout(done, 1500));
  const { quiet } = await client.instances.restart({ instanceId: 'anna' });
  await end();
  const [reads, writes] = [longest(tookMs.reads), longest(tookMs.writes)];
  process.stderr.write(
    `a restart under writers: the longest read took ${reads} ms of ${tookMs.reads.length}, the longest write ${writes} ms of ${tookMs.writes.length}; quiet after ${quiet?.waitedMs} ms\n`,
  );
  expect(quiet).toMatchObject({ state: 'still', isHeld: true, inFlight: 0, folder: 'still' });
  expect([...statuses].sort()).toEqual([200, 204]);
  // Reads wait for the end and the start, not for what was written to come to rest.
  expect(reads).toBeLessThan(writes - 700);
  // What was written after the restart is written by now.
  await client.instances.stop({ instanceId: 'anna' });
  const found = new Set(await readdir(folder));
  expect(acknowledged.filter((name) => !found.has(name))).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(50);
});

test('an agent that is killed while writes alone wait lets them go on to the application that still runs, and none is lost', async () => {
  const served = await serve();
  const { acknowledged, statuses, waitsMs, end } = comeWithoutPause(served);
  const restarting = served.client.instances.restart({ instanceId: 'anna' }).catch(() => undefined);
  await eventually(
    () => ({ reads: waitsMs('reads'), writes: waitsMs('writes') }),
    ({ reads, writes }) => writes > 600 && reads < writes - 300,
  );
  served.agent.kill('SIGKILL');
  const killedMs = performance.now();
  await eventually(
    () => waitsMs('writes'),
    (ms) => ms < 500,
  );
  process.stderr.write(`writes that waited went on ${Math.round(performance.now() - killedMs)} ms after the agent was killed\n`);
  await end();
  await restarting;
  expect([...statuses].sort()).toEqual([200, 204]);
  const { client } = await run();
  await client.instances.stop({ instanceId: 'anna' });
  const found = new Set(await readdir(served.folder));
  expect(acknowledged.filter((name) => !found.has(name))).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(50);
});

test('a second restart that comes while the first holds somebody loses nothing either, and no visitor sees an error', async () => {
  const served = await serve();
  const { client, folder } = served;
  const { acknowledged, tookMs, statuses, waitsMs, end } = comeWithoutPause(served);
  // The edge knows that somebody writes.
  await eventually(
    () => acknowledged.length,
    (count) => count > 5,
  );
  const first = client.instances.restart({ instanceId: 'anna' }).catch((error: unknown) => error);
  await eventually(
    () => waitsMs('writes'),
    (ms) => ms > 600,
  );
  await client.instances.restart({ instanceId: 'anna' });
  await first;
  await end();
  process.stderr.write(
    `two restarts at once: the longest write took ${longest(tookMs.writes)} ms, the longest read ${longest(tookMs.reads)} ms\n`,
  );
  expect([...statuses].sort()).toEqual([200, 204]);
  await client.instances.stop({ instanceId: 'anna' });
  const found = new Set(await readdir(folder));
  expect(acknowledged.filter((name) => !found.has(name))).toEqual([]);
});

test('what never ends is waited for so long, then cut and told: in the answer and in the log', async () => {
  const served = await serve();
  const stream = served.ask('/stream', { agent: new Agent() }).catch(() => 'cut');
  await eventually(
    () => served.client.edge.status(),
    ({ requestCount }) => requestCount >= 1,
  );
  const { quiet } = await served.client.instances.restart({ instanceId: 'anna' });
  expect(quiet).toMatchObject({ state: 'still', inFlight: 0, streams: 1 });
  expect(quiet?.waitedMs).toBeGreaterThanOrEqual(3000);
  expect(await stream).toBe('cut');
  expect(await logOf(served)).toContain('streams-cut count=1');
  const unanswered = served.ask('/never', { agent: new Agent() }).catch(() => ({ status: 0 }));
  await eventually(
    () => served.client.edge.status(),
    ({ requestCount }) => requestCount >= 2,
  );
  const stopped = await served.client.instances.stop({ instanceId: 'anna' });
  expect(stopped.quiet).toMatchObject({ state: 'gave-up', inFlight: 1, streams: 0, folder: 'still' });
  expect(stopped.quiet?.waitedMs).toBeGreaterThanOrEqual(10_000);
  expect((await unanswered).status).toBe(503);
  expect(await logOf(served)).toMatch(/not-quiet hangs=no seconds=1\d requests=1 streams=0 folder=still/);
});

test('an agent that is killed in the middle of a stop leaves nobody held and loses nothing; the next one brings the stop to its end', async () => {
  const served = await serve();
  await write(served);
  const stopping = served.client.instances.stop({ instanceId: 'anna' }).catch(() => undefined);
  const held = served.ask('/');
  await eventually(
    () => served.client.instances.describe({ instanceId: 'anna' }),
    ({ process: now }) => now.state === 'stopping',
  );
  served.agent.kill('SIGKILL');
  await served.agent.exited;
  await stopping;
  // The application lives, and so does the way to it.
  expect(await held).toMatchObject({ status: 200 });
  const { client } = await run();
  const seen = await eventually(
    () => client.instances.describe({ instanceId: 'anna' }),
    ({ process: now }) => now.state === 'none',
    15_000,
  );
  expect(seen.wanted).toBe('stopped');
  expect(await lost(served.folder)).toEqual([]);
  expect(await served.ask('/')).toMatchObject({ status: 503, body: expect.stringContaining('class="broken"') });
});

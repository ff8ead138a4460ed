import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createHash, type X509Certificate } from 'node:crypto';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { keyWords } from '#words/key-words.ts';
import { chooseOs } from './os/choose-os.ts';
import { agentKeyOf } from './start-agent.ts';
import { applicationSource, hashOf, testManifest, testSpec } from './testing/applications.ts';
import { makeArchive } from './testing/archives.ts';
import { eventually, temporaryHome } from './testing/test-agent.ts';
import { openTestFarm, type RunningAgent, startAgentProcess, type TestFarm } from './testing/test-core.ts';

const script = fileURLToPath(new URL('./main.ts', import.meta.url));
const os = chooseOs();
let farm: TestFarm;
let temporary: Awaited<ReturnType<typeof temporaryHome>>;
let home = '';
let agents: RunningAgent[] = [];
let archive: Buffer;

beforeAll(async () => {
  farm = await openTestFarm();
  archive = await makeArchive([{ name: 'app.cjs', text: applicationSource }]);
});
beforeEach(async () => {
  temporary = await temporaryHome();
  home = temporary.folders.home;
  await farm.adopt(home);
});
afterEach(async () => {
  for (const agent of agents) {
    agent.kill('SIGKILL');
    await agent.exited;
  }
  agents = [];
  const key = agentKeyOf(home);
  for (const found of [os.findMarked(key), os.findMarked(`edge-${key}`)])
    for (const identity of [...found.values()].flat()) await os.killTree(identity);
  await temporary.remove();
});

async function run(failPoint = '', more: readonly string[] = []): Promise<RunningAgent> {
  const agent = await startAgentProcess(script, home, { FARM_FAIL_POINT: failPoint }, more);
  agents.push(agent);
  return agent;
}

/** What a person at the server is told. */
function told(folder = home, locale = 'C'): { readonly status: number | null; readonly out: string; readonly error: string } {
  const environment = { ...process.env, LC_ALL: locale };
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, 'code', '--home', folder], {
    encoding: 'utf8',
    env: environment,
  });
  return { status, out: stdout, error: stderr };
}

/** The words of the key that an agent shows to whoever connects: what a core pins. */
async function wordsOnTheWire(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  const certificate = await new Promise<X509Certificate | undefined>((resolve, reject) => {
    socket.once('secureConnect', () => resolve(socket.getPeerX509Certificate()));
    socket.once('error', reject);
  });
  socket.destroy();
  const spki = certificate?.publicKey.export({ type: 'spki', format: 'der' }) ?? Buffer.alloc(0);
  return keyWords(createHash('sha256').update(spki).digest('hex')).join(' ');
}

/** While it belongs to a farm: which, and the words of the key on the wire, which are returned. */
async function joinedAgentTells(port: number): Promise<string> {
  const words = await wordsOnTheWire(port);
  expect(told()).toEqual({
    status: 1,
    out: expect.stringMatching(new RegExp(`^This agent belongs to the farm Test\\..*\nKey: ${words}\n`)),
    error: '',
  });
  expect(told(home, 'ru_RU.UTF-8').out).toContain(`Ключ: ${words}\n`);
  expect(await readFile(join(home, 'logs', 'agent.log'), 'utf8')).toContain(`"keyWords":"${words}"`);
  return words;
}

async function stoppedAgentTells(words: string): Promise<void> {
  // The key is the agent's for life, whether it runs or not; where none was there is nothing to say.
  expect(told()).toMatchObject({ status: 1, out: expect.stringContaining(`\nKey: ${words}\n`) });
  expect(told(join(home, 'nowhere'))).toMatchObject({ status: 1, out: expect.stringContaining('There is no agent in'), error: '' });
  await writeFile(join(home, 'state', 'link', 'key.pem'), 'half');
  expect(told()).toMatchObject({ status: 1, out: expect.stringMatching(/key\.pem is damaged/), error: '' });
}

const payload = () => ({ sha256: hashOf(archive), sizeBytes: archive.byteLength });
const manifest = () => farm.signManifest(JSON.stringify(testManifest()));
const spec = () => testSpec('anna', 'healthy', { manifestHash: manifest().manifestHash, payload: payload().sha256 });
const route = (port: number) =>
  ({
    host: spec().host,
    instanceId: 'anna',
    target: { host: '127.0.0.1', port },
    state: 'running',
    language: 'en',
    providerName: 'Farm',
  }) as const;

type Client = Awaited<ReturnType<TestFarm['dial']>>['client'];
async function install(client: Client): Promise<void> {
  const { haveBytes, isInstalled } = await client.packages.status({ payload: payload().sha256 });
  if (!isInstalled && haveBytes < archive.byteLength)
    await client.packages.upload({ payload: payload(), offset: haveBytes, data: archive.subarray(haveBytes).toString('base64') });
  await client.packages.install({ manifest: manifest(), payload: payload() });
}

test('an instance and the edge outlive a killed agent; the next one takes back the same process; leaving leaves nothing', async () => {
  const first = await run('', ['--simulate', 'memoryBytes=8000000000,cpuMillicores=4000,diskBytes=9000000000']);
  const one = await farm.dial(first.address.linkPort);
  expect(await one.client.servers.facts()).toMatchObject({
    isSimulated: true,
    capacity: { memoryBytes: 8e9, cpuMillicores: 4000, diskBytes: 9e9 },
    httpsPort: first.address.httpsPort,
    edgeAddress: '127.0.0.1',
  });
  expect(existsSync(join(home, 'pairing-code.json'))).toBe(false);
  const words = await joinedAgentTells(first.address.linkPort);
  await install(one.client);
  await one.client.instances.create(spec());
  const started = await one.client.instances.start({ instanceId: 'anna' });
  await one.client.edge.putRoute(route(started.port));
  expect((await one.client.edge.routes()).routes).toMatchObject([{ host: spec().host, state: 'running' }]);
  const { processId: edgeProcess } = await one.client.edge.status();
  one.close();
  first.kill('SIGKILL');
  expect(await first.exited).toBe('SIGKILL');
  expect((await fetch(`http://127.0.0.1:${started.port}/health`)).status).toBe(200);

  const second = await run();
  const two = await farm.dial(second.address.linkPort);
  const adopted = await eventually(
    () => two.client.instances.describe({ instanceId: 'anna' }),
    ({ health }) => health === 'healthy',
  );
  expect(adopted).toMatchObject({ process: started.process, restarts: 0, port: started.port });
  expect((await two.client.edge.status()).processId).toBe(edgeProcess);
  expect(second.address.httpsPort).toBe(first.address.httpsPort);

  const events = await two.client.instances.watch();
  expect((await events.next()).value).toMatchObject({ instances: [{ instanceId: 'anna' }], removed: [] });
  await two.client.edge.putRoute({ ...route(started.port), state: 'suspended' });
  await two.client.instances.stop({ instanceId: 'anna' });
  expect((await two.client.edge.routes()).routes).toMatchObject([{ state: 'suspended' }]);
  for (let isStopped = false; !isStopped; ) {
    const next = await events.next();
    if (next.done === true) throw new Error('the stream ended');
    isStopped = next.value.instances.some((seen) => seen.wanted === 'stopped' && seen.process.state === 'none');
  }
  await events.return?.(undefined);

  const { left } = await two.client.link.leave({ farmId: farm.farmId });
  expect(left).toEqual([`route:${spec().host}`, 'instance:anna', 'edge', 'package:test-app']);
  two.close();
  const code = await eventually(
    () => readFile(join(home, 'pairing-code.json'), 'utf8').catch(() => ''),
    (text) => text !== '',
  );
  const shown = told();
  expect(shown.status).toBe(0);
  expect(shown.out).toContain((JSON.parse(code) as { code: string }).code);
  expect(shown.out).toContain(`Key: ${words}\n`);
  for (const folder of ['packages', 'instances', 'uploads', 'state/instances', 'state/packages'])
    expect(await readdir(join(home, folder)).catch(() => [])).toEqual([]);
  expect(os.findMarked(agentKeyOf(home)).size + os.findMarked(`edge-${agentKeyOf(home)}`).size).toBe(0);
  second.kill('SIGTERM');
  expect(await second.exited).toBe('0');
  expect(existsSync(join(home, 'agent.json'))).toBe(false);
  expect(second.output()).toBe('');
  await stoppedAgentTells(words);
}, 40_000);

test('killed at every point of installing, creating, starting and removing, the next agent does the same act whole', async () => {
  const acts: [string, (client: Client) => Promise<unknown>][] = [
    ['packages.install.verified', install],
    ['packages.install.unpacked', install],
    ['packages.install.placed', install],
    ['packages.install.recorded', install],
    ['instances.create.recorded', (client) => client.instances.create(spec())],
    ['instances.create.folder', (client) => client.instances.create(spec())],
    ['instances.create.set-up', (client) => client.instances.create(spec())],
    ['instances.start.spawned', (client) => client.instances.start({ instanceId: 'anna' })],
    ['instances.remove.stopped', (client) => client.instances.remove({ instanceId: 'anna' })],
    ['instances.remove.folder', (client) => client.instances.remove({ instanceId: 'anna' })],
  ];
  for (const [index, [point, act]] of acts.entries()) {
    const agent = await run(point);
    const { client, close } = await farm.dial(agent.address.linkPort);
    // What the one before was killed in is done by this one, unless it is the act that it will be killed in.
    const before = acts[index - 1]?.[1];
    if (before !== undefined && before.toString() !== act.toString()) await before(client);
    await expect(act(client), point).rejects.toThrow();
    expect(await agent.exited, point).toBe('SIGKILL');
    close();
  }
  const last = await run();
  const { client, close } = await farm.dial(last.address.linkPort);
  await client.instances.remove({ instanceId: 'anna' });
  expect(await client.instances.remains({ instanceId: 'anna' })).toEqual({
    processIds: [],
    hasFolder: false,
    hasUser: false,
    isPortOpen: false,
    hasState: false,
  });
  const { packages } = await client.packages.list();
  expect(packages).toHaveLength(1);
  expect(await client.packages.remove({ payload: payload().sha256, manifestHash: manifest().manifestHash })).toEqual({
    isRemoved: true,
    usedBy: [],
  });
  close();
  for (const folder of ['packages', 'instances', 'uploads', 'state/instances', 'state/packages'])
    expect(await readdir(join(home, folder)), folder).toEqual([]);
  expect(os.findMarked(agentKeyOf(home)).size).toBe(0);
}, 60_000);

test('killed between the groups of an instance and its process, the next agent starts it in them; removed, no group is left', async () => {
  const first = await run('instances.start.limited');
  const one = await farm.dial(first.address.linkPort);
  await install(one.client);
  await one.client.instances.create(spec());
  await expect(one.client.instances.start({ instanceId: 'anna' })).rejects.toThrow();
  expect(await first.exited).toBe('SIGKILL');
  one.close();
  const next = await run();
  const { client, close } = await farm.dial(next.address.linkPort);
  const { process: now } = await eventually(
    () => client.instances.describe({ instanceId: 'anna' }),
    ({ health }) => health === 'healthy',
    20_000,
  );
  const groups = os.limitGroups(agentKeyOf(home));
  const isGrouped = groups.here(true).memory === 'kept';
  if (isGrouped) expect(groups.membersOf('anna').map(({ processId }) => processId)).toEqual(now.state === 'running' ? [now.processId] : []);
  const { value } = await (await client.servers.watch()).next();
  expect(value).toMatchObject({ bounds: { ...groups.here(process.getuid?.() === 0), waiting: 0 } });
  await client.instances.remove({ instanceId: 'anna' });
  expect(groups.membersOf('anna')).toEqual([]);
  expect(existsSync(`/sys/fs/cgroup/memory/farmstead-${agentKeyOf(home)}`)).toBe(false);
  close();
}, 60_000);

/** A foreign program on a port of loopback. */
async function squat() {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  return { port, leave: () => new Promise((resolve) => server.close(resolve)) };
}

test('an HTTPS port that is taken is no reason not to start: the agent links, says who has it, and serves when it is free', async () => {
  const foreign = await squat();
  const agent = await run('', ['--https', `127.0.0.1:${foreign.port}`]);
  const { client, close } = await farm.dial(agent.address.linkPort);
  expect(await client.servers.facts()).toMatchObject({ httpsPort: foreign.port });
  const events = await client.servers.watch();
  expect((await events.next()).value).toMatchObject({ edge: { state: 'port-taken', port: foreign.port, owner: 'node', cause: '' } });
  await install(client);
  await client.instances.create(spec());
  expect(await client.instances.start({ instanceId: 'anna' })).toMatchObject({ health: 'healthy' });
  await foreign.leave();
  for (let state = ''; state !== 'serving'; ) {
    const next = await events.next();
    if (next.done === true) throw new Error('the stream ended');
    state = next.value.edge?.state ?? '';
  }
  close();
}, 30_000);

test('an edge that cannot be started at all is no reason either, and the next agent, whose edge can, has it serve', async () => {
  const agent = await run('', ['--edge-bundle', join(home, 'no-such-edge.cjs')]);
  const { client, close } = await farm.dial(agent.address.linkPort);
  const { value } = await (await client.servers.watch()).next();
  expect(value).toMatchObject({ edge: { state: 'failed', cause: 'NOT_FOUND' } });
  close();
  agent.kill('SIGTERM');
  await agent.exited;
  const next = await run();
  const again = await farm.dial(next.address.linkPort);
  expect((await (await again.client.servers.watch()).next()).value).toMatchObject({ edge: { state: 'serving' } });
  again.close();
}, 30_000);

test('a second run leaves the first alone; a taken port ends the start with one line that a program can read', async () => {
  const agent = await run();
  const again = spawnSync(process.execPath, [script, 'run', '--home', home], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  expect([again.status, again.stderr]).toEqual([0, '']);
  expect(again.stdout).toContain(String(agent.address.processId));

  const squatter = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => squatter.once('listening', resolve));
  const { port } = squatter.address() as { port: number };
  const other = await temporaryHome();
  const args = ['run', '--home', other.folders.home, '--https', '127.0.0.1:0', '--http', '127.0.0.1:0', '--listen', `127.0.0.1:${port}`];
  const refused = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  expect(refused.status).toBe(1);
  expect(refused.stderr.trim().split('\n')).toHaveLength(1);
  expect(JSON.parse(refused.stderr)).toEqual({ code: 'PORT_TAKEN', parameters: { port, owner: expect.stringContaining('node') } });
  squatter.close();
  expect(os.findMarked(`edge-${agentKeyOf(other.folders.home)}`).size).toBe(0);
  await other.remove();
}, 30_000);

test('what an agent left that was killed while it wrote is taken away by the next', async () => {
  await mkdir(home, { recursive: true });
  const left = join(home, '.agent.json.55c504bc2d4f3a23.tmp');
  await writeFile(left, '{"half":');
  await run();
  expect(existsSync(left)).toBe(false);
});

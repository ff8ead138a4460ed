import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ServerSigns } from '#contract/agent/servers.ts';
import { chooseOs } from './os/choose-os.ts';
import { agentKeyOf } from './start-agent.ts';
import { createAgentReserve } from './state/reserve.ts';
import { applicationSource, hashOf, testManifest, testSpec } from './testing/applications.ts';
import { makeArchive } from './testing/archives.ts';
import { eventually } from './testing/test-agent.ts';
import { openTestFarm, type RunningAgent, startAgentProcess, type TestFarm } from './testing/test-core.ts';

/** A disk of its own, filled to the last byte. Only root may make one: elsewhere the tests are skipped, and say so. */
const isRoot = process.getuid?.() === 0;
if (!isRoot)
  process.stderr.write('NOT TESTED: an agent that is killed on a full disk. Only root can mount the small disk that this needs.\n');
const testOnDisk = test.skipIf(!isRoot);
const script = fileURLToPath(new URL('./main.ts', import.meta.url));
const os = chooseOs();
const disk = mkdtempSync(join(tmpdir(), 'farm-full-'));
const home = join(disk, 'home');
const ballast = join(disk, 'ballast');
const reserve = createAgentReserve(join(home, 'reserve'), disk);
let farm: TestFarm;
const agents: RunningAgent[] = [];

const freeBytes = (): number => {
  const { bavail, bsize } = statfsSync(disk);
  return bavail * bsize;
};
/** Takes all that is free now, as somebody else on that disk would. */
function fill(): void {
  if (!existsSync(ballast)) writeFileSync(ballast, '');
  while (freeBytes() > 0) appendFileSync(ballast, Buffer.alloc(Math.min(freeBytes(), 2 ** 20)));
}
async function run(): Promise<RunningAgent> {
  const agent = await startAgentProcess(script, home);
  agents.push(agent);
  return agent;
}

beforeAll(async () => {
  if (!isRoot) return;
  const mounted = spawnSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=24m,mode=755', 'tmpfs', disk], { encoding: 'utf8' });
  if (mounted.status !== 0) throw new Error(`the small disk was not mounted: ${mounted.stderr.trim()}`);
  mkdirSync(home);
  chmodSync(home, 0o711);
  farm = await openTestFarm();
  await farm.adopt(home);
});
afterEach(() => rmSync(ballast, { force: true }));
afterAll(async () => {
  if (!isRoot) return;
  for (const agent of agents) {
    agent.kill('SIGKILL');
    await agent.exited;
  }
  const key = agentKeyOf(home);
  for (const found of [os.findMarked(key), os.findMarked(`edge-${key}`)])
    for (const identity of [...found.values()].flat()) await os.killTree(identity);
  spawnSync('/bin/umount', ['-l', disk]);
  rmSync(disk, { recursive: true, force: true });
});

testOnDisk(
  'a full disk is told; an agent and an edge that are killed on it come back, and an instance can be stopped and removed there',
  async () => {
    const first = await run();
    const one = await farm.dial(first.address.linkPort);
    await eventually(reserve.heldBytes, (held) => held === reserve.wholeBytes());
    expect(statSync(join(home, 'reserve')).mode & 0o777).toBe(0o600);
    const archive = await makeArchive([{ name: 'app.cjs', text: applicationSource }]);
    const payload = { sha256: hashOf(archive), sizeBytes: archive.byteLength };
    const manifest = farm.signManifest(JSON.stringify(testManifest()));
    await one.client.packages.upload({ payload, offset: 0, data: archive.toString('base64') });
    await one.client.packages.install({ manifest, payload });
    const spec = testSpec('anna', 'healthy', { manifestHash: manifest.manifestHash, payload: payload.sha256 });
    await one.client.instances.create(spec);
    const { port, process: running } = await one.client.instances.start({ instanceId: 'anna' });
    const route = { host: spec.host, instanceId: 'anna', target: { host: '127.0.0.1', port }, language: 'en', providerName: '' } as const;
    await one.client.edge.putRoute({ ...route, state: 'running' });

    const signs = await one.client.servers.watch();
    let seen: ServerSigns = {};
    const until = async (isFull: boolean): Promise<void> => {
      while (seen.home?.isFull !== isFull) {
        const next = await signs.next();
        if (next.done === true) throw new Error('the stream ended');
        seen = next.value;
      }
    };
    await until(false);
    fill();
    await until(true);
    expect(seen.home).toMatchObject({ path: home, freeBytes: 0 });
    const { processId: edgeProcess } = await one.client.edge.status();
    one.close();
    first.kill('SIGKILL');
    process.kill(edgeProcess, 'SIGKILL');
    await first.exited;

    const second = await run();
    // What the agent gave back, somebody else has taken.
    fill();
    const two = await farm.dial(second.address.linkPort);
    const about = await eventually(
      () => two.client.instances.describe({ instanceId: 'anna' }),
      ({ health }) => health === 'healthy',
    );
    expect(about.process).toEqual(running);
    const stateOfEdge = async (): Promise<string> => {
      const next = await (await two.client.servers.watch()).next();
      return next.done === true ? '' : (next.value.edge?.state ?? '');
    };
    await eventually(stateOfEdge, (state) => state === 'serving', 20_000);
    fill();
    await two.client.edge.putRoute({ ...route, state: 'suspended' });
    expect((await two.client.edge.routes()).routes).toMatchObject([{ state: 'suspended' }]);
    fill();
    expect(await two.client.instances.stop({ instanceId: 'anna' })).toMatchObject({ wanted: 'stopped', process: { state: 'none' } });
    fill();
    await two.client.edge.removeRoute({ host: spec.host });
    expect((await two.client.instances.remove({ instanceId: 'anna' })).removed).toEqual(expect.arrayContaining(['folder', 'port']));
    await two.client.packages.remove({ payload: payload.sha256, manifestHash: manifest.manifestHash });
    expect(await two.client.packages.list()).toEqual({ packages: [] });
    expect(reserve.heldBytes()).toBeLessThan(reserve.wholeBytes());

    rmSync(ballast, { force: true });
    await eventually(reserve.heldBytes, (held) => held === reserve.wholeBytes(), 20_000);
    two.close();
  },
  90_000,
);

testOnDisk(
  'what is new does not use the reserve: it is for starting and for cleaning up',
  async () => {
    const agent = await run().catch(() => agents.at(-1));
    if (agent === undefined) throw new Error('no agent');
    const { client, close } = await farm.dial(agent.address.linkPort);
    const archive = await makeArchive([{ name: 'app.cjs', text: applicationSource }]);
    const payload = { sha256: hashOf(archive), sizeBytes: archive.byteLength };
    const manifest = farm.signManifest(JSON.stringify(testManifest()));
    await client.packages.upload({ payload, offset: 0, data: archive.toString('base64') });
    await client.packages.install({ manifest, payload });
    await eventually(reserve.heldBytes, (held) => held === reserve.wholeBytes(), 20_000);
    fill();
    const spec = testSpec('berta', 'healthy', { manifestHash: manifest.manifestHash, payload: payload.sha256 });
    await expect(client.instances.create(spec)).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(reserve.heldBytes()).toBe(reserve.wholeBytes());
    close();
  },
  60_000,
);

testOnDisk('a reserve is given back slice by slice until nothing is left of it, and made anew only where there is room', () => {
  const path = join(disk, 'own-reserve');
  const own = createAgentReserve(path, disk);
  own.refill();
  const whole = own.wholeBytes();
  expect([whole, own.heldBytes()]).toEqual([512 * 1024, 512 * 1024]);
  fill();
  expect(own.freeBytes()).toBe(0);
  expect(own.release()).toBe(true);
  expect(own.freeBytes()).toBeGreaterThanOrEqual(whole / 8);
  own.secure(whole / 2);
  expect(own.freeBytes()).toBeGreaterThanOrEqual(whole / 2);
  own.refill();
  expect(own.heldBytes()).toBeLessThanOrEqual(whole / 2);
  while (own.release());
  expect([own.heldBytes(), existsSync(path), own.release()]).toEqual([0, false, false]);
  own.secure(2 ** 40);
  rmSync(ballast);
  own.refill();
  expect(own.heldBytes()).toBe(whole);
  rmSync(path);
});

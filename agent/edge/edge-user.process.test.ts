import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { chooseOs } from '../os/choose-os.ts';
import { edgePaths, readRunning } from './edge-files.ts';
import { buildEdge } from './testing/build-edge.ts';
import { makeCertificate, type TestCertificate } from './testing/make-certificate.ts';
import { createTestControl, type TestControl } from './testing/test-control.ts';
import { startUpstream, type Upstream } from './testing/upstream.ts';
import { route, visit } from './testing/visitor.ts';

const canTry = chooseOs().isolation([]).state === 'own';
if (!canTry) process.stderr.write('NOT TESTED: the user of the edge. It needs root, and the right to become others.\n');

const anna = 'anna.farm.localhost';
let upstream: Upstream;
let wildcard: TestCertificate;
let bundlePath = '';
let folder = '';
let one: TestControl | undefined;
// Each test starts several processes: a busy machine needs longer than a test usually may.
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'farm-edge-user-'));
  bundlePath = await buildEdge(folder);
  upstream = await startUpstream('anna');
  wildcard = await makeCertificate(['*.farm.localhost']);
});
afterEach(async () => {
  await one?.remove();
  one = undefined;
});
afterAll(async () => {
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

async function serving(control = createTestControl({ bundlePath })): Promise<TestControl> {
  one = control;
  await one.control.ensure();
  await one.control.putCertificate(wildcard.certificate, wildcard.keyPem);
  await one.control.putRoute(route(anna, upstream.port));
  return one;
}
const answers = async (): Promise<string> => {
  const { httpsPort = 0 } = (await one?.control.status()) ?? {};
  return (await visit({ port: httpsPort, host: anna, ca: wildcard.certificate.chainPem })).body;
};
const workerIds = (edgeFolder: string): number[] => (readRunning(edgePaths(edgeFolder))?.workers ?? []).map(({ processId }) => processId);

/** What a worker's user gets of each file: its first byte's worth, or the system's code. */
function tryAs(userId: number, edgeFolder: string, acts: Readonly<Record<string, string>>): unknown {
  const script = `const fs = require('node:fs'), net = require('node:net'); const told = {};
    for (const [name, act] of Object.entries(${JSON.stringify(acts)})) try { eval(act); told[name] = 'done'; } catch (error) { told[name] = error.code; }
    process.stdout.write(JSON.stringify(told));`;
  const confinement = chooseOs().confine?.({ userId });
  const [program = '', ...args] = [...(confinement?.before ?? []), process.execPath, '-e', script];
  return JSON.parse(execFileSync(program, args, { cwd: edgeFolder, encoding: 'utf8' }));
}

test.skipIf(!canTry)('what parses strangers’ bytes is nobody: a user of its own, no right of the system, none to be had', async () => {
  const { folder: edgeFolder, control } = await serving();
  const { workers, processId } = await control.status();
  expect(workers).toMatchObject({ wanted: 1, running: 1, confinement: 'full' });
  const userId = workers?.userId ?? 0;
  expect(userId).toBeGreaterThanOrEqual(66_000);
  expect(userId).toBeLessThan(70_000);
  expect(control.user()).toEqual({ userId });
  const [workerId = 0] = workerIds(edgeFolder);
  const status = readFileSync(`/proc/${workerId}/status`, 'utf8');
  const field = (name: string): string => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.trim() ?? 'none';
  for (const name of ['Uid', 'Gid']) expect(field(name).split('\t'), name).toEqual(Array(4).fill(String(userId)));
  expect(field('Groups')).toBe('');
  for (const name of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) expect(field(name), name).toBe('0'.repeat(16));
  expect(field('NoNewPrivs')).toBe('1');
  // The one that is root holds the sockets and reads from none of them.
  expect(readFileSync(`/proc/${processId}/status`, 'utf8')).toMatch(/^Uid:\t0\t/m);
  expect(await answers()).toBe('anna');
});

test.skipIf(!canTry)(
  'its user reads its certificates and routes, and nothing else of the agent, the core, instances or the system; it writes nowhere',
  async () => {
    const { folder: edgeFolder, control } = await serving();
    const { userId = 0 } = (await control.status()).workers ?? {};
    const home = join(edgeFolder, '..');
    const closed = (path: string, owner: number): string => {
      mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
      writeFileSync(path, 'secret', { mode: 0o600 });
      chownSync(path, owner, owner);
      return path;
    };
    // As an agent's home is where instances have users: everybody may pass, and what is private says so itself.
    chmodSync(home, 0o711);
    const secrets = {
      agentKey: closed(join(home, 'state', 'agent-key.pem'), 0),
      token: closed(join(home, 'core', 'token'), 0),
      dataKey: closed(join(home, 'core', 'data-key'), 0),
      instance: closed(join(home, 'instances', 'anna', 'data.db'), 70_001),
      shadow: '/etc/shadow',
      running: 'running.json',
      log: 'edge.log',
      bundle: 'bundles',
    };
    const read = (path: string): string => `fs.readFileSync(${JSON.stringify(path)})`;
    const acts = {
      certificate: read(`certificates/at-${wildcard.certificate.certificateId}.json`),
      route: read(`routes/at-${anna}.json`),
      ...Object.fromEntries(
        Object.entries(secrets).map(([name, path]) => [name, name === 'bundle' ? `fs.readdirSync('${path}')` : read(path)]),
      ),
      changeRoute: `fs.writeFileSync('routes/at-${anna}.json', '{}')`,
      newRoute: `fs.writeFileSync('routes/at-evil.json', '{}')`,
      link: `fs.symlinkSync('/etc/shadow', 'certificates/at-x.json')`,
      newFile: `fs.writeFileSync('x', '')`,
      removeRunning: `fs.rmSync('running.json')`,
      appendLog: `fs.appendFileSync('edge.log', 'x')`,
      becomeRoot: `process.setuid(0)`,
      endAgent: `process.kill(${process.pid}, 'SIGTERM')`,
    };
    const denied = Object.fromEntries(
      Object.keys(acts)
        .slice(2)
        .map((name) => [name, ['becomeRoot', 'endAgent'].includes(name) ? 'EPERM' : 'EACCES']),
    );
    expect(tryAs(userId, edgeFolder, acts)).toEqual({ certificate: 'done', route: 'done', ...denied });
  },
);

test.skipIf(!canTry)(
  'the folder of an edge of earlier days gets its owners at the start, and the user stays the same from start to start',
  async () => {
    const made = createTestControl({ bundlePath });
    const paths = edgePaths(made.folder);
    for (const path of [paths.routes, paths.certificates]) mkdirSync(path, { recursive: true, mode: 0o700 });
    const old = join(paths.routes, `at-${anna}.json`);
    writeFileSync(old, JSON.stringify(route(anna, upstream.port)), { mode: 0o600 });
    await serving(made);
    const { workers, processId } = await made.control.status();
    const userId = workers?.userId;
    expect([statSync(old).uid, statSync(old).gid, statSync(old).mode & 0o7777]).toEqual([0, userId, 0o640]);
    expect(await answers()).toBe('anna');
    process.kill(processId, 'SIGKILL');
    await vi.waitFor(async () => expect((await made.control.status()).processId).not.toBe(processId), { timeout: 20_000, interval: 50 });
    expect((await made.control.status()).workers?.userId).toBe(userId);
    expect(await answers()).toBe('anna');
  },
);

test.skipIf(!canTry)(
  'where the program that takes rights away is missing, a worker has its user all the same, and the status says that it is only that',
  () => {
    const identity = new URL('../os/linux/identity.ts', import.meta.url).pathname;
    const tell = `import(${JSON.stringify(identity)}).then(({ linuxIdentities }) => console.log(JSON.stringify(linuxIdentities.confine({ userId: 66001 }))))`;
    const hide = 'for f in /usr/bin/setpriv /bin/setpriv; do [ ! -e $f ] || mount --bind /dev/null $f; done; exec "$0" -e "$1"';
    const { stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', hide, process.execPath, tell], { encoding: 'utf8' });
    expect(JSON.parse(stdout || `"${stderr}"`)).toEqual({ state: 'user', before: [], as: { uid: 66_001, gid: 66_001 } });
    expect(chooseOs().confine?.(undefined)).toMatchObject({ state: 'none', as: undefined });
  },
);

import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type Sha256, sha256 } from '#contract/ids.ts';
import { chooseOs } from '../os/choose-os.ts';
import { edgePaths, readRunning, routePath } from './edge-files.ts';
import { type Attackers, startAttack } from './testing/attackers.ts';
import { buildEdge } from './testing/build-edge.ts';
import { makeCertificate, type TestCertificate } from './testing/make-certificate.ts';
import { startPoller } from './testing/poller.ts';
import { createTestControl, type TestControl } from './testing/test-control.ts';
import { startUpstream, type Upstream } from './testing/upstream.ts';
import { route, visit } from './testing/visitor.ts';

const anna = 'anna.farm.localhost';
let upstream: Upstream;
let wildcard: TestCertificate;
let bundlePath = '';
let folder = '';
let one: TestControl;
let attack: Attackers | undefined;
let older: ChildProcess | undefined;
// Each test starts several processes: a busy machine needs longer than a test usually may.
vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'farm-edge-attack-'));
  bundlePath = await buildEdge(folder);
  upstream = await startUpstream('anna');
  wildcard = await makeCertificate(['*.farm.localhost']);
});
afterEach(async () => {
  await attack?.stop();
  attack = undefined;
  older?.kill('SIGKILL');
  older = undefined;
  await one.remove();
});
afterAll(async () => {
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

const visitor = (port: number) => ({ port, host: anna, ca: wildcard.certificate.chainPem });
/** A visitor every 10 ms: a new connection and a kept one in turn. */
const visitors = (port: number) => startPoller(visitor(port), 10, (body) => body === 'anna');
const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function begin(): Promise<number> {
  const { httpsPort } = await one.control.ensure();
  await one.control.putCertificate(wildcard.certificate, wildcard.keyPem);
  await one.control.putRoute(route(anna, upstream.port));
  return httpsPort;
}
/** The same in another file: another bundle, as far as anybody can tell. */
function anotherBundle(name: string): { readonly path: string; readonly hash: Sha256 } {
  const path = join(one.folder, `${name}.cjs`);
  writeFileSync(path, `${readFileSync(bundlePath, 'utf8')}\n// ${name}\n`);
  return { path, hash: sha256.parse(createHash('sha256').update(readFileSync(path)).digest('hex')) };
}

test('hand-overs under attack lose no request', async () => {
  one = createTestControl({ bundlePath, workers: 2 });
  const port = await begin();
  attack = startAttack(visitor(port));
  const poller = visitors(port);
  await delay(1000);
  for (const name of ['next', 'third']) {
    const bundle = anotherBundle(name);
    expect((await one.control.upgrade(bundle.path, bundle.hash)).bundleSha256).toBe(bundle.hash);
    await delay(1000);
  }
  const { lost, asked } = await poller.stop();
  say(`two hand-overs under attack (${attack.opened()} hostile connections): ${asked} requests, ${lost.length} lost`);
  expect(lost).toEqual([]);
  expect(asked).toBeGreaterThan(100);
});

test('a worker killed under attack costs what was on its connections; nobody is turned away, and a moment later all is as before', async () => {
  one = createTestControl({ bundlePath, workers: 2 });
  const port = await begin();
  await vi.waitFor(async () => expect((await one.control.status()).workers?.running).toBe(2), { timeout: 20_000, interval: 50 });
  attack = startAttack(visitor(port));
  const poller = visitors(port);
  await delay(1000);
  const [victim] = readRunning(edgePaths(one.folder))?.workers ?? [];
  process.kill(victim?.processId ?? 0, 'SIGKILL');
  await delay(500);
  const { lost, asked } = await poller.stop();
  // On its connections: at most the four kept ones and those that were new in this moment.
  expect(lost.filter((how) => !/ECONNRESET|socket hang up|EPIPE/.test(how))).toEqual([]);
  const after = visitors(port);
  await vi.waitFor(async () => expect((await one.control.status()).workers?.running).toBe(2), { timeout: 20_000, interval: 50 });
  await delay(1000);
  const later = await after.stop();
  say(
    `a worker of two killed under attack: ${asked} requests, ${lost.length} lost on its connections; then ${later.asked}, ${later.lost.length} lost`,
  );
  expect(later.lost).toEqual([]);
});

/** The edge as it was built for the first agents: one process, as the agent's user. */
async function startFirstEdge(): Promise<{ readonly path: string; readonly hash: Sha256 }> {
  const kept = fileURLToPath(new URL('../../e2e/fixtures/agents/protocol-1/edge.cjs.gz', import.meta.url));
  const path = join(one.folder, 'first.cjs');
  mkdirSync(one.folder, { recursive: true, mode: 0o700 });
  writeFileSync(path, gunzipSync(readFileSync(kept)), { mode: 0o600 });
  const hash = sha256.parse(createHash('sha256').update(readFileSync(path)).digest('hex'));
  const listen = ['--https', '127.0.0.1:0', '--http', '127.0.0.1:0'];
  const known = ['--folder', one.folder, ...listen, '--version', '0.1.0', '--sha256', hash, '--pipe-slot', '0'];
  older = spawn(process.execPath, [path, ...known], { stdio: ['ignore', 'ignore', 'inherit'] });
  await vi.waitFor(() => expect(readRunning(edgePaths(one.folder))?.processId).toBe(older?.pid), { timeout: 20_000, interval: 20 });
  return { path, hash };
}

test('an edge of the first days hands over to workers, these to others, and back to one of the first days: no request is lost', async () => {
  one = createTestControl({ bundlePath, workers: 2 });
  const first = await startFirstEdge();
  const port = await begin();
  expect((await one.control.status()).workers).toBeUndefined();
  const poller = visitors(port);
  await delay(500);
  const next = anotherBundle('next');
  const { workers } = await one.control.upgrade(next.path, next.hash);
  const isRoot = chooseOs().isolation([]).state === 'own';
  expect(workers).toMatchObject({ wanted: 2, confinement: isRoot ? 'full' : 'none' });
  // What the edge before wrote as root is the new user's to read now.
  if (isRoot) expect(statSync(routePath(edgePaths(one.folder), anna)).gid).toBe(workers?.userId);
  await delay(500);
  const third = anotherBundle('third');
  await one.control.upgrade(third.path, third.hash);
  await delay(500);
  expect((await one.control.upgrade(first.path, first.hash)).workers).toBeUndefined();
  await delay(500);
  const { lost, asked } = await poller.stop();
  say(`from an edge of the first days to workers and back: ${asked} requests, ${lost.length} lost`);
  expect(lost).toEqual([]);
  expect((await visit(visitor(port))).body).toBe('anna');
});

import { writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { EdgeHealth } from '#contract/agent/edge.ts';
import { edgePaths, readRunning } from './edge-files.ts';
import { makeCertificate, type TestCertificate } from './testing/make-certificate.ts';
import { createTestControl, type TestControl } from './testing/test-control.ts';
import { startUpstream, type Upstream } from './testing/upstream.ts';
import { route, visit } from './testing/visitor.ts';

const anna = 'anna.farm.localhost';
let upstream: Upstream;
let wildcard: TestCertificate;
let one: TestControl;
const servers: Server[] = [];

// Each test starts several processes: a busy machine needs longer than a test usually may.
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  upstream = await startUpstream('anna');
  wildcard = await makeCertificate(['*.farm.localhost']);
});
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await one.remove();
});
afterAll(() => upstream.close());

async function serving(
  changes: Parameters<typeof createTestControl>[0] = {},
): Promise<{ port: number; processId: number; seen: EdgeHealth[] }> {
  one = createTestControl(changes);
  const seen: EdgeHealth[] = [];
  one.control.onHealth((health) => seen.push(health));
  const { httpsPort, processId } = await one.control.ensure();
  await one.control.putCertificate(wildcard.certificate, wildcard.keyPem);
  await one.control.putRoute(route(anna, upstream.port));
  return { port: httpsPort, processId, seen };
}
const ask = (port: number): ReturnType<typeof visit> => visit({ port, host: anna, ca: wildcard.certificate.chainPem });
const state = (): EdgeHealth['state'] => one.control.health().state;
const until = (wanted: EdgeHealth['state']): Promise<void> =>
  vi.waitFor(() => expect(state()).toBe(wanted), { timeout: 30_000, interval: 20 });

async function squat(port: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  servers.push(server);
  return server;
}

/** The main process and all that serve for it. */
function stopWhole(processId: number): void {
  const { workers = [] } = readRunning(edgePaths(one.folder)) ?? {};
  for (const one of [processId, ...workers.map((worker) => worker.processId)]) process.kill(one, 'SIGSTOP');
}

test('a stopped edge (SIGSTOP) is told, replaced on its port, and serves again; one that hangs right after waits longer', async () => {
  const { port, processId, seen } = await serving();
  await until('serving');
  stopWhole(processId);
  await vi.waitFor(async () => expect((await ask(port)).body).toBe('anna'), { timeout: 30_000, interval: 500 });
  await until('serving');
  expect(seen.map((health) => health.state)).toEqual(['starting', 'serving', 'silent', 'serving']);
  expect(one.options.os.identify(processId)).toBeUndefined();
  const second = await one.control.status();
  expect(second.httpsPort).toBe(port);

  stopWhole(second.processId);
  await until('silent');
  const saidAtMs = performance.now();
  await vi.waitFor(async () => expect((await ask(port)).body).toBe('anna'), { timeout: 30_000, interval: 200 });
  // With every further one the time doubles: 4 s in this test.
  expect(performance.now() - saidAtMs).toBeGreaterThan(500);
  expect(one.events.filter((event) => event === 'edge-replaced')).toHaveLength(2);
});

test('an edge that was killed and whose port somebody took is told with who has it, and serves when the port is free', async () => {
  const { port } = await serving();
  await until('serving');
  const { processId } = await one.control.status();
  // Nobody starts another before the port is taken: it would have it first.
  one.control.close();
  process.kill(processId, 'SIGKILL');
  const foreign = await vi.waitFor(() => squat(port), { timeout: 15_000, interval: 2 });
  const again = one.again({ https: { host: '127.0.0.1', port } });
  await again.ensure();
  expect(again.health()).toMatchObject({ state: 'port-taken', port, owner: 'node', redirect: { isListening: true } });
  await new Promise((resolve) => foreign.close(resolve));
  await vi.waitFor(() => expect(again.health().state).toBe('serving'), { timeout: 20_000, interval: 50 });
  expect((await ask(port)).body).toBe('anna');
  expect(again.health()).toMatchObject({ owner: '', cause: '' });
});

test('one that serves visitors and only is silent at its pipe is never ended', async () => {
  const { port, processId } = await serving();
  one.control.close();
  const open: Socket[] = [];
  const pipe = join(one.folder, 'silent.sock');
  const silent = createServer((socket) => void open.push(socket));
  await new Promise<void>((resolve) => silent.listen(pipe, resolve));
  servers.push(silent);
  const paths = edgePaths(one.folder);
  writeFileSync(paths.running, JSON.stringify({ ...readRunning(paths), pipe }));
  const again = one.again();
  await expect(again.ensure()).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' });
  await vi.waitFor(() => expect(again.health().state).toBe('deaf'), { timeout: 20_000, interval: 50 });
  await delay(3000);
  expect(one.options.os.identify(processId)).toBeDefined();
  expect((await ask(port)).body).toBe('anna');
  for (const socket of open) socket.destroy();
});

test('a main process that hangs (SIGSTOP) is told and replaced on its port, and what its workers had begun comes to its end', async () => {
  const { port, processId, seen } = await serving();
  await until('serving');
  process.kill(processId, 'SIGSTOP');
  await until('deaf');
  expect((await ask(port)).body).toBe('anna');
  // What is under way when it is ended: answers that take 0.4 s each, begun anew until then.
  const begun: Promise<string>[] = [];
  while (!one.events.includes('edge-replaced')) {
    begun.push(visit({ port, host: anna, ca: wildcard.certificate.chainPem, path: '/slow' }).then(({ body }) => body));
    await delay(100);
  }
  // The last one may have come when nobody listened.
  begun.pop()?.catch(() => undefined);
  await until('serving');
  expect(new Set(await Promise.all(begun))).toEqual(new Set(['late']));
  expect(one.options.os.identify(processId)).toBeUndefined();
  expect((await one.control.status()).httpsPort).toBe(port);
  expect(seen.map(({ state }) => state).filter((state) => state !== 'failed')).toEqual(['starting', 'serving', 'deaf', 'serving']);
  const elsewhere = await startUpstream('elsewhere');
  await one.control.putRoute(route(anna, elsewhere.port));
  expect((await ask(port)).body).toBe('elsewhere');
  await elsewhere.close();
});

test('workers leave the port of a killed main process to the next edge', async () => {
  const { port, processId } = await serving();
  await until('serving');
  const [worker] = readRunning(edgePaths(one.folder))?.workers ?? [];
  process.kill(processId, 'SIGKILL');
  const next = await vi.waitFor(() => one.control.status(), { timeout: 15_000, interval: 100 });
  expect(next.httpsPort).toBe(port);
  await vi.waitFor(() => expect(worker === undefined || one.options.os.isAlive(worker)).toBe(false), { timeout: 10_000 });
  expect((await ask(port)).body).toBe('anna');
});

test('workers that hang and outlive a killed main process do not keep the port from the next edge', async () => {
  const { port, processId } = await serving();
  await until('serving');
  stopWhole(processId);
  process.kill(processId, 'SIGKILL');
  await vi.waitFor(async () => expect((await ask(port)).body).toBe('anna'), { timeout: 30_000, interval: 200 });
  expect((await one.control.status()).httpsPort).toBe(port);
});

test('one that does not start is told, and tried again; after its end nothing is wanted', async () => {
  one = createTestControl({ bundlePath: join(import.meta.dirname, 'nothing-here.ts') });
  await expect(one.control.ensure()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(one.control.health()).toMatchObject({ state: 'failed', cause: 'NOT_FOUND' });
  await vi.waitFor(() => expect(one.events.filter((event) => event === 'edge-not-running').length).toBeGreaterThan(1), { timeout: 10_000 });
  await one.control.stop();
  expect(state()).toBe('stopped');
});

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type Sha256, sha256 } from '#contract/ids.ts';
import { edgePaths, readRunning } from './edge-files.ts';
import { makeCertificate, type TestCertificate } from './testing/make-certificate.ts';
import { startPoller } from './testing/poller.ts';
import { createTestControl, edgeSource, type TestControl } from './testing/test-control.ts';
import { startUpstream, type Upstream } from './testing/upstream.ts';
import { route, visit } from './testing/visitor.ts';

const anna = 'anna.farm.localhost';
let upstream: Upstream;
let second: Upstream;
let wildcard: TestCertificate;
let one: TestControl;

// Each test starts several processes: a busy machine needs longer than a test usually may.
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  upstream = await startUpstream('anna');
  second = await startUpstream('anna, moved');
  wildcard = await makeCertificate(['*.farm.localhost']);
});
afterEach(() => one.remove());
afterAll(() => Promise.all([upstream.close(), second.close()]));

/** The same edge in another file: another bundle, as far as anybody can tell. */
function anotherBundle(folder: string, name: string): { readonly path: string; readonly hash: Sha256 } {
  const path = join(folder, `${name}.ts`);
  writeFileSync(path, `// ${name}\nimport '${edgeSource}';\n`);
  return { path, hash: sha256.parse(createHash('sha256').update(readFileSync(path)).digest('hex')) };
}

async function serving(): Promise<number> {
  one = createTestControl();
  const { httpsPort } = await one.control.ensure();
  await one.control.putCertificate(wildcard.certificate, wildcard.keyPem);
  await one.control.putRoute(route(anna, upstream.port));
  return httpsPort;
}

const about = (port: number): { port: number; host: string; ca: string } => ({ port, host: anna, ca: wildcard.certificate.chainPem });

async function openSocket(port: number): Promise<{ readonly echo: (text: string) => Promise<string>; readonly socket: WebSocket }> {
  const socket = new WebSocket(`wss://127.0.0.1:${port}/socket`, {
    agent: new Agent({ ca: wildcard.certificate.chainPem, servername: anna }),
    headers: { host: `${anna}:${port}` },
  });
  await new Promise<void>((done, fail) => {
    socket.once('open', () => done());
    socket.once('error', fail);
  });
  return {
    socket,
    echo: (text) =>
      new Promise((done, fail) => {
        socket.once('message', (data) => done(String(data)));
        socket.once('close', () => fail(new Error('closed')));
        socket.send(text);
      }),
  };
}

test('a change of the bundle costs no request and no WebSocket; the old process ends when its last connection has', async () => {
  const port = await serving();
  const { control: edge, folder, options } = one;
  const before = await edge.status();
  const poller = startPoller(about(port), 20, (body) => body === 'anna');
  const chat = await openSocket(port);
  expect(await chat.echo('before')).toBe('before');
  const slow = visit({ ...about(port), path: '/slow' });
  await delay(100);
  const bundle = anotherBundle(folder, 'next');
  const after = await edge.upgrade(bundle.path, bundle.hash);
  expect(after).toMatchObject({ bundleSha256: bundle.hash, httpsPort: port, routeCount: 1, certificateCount: 1 });
  expect(after.processId).not.toBe(before.processId);
  expect(await chat.echo('after')).toBe('after');
  expect((await slow).body).toBe('late');
  // Again, while the first still drains; and the same again is nothing new.
  const third = anotherBundle(folder, 'third');
  const last = await edge.upgrade(third.path, third.hash);
  expect((await edge.upgrade(third.path, third.hash)).processId).toBe(last.processId);
  expect(await chat.echo('twice')).toBe('twice');
  await delay(300);
  const { lost, asked } = await poller.stop();
  expect(lost).toEqual([]);
  expect(asked).toBeGreaterThan(30);
  expect(readRunning(edgePaths(folder))?.draining.map(({ processId }) => processId)).toContain(before.processId);
  expect(options.os.identify(before.processId)).toBeDefined();
  chat.socket.close();
  await vi.waitFor(() => expect(options.os.identify(before.processId)).toBeUndefined(), { timeout: 20_000 });
  expect((await visit(about(port))).body).toBe('anna');
});

test('an edge that drains hears of changes', async () => {
  const port = await serving();
  const { control: edge, folder } = one;
  const before = await edge.status();
  const kept = new Agent({ keepAlive: true, maxSockets: 1 });
  const visitor = { ...about(port), agent: kept };
  expect((await visit(visitor)).body).toBe('anna');
  const bundle = anotherBundle(folder, 'next');
  await edge.upgrade(bundle.path, bundle.hash);
  await edge.putRoute(route(anna, second.port));
  // The word goes on to the edge that drains, and there to its worker; nobody waits for that.
  await delay(500);
  // The old connection takes one more request, and it must not lead to where the application was.
  expect((await visit(visitor)).body).toBe('anna, moved');
  expect((await edge.status()).requestCount).toBe(0);
  kept.destroy();
  await vi.waitFor(() => expect(one.options.os.identify(before.processId)).toBeUndefined(), { timeout: 20_000 });
});

test('changes of routes and certificates, and kill -9 of the agent, cost no request and no WebSocket', async () => {
  const port = await serving();
  const { control: edge, folder, options } = one;
  const { processId } = await edge.status();
  const poller = startPoller(about(port), 20, (body) => body.startsWith('anna'));
  const chat = await openSocket(port);
  for (let round = 0; round < 10; round++) {
    await edge.putRoute(route(anna, round % 2 === 0 ? second.port : upstream.port));
    const renewed = { ...wildcard.certificate, certificateId: `renewal-${round}` };
    await edge.putCertificate(renewed, wildcard.keyPem);
    await edge.removeCertificate(`renewal-${round - 1}`);
  }
  edge.close();
  const script = fileURLToPath(new URL('testing/controller.ts', import.meta.url));
  for (let round = 0; round < 3; round++) {
    const child = spawn(process.execPath, [script, folder, edgeSource, options.agentKey, anna, String(upstream.port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((done, fail) => {
      child.stdout.once('data', done);
      child.once('exit', () => fail(new Error('the controller ended')));
    });
    await delay(50 + round * 37);
    child.kill('SIGKILL');
    await new Promise((done) => child.once('exit', done));
  }
  const again = one.again();
  expect((await again.ensure()).processId).toBe(processId);
  expect(await again.routes()).toHaveLength(1);
  expect(await chat.echo('still here')).toBe('still here');
  chat.socket.close();
  const { lost, asked } = await poller.stop();
  expect(lost).toEqual([]);
  expect(asked).toBeGreaterThan(30);
});

test('an upgrade goes on without the agent that began it, and an edge killed after it comes back as the new one', async () => {
  const port = await serving();
  const { control: edge, folder, options } = one;
  const before = await edge.status();
  const bundle = anotherBundle(folder, 'next');
  const begun = edge.upgrade(bundle.path, bundle.hash).catch(() => undefined);
  const processes = () => options.os.findMarked(`edge-${options.agentKey}`).get('edge') ?? [];
  await vi.waitFor(() => expect(processes().some(({ processId }) => processId !== before.processId)).toBe(true), {
    timeout: 20_000,
    interval: 5,
  });
  edge.close();
  await begun;
  const again = one.again();
  const after = await vi.waitFor(
    async () => {
      const status = await again.ensure();
      expect(status.bundleSha256).toBe(bundle.hash);
      return status;
    },
    { timeout: 20_000 },
  );
  expect(after.processId).not.toBe(before.processId);
  await again.upgrade(bundle.path, bundle.hash);
  process.kill(after.processId, 'SIGKILL');
  const next = await vi.waitFor(
    async () => {
      const status = await again.status();
      expect(status.processId).not.toBe(after.processId);
      return status;
    },
    { timeout: 20_000, interval: 50 },
  );
  expect((await visit(about(port))).body).toBe('anna');
  expect(next.bundleSha256).toBe(bundle.hash);
});

test('an edge that could not open one of its sockets hands over the other, and the next one opens the missing one', async () => {
  const foreign = createServer();
  await new Promise<void>((done) => foreign.listen(0, '127.0.0.1', done));
  const { port: httpPort } = foreign.address() as AddressInfo;
  one = createTestControl({ http: { host: '127.0.0.1', port: httpPort } });
  const { control: edge, folder } = one;
  const { httpsPort } = await edge.ensure();
  await edge.putCertificate(wildcard.certificate, wildcard.keyPem);
  await edge.putRoute(route(anna, upstream.port));
  const poller = startPoller(about(httpsPort), 20, (body) => body === 'anna');
  const bundle = anotherBundle(folder, 'next');
  const after = await edge.upgrade(bundle.path, bundle.hash);
  expect(after).toMatchObject({ httpsPort, bundleSha256: bundle.hash, listeners: { http: { isListening: false, problem: 'EADDRINUSE' } } });
  await delay(300);
  expect((await poller.stop()).lost).toEqual([]);
  await new Promise((done) => foreign.close(done));
  await vi.waitFor(async () => expect((await edge.status()).listeners?.http.isListening).toBe(true), { timeout: 20_000, interval: 100 });
});

import { connect as connectHttp2 } from 'node:http2';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { edgePaths, readRunning } from './edge-files.ts';
import { makeCertificate, type TestCertificate } from './testing/make-certificate.ts';
import { createTestControl, type TestControl } from './testing/test-control.ts';
import { startUpstream, type Upstream } from './testing/upstream.ts';
import { openTls, route, visit } from './testing/visitor.ts';

const anna = 'anna.farm.localhost';
const id = `instance-of-${anna}`;
let upstream: Upstream;
let second: Upstream;
let wildcard: TestCertificate;
let one: TestControl;
const open: TLSSocket[] = [];

// Each test starts several processes: a busy machine needs longer than a test usually may.
vi.setConfig({ testTimeout: 90_000 });

beforeAll(async () => {
  upstream = await startUpstream('anna');
  second = await startUpstream('anna, moved');
  wildcard = await makeCertificate(['*.farm.localhost']);
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await one.remove();
});
afterAll(() => Promise.all([upstream.close(), second.close()]));

async function serving(workers: number): Promise<number> {
  one = createTestControl({ workers });
  const { httpsPort } = await one.control.ensure();
  await one.control.putCertificate(wildcard.certificate, wildcard.keyPem);
  await one.control.putRoute(route(anna, upstream.port));
  await vi.waitFor(async () => expect((await one.control.status()).workers).toMatchObject({ wanted: workers, running: workers }), {
    timeout: 20_000,
    interval: 50,
  });
  return httpsPort;
}
const ask = (port: number): ReturnType<typeof visit> => visit({ port, host: anna, ca: wildcard.certificate.chainPem });
const workerIds = (): number[] => (readRunning(edgePaths(one.folder))?.workers ?? []).map(({ processId }) => processId);

const get = (socket: TLSSocket): Promise<string> =>
  new Promise((resolve) => {
    const end = (how: string): void => {
      clearTimeout(timer);
      resolve(how);
    };
    const timer = setTimeout(end, 3000, 'silent');
    if (socket.destroyed) end('closed');
    socket.once('data', (data: Buffer) => end(data.toString().split('\r\n')[0] ?? ''));
    socket.once('close', () => end('closed'));
    socket.write(`GET / HTTP/1.1\r\nhost: ${anna}\r\n\r\n`);
  });

/** Many connections that stay, with one answer each. */
async function crowd(port: number, count: number): Promise<TLSSocket[]> {
  const sockets = await Promise.all(Array.from({ length: count }, () => openTls(port, anna, wildcard.certificate.chainPem)));
  for (const socket of sockets) socket.on('error', () => undefined);
  open.push(...sockets);
  expect(new Set(await Promise.all(sockets.map(get)))).toEqual(new Set(['HTTP/1.1 200 OK']));
  return sockets;
}

test('a worker that is killed costs its own connections only; whoever comes is served, and another one takes its place', async () => {
  const port = await serving(2);
  const [victim = 0, other = 0] = workerIds();
  const sockets = await crowd(port, 24);
  const { requestCount } = await one.control.status();
  expect(requestCount).toBe(24);
  process.kill(victim, 'SIGKILL');
  const fresh = await Promise.all(Array.from({ length: 20 }, () => ask(port)));
  expect(fresh.map(({ body }) => body)).toEqual(Array(20).fill('anna'));
  const after = await Promise.all(sockets.map(get));
  const lost = after.filter((how) => how === 'closed').length;
  process.stderr.write(`a worker of two killed: ${lost} of 24 connections were its own, 0 of 20 new visitors lost\n`);
  expect(after.filter((how) => how === 'HTTP/1.1 200 OK')).toHaveLength(24 - lost);
  expect(lost).toBeGreaterThan(0);
  expect(lost).toBeLessThan(24);
  await vi.waitFor(async () => expect((await one.control.status()).workers?.running).toBe(2), { timeout: 20_000, interval: 50 });
  expect(workerIds()).toContain(other);
  expect(workerIds()).not.toContain(victim);
  expect((await one.control.status()).requestCount).toBe(24 + 20 + 24 - lost);
});

test('with one worker killed those who come wait a moment in the queue of the socket, and nobody is turned away', async () => {
  const port = await serving(1);
  for (let round = 0; round < 3; round++) {
    const [victim = 0] = workerIds();
    process.kill(victim, 'SIGKILL');
    await delay(5);
    const fresh = await Promise.all(Array.from({ length: 10 }, () => ask(port)));
    expect(fresh.map(({ body }) => body)).toEqual(Array(10).fill('anna'));
    await vi.waitFor(() => expect(workerIds()).toHaveLength(1), { timeout: 10_000 });
    expect(workerIds()).not.toContain(victim);
  }
});

test('a worker that hangs is found among living ones, ended, and replaced; others serve meanwhile, and a change is told when all have it', async () => {
  const port = await serving(2);
  const [victim = 0] = workerIds();
  process.kill(victim, 'SIGSTOP');
  const startedMs = performance.now();
  const moved = one.control.putRoute(route(anna, second.port));
  const bodies = await Promise.all(Array.from({ length: 10 }, () => ask(port)));
  for (const { status } of bodies) expect(status).toBe(200);
  expect(await one.control.hold(id, 500)).toMatchObject({ isComplete: false });
  await one.control.release(id);
  await moved;
  const tookMs = performance.now() - startedMs;
  process.stderr.write(`a worker that hangs: ended after ${Math.round(tookMs / 100) / 10} s\n`);
  expect(one.options.os.identify(victim)).toBeUndefined();
  const after = await Promise.all(Array.from({ length: 20 }, () => ask(port)));
  expect(after.map(({ body }) => body)).toEqual(Array(20).fill('anna, moved'));
  expect(one.control.health().state).toBe('serving');
});

test('what one worker began another one resumes (tickets of TLS 1.3 and 1.2)', async () => {
  const port = await serving(3);
  for (const maxVersion of ['TLSv1.3', 'TLSv1.2'] as const) {
    const about: ConnectionOptions = { port, host: '127.0.0.1', servername: anna, ca: wildcard.certificate.chainPem, maxVersion };
    const session = await new Promise<Buffer>((resolve) => {
      const first = connect(about);
      first.on('error', () => undefined);
      first.once('session', (ticket: Buffer) => {
        resolve(ticket);
        first.destroy();
      });
      first.on('secureConnect', () => first.write(`GET / HTTP/1.1\r\nhost: ${anna}\r\n\r\n`));
    });
    const resumed = await Promise.all(
      Array.from(
        { length: 16 },
        () =>
          new Promise<boolean>((resolve, reject) => {
            const again = connect({ ...about, session }, () => {
              resolve(again.isSessionReused());
              again.destroy();
            });
            again.on('error', reject);
          }),
      ),
    );
    expect(resumed, maxVersion).toEqual(Array(16).fill(true));
  }
});

test('all workers together let no more wait than one would: whoever is too many sees the page of an instance that starts', async () => {
  const port = await serving(2);
  await one.control.hold(id, 3000);
  const renewing = setInterval(() => void one.control.hold(id, 3000), 500);
  const sessions = Array.from({ length: 10 }, () =>
    connectHttp2(`https://127.0.0.1:${port}`, { servername: anna, ca: wildcard.certificate.chainPem }),
  );
  const answered: unknown[] = [];
  const asked = sessions.flatMap((session) =>
    Array.from(
      { length: 30 },
      () =>
        new Promise<void>((resolve, reject) => {
          const stream = session.request({ ':authority': `${anna}:${port}` });
          stream.on('response', (headers) => answered.push(headers[':status']));
          stream.on('error', reject);
          stream.on('close', resolve);
          stream.resume();
        }),
    ),
  );
  try {
    const held = await vi.waitFor(
      async () => {
        const now = await one.control.hold(id, 3000);
        expect((now?.waiting ?? 0) + answered.length).toBe(300);
        return now;
      },
      { timeout: 18_000, interval: 100 },
    );
    expect(held?.waiting).toBeLessThanOrEqual(256);
    expect(held?.waiting).toBeGreaterThanOrEqual(128);
    expect(new Set(answered)).toEqual(new Set([503]));
  } finally {
    clearInterval(renewing);
    await one.control.release(id);
    await Promise.all(asked);
    for (const session of sessions) session.destroy();
  }
  expect(answered).toHaveLength(300);
});

test('a worker that is killed while others wait in it does not end the hold: the next one holds as well', async () => {
  const port = await serving(1);
  await one.control.hold(id, 3000);
  const renewing = setInterval(() => void one.control.hold(id, 3000), 200);
  const [victim = 0] = workerIds();
  process.kill(victim, 'SIGKILL');
  const held = ask(port);
  try {
    await vi.waitFor(async () => expect(await one.control.hold(id, 3000)).toMatchObject({ isHeld: true, waiting: 1 }), { timeout: 15_000 });
  } finally {
    clearInterval(renewing);
  }
  await one.control.release(id);
  expect((await held).body).toBe('anna');
});

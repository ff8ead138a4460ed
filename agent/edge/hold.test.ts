import { type ClientHttp2Session, connect } from 'node:http2';
import { Agent } from 'node:https';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createTestEdge, type TestEdge } from './testing/create-test-edge.ts';
import { makeCertificate, type TestCertificate } from './testing/make-certificate.ts';
import { startUpstream, type Upstream } from './testing/upstream.ts';
import { openTls, route, visit } from './testing/visitor.ts';

const host = 'anna.farm.localhost';
const id = `instance-of-${host}`;
const limits = { leaseMs: 3000, holdMs: 20_000, perInstance: 4, inAll: 5 };
let edge: TestEdge;
let upstream: Upstream;
let next: Upstream;
let wildcard: TestCertificate;

beforeEach(async () => {
  wildcard = await makeCertificate(['*.farm.localhost']);
  [edge, upstream, next] = await Promise.all([createTestEdge({ holds: limits }), startUpstream('before'), startUpstream('after')]);
  edge.context.certificates.put(wildcard);
  edge.context.routes.put(route(host, upstream.port));
});
afterEach(async () => {
  edge.close();
  await Promise.all([upstream.close(), next.close()]);
});

const ask = (more: Partial<Parameters<typeof visit>[0]> = {}): ReturnType<typeof visit> =>
  visit({ port: edge.httpsPort, host, ca: wildcard.certificate.chainPem, ...more });
const hold = (instanceId = id): boolean => edge.context.holds.hold(instanceId, 3000, undefined);
const waiting = (): number => edge.context.holds.waiting(id);
const untilWaiting = (count: number): Promise<void> => vi.waitFor(() => expect(waiting()).toBe(count), { timeout: 5000, interval: 5 });

/** One request over HTTP/2, with a body where there is one. */
function askHttp2(session: ClientHttp2Session, body?: string): Promise<{ status: number; text: string }> {
  const stream = session.request({
    ':path': body === undefined ? '/' : '/hash',
    ':method': body === undefined ? 'GET' : 'POST',
    ':authority': host,
  });
  return new Promise((resolve, reject) => {
    let status = 0;
    let text = '';
    stream.on('response', (head) => (status = Number(head[':status'])));
    stream.on('data', (piece: Buffer) => (text += piece.toString()));
    stream.on('end', () => resolve({ status, text }));
    stream.on('error', reject);
    stream.end(body);
  });
}

test('held requests wait, over HTTP/1.1 and HTTP/2, with their bodies, and go to the application that is there afterwards', async () => {
  const session = connect(`https://127.0.0.1:${edge.httpsPort}`, { ca: wildcard.certificate.chainPem, servername: host });
  try {
    expect(hold()).toBe(true);
    const body = 'x'.repeat(300_000);
    const asked = [ask(), ask({ method: 'POST', path: '/hash', body })];
    const streams = [askHttp2(session), askHttp2(session, body)];
    await untilWaiting(4);
    edge.context.routes.put(route(host, upstream.port, { state: 'starting' }));
    edge.context.routes.put(route(host, next.port));
    edge.context.holds.release(id);
    const [one, two] = await Promise.all(asked);
    expect(one).toMatchObject({ status: 200, body: 'after' });
    expect(JSON.parse(two?.body ?? '')).toMatchObject({ size: body.length });
    const [three, four] = await Promise.all(streams);
    expect(three).toEqual({ status: 200, text: 'after' });
    expect(JSON.parse(four?.text ?? '')).toMatchObject({ size: body.length });
    expect(upstream.open()).toBe(0);
  } finally {
    session.close();
  }
});

test('where only writes are held reads go on, over HTTP/1.1 and HTTP/2, and a WebSocket waits', async () => {
  const session = connect(`https://127.0.0.1:${edge.httpsPort}`, { ca: wildcard.certificate.chainPem, servername: host });
  try {
    edge.context.holds.hold(id, 3000, undefined, { only: 'writes' });
    const writes = [ask({ method: 'POST', path: '/hash', body: 'x' }), askHttp2(session, 'x')];
    await untilWaiting(2);
    expect(await ask()).toMatchObject({ status: 200, body: 'before' });
    expect(await askHttp2(session)).toEqual({ status: 200, text: 'before' });
    const socket = new WebSocket(`wss://127.0.0.1:${edge.httpsPort}/socket`, {
      agent: new Agent({ ca: wildcard.certificate.chainPem, servername: host }),
      headers: { host },
    });
    const opened = new Promise((done) => socket.once('open', done));
    await untilWaiting(3);
    expect(hold()).toBe(true);
    const read = ask();
    await untilWaiting(4);
    edge.context.holds.release(id);
    await opened;
    socket.terminate();
    expect((await Promise.all([...writes, read])).map(({ status }) => status)).toEqual([200, 200, 200]);
  } finally {
    session.close();
  }
});

test('one that starts keeps its visitors waiting too; a page that stands for good is shown at once, and what is let go sees it', async () => {
  hold();
  edge.context.routes.put(route(host, upstream.port, { state: 'starting' }));
  const held = ask();
  await untilWaiting(1);
  edge.context.routes.put(route(host, upstream.port, { state: 'suspended' }));
  expect(await ask()).toMatchObject({ status: 503, body: expect.stringContaining('class="suspended"') });
  edge.context.holds.release(id);
  expect(await held).toMatchObject({ status: 503, body: expect.stringContaining('class="suspended"') });
});

test('a WebSocket waits as well', async () => {
  hold();
  const socket = new WebSocket(`wss://127.0.0.1:${edge.httpsPort}/socket`, {
    agent: new Agent({ ca: wildcard.certificate.chainPem, servername: host }),
    headers: { host },
  });
  const opened = new Promise<void>((done, fail) => {
    socket.once('open', () => done());
    socket.once('error', fail);
  });
  await untilWaiting(1);
  edge.context.routes.put(route(host, next.port));
  edge.context.holds.release(id);
  await opened;
  expect(edge.context.traffic.count(id)).toMatchObject({ unanswered: 0, answering: 1 });
  const echoed = new Promise((done) => socket.once('message', (data) => done(String(data))));
  socket.send('hello');
  expect(await echoed).toBe('hello');
  socket.terminate();
  await vi.waitFor(() => expect(edge.context.traffic.count(id).answering).toBe(0));
});

test('a WebSocket over HTTP/2 too, and a stream that is reset while it waits is dropped', async () => {
  const session = connect(`https://127.0.0.1:${edge.httpsPort}`, { ca: wildcard.certificate.chainPem, servername: host });
  try {
    await new Promise((done) => session.once('remoteSettings', done));
    hold();
    const head = { ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/socket', ':authority': host, 'sec-websocket-version': '13' };
    const streams = [1, 2].map(() => session.request(head, { endStream: false }));
    for (const stream of streams) stream.on('error', () => undefined);
    await untilWaiting(2);
    streams[1]?.close();
    await untilWaiting(1);
    const status = new Promise((done) => streams[0]?.once('response', (answer) => done(answer[':status'])));
    edge.context.routes.put(route(host, next.port));
    edge.context.holds.release(id);
    expect(await status).toBe(200);
    expect(edge.context.traffic.count(id)).toMatchObject({ unanswered: 0, answering: 1 });
  } finally {
    session.destroy();
  }
});

test('who leaves while waiting is dropped: the application never hears of it', async () => {
  hold();
  const socket = await openTls(edge.httpsPort, host, wildcard.certificate.chainPem);
  socket.write(`GET / HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
  const upgrading = await openTls(edge.httpsPort, host, wildcard.certificate.chainPem);
  upgrading.write(
    `GET /socket HTTP/1.1\r\nhost: ${host}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
  );
  await untilWaiting(2);
  socket.end();
  upgrading.end();
  await untilWaiting(0);
  edge.context.holds.release(id);
  await new Promise((done) => setTimeout(done, 50));
  expect(edge.context.traffic.count(id)).toEqual({ unanswered: 0, answering: 0, writing: 0 });
});

test('more than may wait see the page of one that starts, in every way of asking', async () => {
  hold();
  const held = [1, 2, 3, 4].map(() => ask());
  await untilWaiting(4);
  expect(await ask()).toMatchObject({ status: 503, headers: { 'retry-after': '2' }, body: expect.stringContaining('class="starting"') });
  const refused = new WebSocket(`wss://127.0.0.1:${edge.httpsPort}/socket`, {
    agent: new Agent({ ca: wildcard.certificate.chainPem, servername: host }),
    headers: { host },
  });
  expect(await new Promise((done) => refused.once('unexpected-response', (_asked, answer) => done(answer.statusCode)))).toBe(503);
  refused.on('error', () => undefined);
  refused.terminate();
  edge.context.holds.release(id);
  expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(edge.notes).toContainEqual(expect.objectContaining({ event: 'page', kind: 'starting', cause: 'too-many-held' }));
});

test('what is under way is counted until it ends, whichever way it ends', async () => {
  const count = () => edge.context.traffic.count(id);
  const slow = ask({ path: '/slow', method: 'POST', body: 'x' });
  await vi.waitFor(() => expect(count()).toMatchObject({ unanswered: 1, answering: 0 }));
  const stream = ask({ path: '/stream' });
  await vi.waitFor(() => expect(count()).toMatchObject({ unanswered: 1, answering: 1 }));
  expect(count().sinceWriteMs).toBeUndefined();
  await Promise.all([slow, stream]);
  expect(count()).toMatchObject({ unanswered: 0, answering: 0, sinceWriteMs: expect.any(Number) });
  await expect(ask({ path: '/die' })).rejects.toThrow();
  expect((await ask({ path: '/die-at-once' })).status).toBe(503);
  edge.context.routes.put(route(host, 1));
  expect((await ask()).status).toBe(503);
  edge.context.routes.put(route(host, upstream.port));
  const socket = await openTls(edge.httpsPort, host, wildcard.certificate.chainPem);
  socket.write(`GET /wait HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
  await vi.waitFor(() => expect(count().unanswered).toBe(1));
  socket.destroy();
  await vi.waitFor(() => expect(count()).toMatchObject({ unanswered: 0, answering: 0 }));
});

import { connect } from 'node:http2';
import { Agent } from 'node:https';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createTestEdge, type TestEdge } from './testing/create-test-edge.ts';
import { makeCertificate, type TestCertificate } from './testing/make-certificate.ts';
import { startUpstream, type Upstream } from './testing/upstream.ts';
import { route, sendRaw } from './testing/visitor.ts';

const host = 'anna.farm.localhost';
let edge: TestEdge;
let upstream: Upstream;
let wildcard: TestCertificate;

beforeAll(async () => {
  [edge, upstream, wildcard] = await Promise.all([createTestEdge(), startUpstream('anna'), makeCertificate(['*.farm.localhost'])]);
  edge.context.certificates.put(wildcard);
  edge.context.routes.put(route(host, upstream.port));
  edge.context.routes.put(route('off.farm.localhost', upstream.port, { state: 'suspended' }));
});
afterAll(async () => {
  edge.close();
  await upstream.close();
});

function open(path = '/socket', name = host): WebSocket {
  return new WebSocket(`wss://127.0.0.1:${edge.httpsPort}${path}`, {
    agent: new Agent({ ca: wildcard.certificate.chainPem, servername: name }),
    headers: { host: name },
  });
}

const opened = (socket: WebSocket): Promise<void> =>
  new Promise((done, fail) => {
    socket.once('open', () => done());
    socket.once('error', fail);
  });
const echo = (socket: WebSocket, text: string): Promise<string> =>
  new Promise((done) => {
    socket.once('message', (data) => done(String(data)));
    socket.send(text);
  });

test('echoes, large messages too, while certificate and route change', async () => {
  const socket = open();
  await opened(socket);
  expect(await echo(socket, 'hello')).toBe('hello');
  const renewed = await makeCertificate(['*.farm.localhost'], { notAfterMs: Date.now() + 90 * 86_400_000 });
  edge.context.certificates.put(renewed);
  edge.context.certificates.remove(wildcard.certificate.certificateId);
  edge.context.routes.put(route(host, 1));
  expect(await echo(socket, 'still')).toBe('still');
  edge.context.certificates.put(wildcard);
  edge.context.certificates.remove(renewed.certificate.certificateId);
  edge.context.routes.put(route(host, upstream.port));
  const large = 'z'.repeat(3_000_000);
  expect(await echo(socket, large)).toBe(large);
  socket.close();
  expect(await new Promise((done) => socket.once('close', done))).toBe(1005);
});

test('the application’s own refusal reaches the visitor; pages stand for what is not here', async () => {
  await expect(opened(open('/elsewhere'))).rejects.toThrow('401');
  await expect(opened(open('/socket', 'nemo.farm.localhost'))).rejects.toThrow('404');
  await expect(opened(open('/socket', 'off.farm.localhost'))).rejects.toThrow('503');
});

test('an upgrade with a body is refused', async () => {
  const text = `GET /socket HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n\r\nhello`;
  const answer = await sendRaw(edge.httpsPort, host, wildcard.certificate.chainPem, text);
  expect(answer.text).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer.isOpen).toBe(false);
});

test('over HTTP/2 by extended CONNECT', async () => {
  const session = connect(`https://127.0.0.1:${edge.httpsPort}`, { ca: wildcard.certificate.chainPem, servername: host });
  await new Promise((done) => session.once('remoteSettings', done));
  expect(session.remoteSettings.enableConnectProtocol).toBe(true);
  const stream = session.request(
    { ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/socket', ':authority': host, 'sec-websocket-version': '13' },
    { endStream: false },
  );
  const status = await new Promise((done, fail) => {
    stream.once('response', (head) => done(head[':status']));
    stream.once('error', fail);
  });
  expect(status).toBe(200);
  // One masked text frame with "hi" (RFC 6455 §5.2); the echo comes unmasked.
  stream.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]));
  const frame = await new Promise<Buffer>((done) => stream.once('data', done));
  expect([...frame]).toEqual([0x81, 0x02, 0x68, 0x69]);
  stream.close();
  const refused = session.request({ ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/no', ':authority': host });
  expect(await new Promise((done) => refused.once('response', (head) => done(head[':status'])))).toBe(401);
  refused.close();
  session.close();
});

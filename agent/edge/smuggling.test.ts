import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestEdge, type TestEdge } from './testing/create-test-edge.ts';
import { makeCertificate, type TestCertificate } from './testing/make-certificate.ts';
import { startUpstream, type Upstream } from './testing/upstream.ts';
import { openTls, route, sendRaw } from './testing/visitor.ts';

const host = 'anna.farm.localhost';
let edge: TestEdge;
let upstream: Upstream;
let wildcard: TestCertificate;

beforeAll(async () => {
  [edge, upstream, wildcard] = await Promise.all([
    createTestEdge({ headMs: 1000 }),
    startUpstream('anna'),
    makeCertificate(['*.farm.localhost']),
  ]);
  edge.context.certificates.put(wildcard);
  edge.context.routes.put(route(host, upstream.port));
});
afterAll(async () => {
  edge.close();
  await upstream.close();
});

const send = (text: string, waitMs?: number): ReturnType<typeof sendRaw> =>
  sendRaw(edge.httpsPort, host, wildcard.certificate.chainPem, text, waitMs);

const after = 'GET /smuggled HTTP/1.1\r\nHost: anna.farm.localhost\r\n\r\n';
const post = (fields: string, body: string): string => `POST /hash HTTP/1.1\r\nHost: ${host}\r\n${fields}\r\n\r\n${body}${after}`;

test.each([
  ['both lengths', post('Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n')],
  ['both lengths, the other way round', post('Transfer-Encoding: chunked\r\nContent-Length: 5', '0\r\n\r\n')],
  ['two lengths', post('Content-Length: 5\r\nContent-Length: 6', 'hello')],
  ['the same length twice', post('Content-Length: 5\r\nContent-Length: 5', 'hello')],
  ['a list of lengths', post('Content-Length: 5, 5', 'hello')],
  ['a signed length', post('Content-Length: +5', 'hello')],
  ['a negative length', post('Content-Length: -5', 'hello')],
  ['a hexadecimal length', post('Content-Length: 0x5', 'hello')],
  ['an empty length', post('Content-Length:', '')],
  ['space before the colon', post('Content-Length : 5', 'hello')],
  ['an encoding nobody knows', post('Transfer-Encoding: xchunked', '0\r\n\r\n')],
  ['identity', post('Transfer-Encoding: identity', '')],
  ['chunked, but not last', post('Transfer-Encoding: chunked, identity', '0\r\n\r\n')],
  ['chunked after something else', post('Transfer-Encoding: gzip, chunked', '0\r\n\r\n')],
  ['chunked twice', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', '0\r\n\r\n')],
  ['a tab in the encoding', post('Transfer-Encoding:\x0bchunked', '0\r\n\r\n')],
  ['chunked in HTTP/1.0', `POST / HTTP/1.0\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${after}`],
  ['a folded field', `GET / HTTP/1.1\r\nHost: ${host}\r\nX: a\r\n b\r\n\r\n${after}`],
  ['line feeds alone', `GET / HTTP/1.1\nHost: ${host}\n\n${after}`],
  ['a zero byte', `GET / HTTP/1.1\r\nHost: ${host}\r\nX: a\0b\r\n\r\n${after}`],
  ['two hosts', `GET / HTTP/1.1\r\nHost: ${host}\r\nHost: other\r\n\r\n${after}`],
  ['no host', `GET / HTTP/1.1\r\n\r\n${after}`],
  ['another host in the target', `GET http://evil.example/ HTTP/1.1\r\nHost: ${host}\r\n\r\n${after}`],
  ['no path', `GET nothing HTTP/1.1\r\nHost: ${host}\r\n\r\n${after}`],
  ['something that is not HTTP', `\x16\x03\x01\x02\r\n\r\n${after}`],
])('%s: one answer 400, and the connection ends', async (_name, text) => {
  const asked = upstream.open();
  const answer = await send(text);
  expect(answer.isOpen).toBe(false);
  expect(answer.text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  expect(answer.text.toLowerCase()).toContain('connection: close');
  expect(answer.text.split('HTTP/1.1 ')).toHaveLength(2);
  expect(upstream.open()).toBe(asked);
});

test.each([
  ['a size that is no number', 'zz\r\nhello\r\n0\r\n\r\n'],
  ['a line feed alone after the size', '1\na\r\n0\r\n\r\n'],
  ['more than its size', '1\r\nab\r\n0\r\n\r\n'],
  ['a size beyond all numbers', 'fffffffffffffffff\r\na\r\n0\r\n\r\n'],
])('a bad chunk (%s) never reaches a second request', async (_name, body) => {
  const answer = await send(post('Transfer-Encoding: chunked', body));
  expect(answer.isOpen).toBe(false);
  expect(answer.text.match(/HTTP\/1\.1 200/g)).toBeNull();
});

test('a target with its own host is understood when it is the same', async () => {
  const answer = await send(`GET https://${host}/x HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  expect(answer.text).toMatch(/^HTTP\/1\.1 200 /);
});

test('a head that is too long gets 431', async () => {
  expect((await send(`GET / HTTP/1.1\r\nHost: ${host}\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`)).text).toMatch(/^HTTP\/1\.1 431 /);
});

test('a head that comes drop by drop does not hold a connection for ever', async () => {
  const socket = await openTls(edge.httpsPort, host, wildcard.certificate.chainPem);
  let got = '';
  socket.on('data', (chunk: Buffer) => {
    got += chunk.toString();
  });
  socket.on('error', () => undefined);
  const closed = new Promise((done) => socket.once('close', done));
  socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n`);
  const drip = setInterval(() => socket.writable && socket.write('X: y\r\n'), 100);
  await closed;
  clearInterval(drip);
  expect(got).toMatch(/^HTTP\/1\.1 408 /);
});

test('CONNECT and foreign upgrades lead nowhere', async () => {
  expect((await send(`CONNECT ${host}:22 HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).text).toMatch(/^HTTP\/1\.1 405 /);
  const upgraded = await send(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n`);
  expect(upgraded.text).toMatch(/^HTTP\/1\.1 200 /);
});

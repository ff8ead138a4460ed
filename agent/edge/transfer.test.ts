import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:https';
import { connect } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createTestEdge, type TestEdge } from './testing/create-test-edge.ts';
import { makeCertificate, type TestCertificate } from './testing/make-certificate.ts';
import { startUpstream, type Upstream } from './testing/upstream.ts';
import { openTls, route, visit } from './testing/visitor.ts';

const host = 'anna.farm.localhost';
let edge: TestEdge;
let upstream: Upstream;
let wildcard: TestCertificate;

beforeAll(async () => {
  [edge, upstream, wildcard] = await Promise.all([
    createTestEdge({ paceMs: 60 }),
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

const ask = (path: string, more: Partial<Parameters<typeof visit>[0]> = {}): ReturnType<typeof visit> =>
  visit({ port: edge.httpsPort, host, ca: wildcard.certificate.chainPem, path, ...more });

test('a large upload arrives whole', async () => {
  const body = randomBytes(24 * 1024 * 1024);
  const { body: said } = await ask('/hash', { method: 'POST', body });
  expect(JSON.parse(said)).toEqual({ size: body.length, sha256: createHash('sha256').update(body).digest('hex') });
});

test('a large download goes at the visitor’s pace, without a heap of it here', async () => {
  const before = process.memoryUsage().arrayBuffers;
  let held = 0;
  const size = await new Promise<number>((resolve, reject) => {
    const asked = request({
      host: '127.0.0.1',
      port: edge.httpsPort,
      path: '/large',
      servername: host,
      ca: wildcard.certificate.chainPem,
      headers: { host },
      agent: false,
    });
    asked.on('response', (response) => {
      let got = 0;
      response.pause();
      setTimeout(() => {
        held = process.memoryUsage().arrayBuffers - before;
        response.on('data', (chunk: Buffer) => {
          got += chunk.length;
        });
        response.resume();
      }, 100);
      response.on('end', () => resolve(got));
    });
    asked.on('error', reject);
    asked.end();
  });
  expect(size).toBe(32 * 1024 * 1024);
  expect(held).toBeLessThan(20 * 1024 * 1024);
});

test('an answer that the upstream does not finish is seen to be cut, never taken for whole', async () => {
  await expect(ask('/die')).rejects.toThrow(/aborted|hang up|ECONNRESET/);
  await expect(ask('/die-chunked')).rejects.toThrow(/aborted|hang up|ECONNRESET/);
});

test('an upstream that ends before its answer gets a page', async () => {
  const answer = await ask('/die-at-once');
  expect(answer.status).toBe(503);
  expect(edge.notes.at(-1)).toMatchObject({ kind: 'broken', cause: 'closed' });
  expect((await ask('/die-at-once', { method: 'POST', body: 'once' })).status).toBe(503);
});

test('a slow answer is waited for, and a stream begins before it ends', async () => {
  expect((await ask('/slow')).body).toBe('late');
  const socket = await openTls(edge.httpsPort, host, wildcard.certificate.chainPem);
  let got = '';
  const first = new Promise<void>((done) =>
    socket.on('data', (chunk: Buffer) => {
      got += chunk.toString();
      if (got.includes('one')) done();
    }),
  );
  socket.write(`GET /stream HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  await first;
  expect(got).not.toContain('two');
  await vi.waitFor(() => expect(got).toContain('two'));
  socket.destroy();
});

test('a visitor who leaves takes the request at the upstream along', async () => {
  const { left } = upstream;
  const before = left();
  const socket = await openTls(edge.httpsPort, host, wildcard.certificate.chainPem);
  socket.write(`GET /wait HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  await vi.waitFor(() => expect(upstream.open()).toBe(1));
  socket.destroy();
  await vi.waitFor(() => expect(left()).toBe(before + 1));
  const session = connect(`https://127.0.0.1:${edge.httpsPort}`, { ca: wildcard.certificate.chainPem, servername: host });
  const stream = session.request({ ':path': '/wait', ':authority': host });
  stream.on('error', () => undefined);
  await vi.waitFor(() => expect(upstream.open()).toBe(1));
  stream.close();
  await vi.waitFor(() => expect(left()).toBe(before + 2));
  session.close();
  expect((await ask('/')).body).toBe('anna');
});

test('an upload that stands still is given up; one that moves is not', async () => {
  const socket = await openTls(edge.httpsPort, host, wildcard.certificate.chainPem);
  socket.on('error', () => undefined);
  const closed = new Promise<string>((done) => socket.once('close', () => done('closed')));
  socket.write(`POST /hash HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 100000\r\n\r\nabc`);
  expect(await Promise.race([closed, delay(3000, 'open')])).toBe('closed');

  const moving = await openTls(edge.httpsPort, host, wildcard.certificate.chainPem);
  let got = '';
  moving.on('data', (chunk: Buffer) => {
    got += chunk.toString();
  });
  moving.write(`POST /hash HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 40000\r\nConnection: close\r\n\r\n`);
  for (let piece = 0; piece < 20; piece++) {
    moving.write('x'.repeat(2000));
    await delay(25);
  }
  await vi.waitFor(() => expect(got).toContain('"size":40000'));
});

test('an upload that waits for its answer, or is answered before its end, while all bodies are looked at: nothing ends that should go on', async () => {
  const body = randomBytes(300_000);
  const waiting = Array.from({ length: 8 }, () => ask('/slow', { method: 'POST', body }));
  const early = Array.from({ length: 8 }, () => ask('/', { method: 'POST', body }));
  for (const { status, body: said } of await Promise.all(waiting)) expect([status, said]).toEqual([200, 'late']);
  for (const { status, body: said } of await Promise.all(early)) expect([status, said]).toEqual([200, 'anna']);
});

test('routes may change while requests run', async () => {
  const other = await startUpstream('bert');
  const slow = ask('/slow');
  await delay(50);
  edge.context.routes.put(route(host, other.port));
  expect((await ask('/')).body).toBe('bert');
  expect((await slow).body).toBe('late');
  edge.context.routes.put(route(host, upstream.port));
  await other.close();
});

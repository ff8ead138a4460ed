import { type ClientHttp2Session, type ClientHttp2Stream, connect as connect2 } from 'node:http2';
import { connect as connectPlain } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, test } from 'vitest';
import { fieldOf } from './testing/both-ways.ts';
import { createScene, families, host, type Scene, ways } from './testing/scene.ts';
import type { Heard } from './testing/scripted-upstream.ts';
import { usualUpstreamLimits } from './upstream/limits.ts';

const good = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood';
const few = { ...usualUpstreamLimits, connections: 16, waiting: 8, waitingPerAddress: 4, busyAfterMs: 600, slowAfterMs: 300, lookMs: 50 };

let scene: Scene;
const sockets: TLSSocket[] = [];
const sessions: ClientHttp2Session[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const session of sessions.splice(0)) session.destroy();
  await scene.close();
});

const piece = Buffer.alloc(65_536, 7);
/** An application: `/stream` goes on for ever, `/large` is 32 MiB, `/wait` gives no answer, `/socket` is a WebSocket, all else is answered at once. */
function answer({ socket, line }: Heard): void {
  const path = line.split(' ')[1];
  if (path === '/wait') return;
  if (path === '/stream') socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: one\n\n');
  else if (path === '/socket') socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\r\n');
  else if (path === '/large') {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 33554432\r\n\r\n');
    let left = 512;
    const more = (): void => {
      while (left > 0 && socket.write(piece)) left -= 1;
      if (left > 0) socket.once('drain', more);
    };
    more();
  } else socket.write(good);
}

/** Buffers that are held and not only not yet swept: upstream, edge and visitor together, all of this process. */
async function heldNow(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // What a first round lets go of is counted out by the second.
  for (let round = 0; round < 3; round++) {
    collect();
    await delay(20);
  }
  return process.memoryUsage().arrayBuffers;
}

/** A connection that asks for something and then does nothing any more; `from`: the visitor's own address. */
function sit(bytes: string, from = scene.address): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      socket: connectPlain({ host: scene.address, port: scene.edge.httpsPort, localAddress: from }),
      servername: host,
      ca: scene.wildcard.certificate.chainPem,
      ALPNProtocols: ['http/1.1'],
    });
    sockets.push(socket);
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      socket.off('error', reject);
      socket.on('error', () => undefined);
      socket.write(bytes);
      resolve(socket);
    });
  });
}
/** 256 requests over two connections. */
function sitOnStreams(method: string, path: string): ClientHttp2Stream[] {
  const name = scene.address.includes(':') ? `[${scene.address}]` : scene.address;
  return Array.from({ length: 2 }, () => {
    const session = connect2(`https://${name}:${scene.edge.httpsPort}`, { ca: scene.wildcard.certificate.chainPem, servername: host });
    session.on('error', () => undefined);
    sessions.push(session);
    return Array.from({ length: 128 }, () => {
      const length = method === 'POST' ? { 'content-length': '4000000' } : {};
      const stream = session.request({ ':method': method, ':path': path, ':authority': host, ...length }, { endStream: method === 'GET' });
      stream.on('error', () => undefined);
      return stream;
    });
  }).flat();
}
const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
const slowUpload = `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 4000000\r\n\r\nfirst`;
const upgrade = `GET /socket HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n`;

async function sitMany(count: number, bytes: string, from?: string): Promise<TLSSocket[]> {
  const all: TLSSocket[] = [];
  for (let at = 0; at < count; at += 32)
    all.push(...(await Promise.all(Array.from({ length: Math.min(32, count - at) }, () => sit(bytes, from)))));
  return all;
}
const closed = (some: readonly TLSSocket[]): number => some.filter((socket) => socket.destroyed || socket.readableEnded).length;

describe.each(families)('one visitor over $family', ({ address }) => {
  test('256 slow uploads, 256 event streams and 256 downloads that nobody reads: everybody else is answered', {
    timeout: 60_000,
  }, async () => {
    scene = await createScene(address);
    const upstream = await scene.behind(host, answer);
    const uploads = sitOnStreams('POST', '/');
    const streams = sitOnStreams('GET', '/stream');
    const downloads = sitOnStreams('GET', '/large');
    for (const stream of streams) stream.resume();
    const drip = setInterval(() => {
      for (const stream of uploads) if (stream.writable) stream.write('x'.repeat(72));
    }, 1000);
    await expect.poll(upstream.open, { timeout: 60_000 }).toBe(512);
    for (let round = 0; round < 10; round++) {
      for (const way of ways) {
        expect(await scene.way[way].ask({ waitMs: 20_000 })).toMatchObject({ status: 200, body: 'good' });
        expect(await scene.way[way].ask({ body: 'small', waitMs: 20_000 })).toMatchObject({ status: 200, body: 'good' });
      }
    }
    clearInterval(drip);
    expect([...uploads, ...streams, ...downloads].filter((stream) => stream.destroyed)).toEqual([]);
    // The uploads take nothing from the application before they are worth it.
    expect(upstream.heard.filter(({ line, body }) => line.startsWith('POST') && body !== 'small')).toEqual([]);
  });

  test('an upload that comes drop by drop takes no connection to the application, and little memory', async () => {
    scene = await createScene(address);
    const upstream = await scene.behind(host, answer);
    await sitMany(20, slowUpload);
    await delay(300);
    expect(upstream.connections()).toBe(0);
    for (const socket of sockets) socket.write(Buffer.alloc(70_000));
    await expect.poll(upstream.connections).toBe(20);
  });

  test('downloads that nobody reads hold less than 256 KiB each', { timeout: 60_000 }, async () => {
    scene = await createScene(address);
    await scene.behind(host, answer);
    await scene.way['HTTP/1.1'].ask();
    const before = await heldNow();
    for (const socket of await sitMany(24, get('/large'))) socket.pause();
    // While the last pieces are still on their way more may be held for a moment: what stays held is what has the bound.
    await delay(500);
    await expect.poll(async () => ((await heldNow()) - before) / 24, { timeout: 15_000, interval: 500 }).toBeLessThan(256 * 1024);
  });

  test('more event streams than there are connections: the oldest make way, and the application never sees more', async () => {
    scene = await createScene(address, { upstream: few });
    const upstream = await scene.behind(host, answer);
    const streams = await sitMany(16, get('/stream'));
    for (const socket of streams) socket.resume();
    await expect.poll(upstream.open).toBe(16);
    await delay(400);
    for (let round = 0; round < 3; round++) expect(await scene.way['HTTP/2'].ask()).toMatchObject({ status: 200, body: 'good' });
    expect(closed(streams)).toBe(1);
    for (const socket of await sitMany(40, get('/stream'))) socket.resume();
    await delay(1000);
    expect(await scene.way['HTTP/1.1'].ask()).toMatchObject({ status: 200, body: 'good' });
    expect(upstream.open()).toBeLessThanOrEqual(18);
    expect(scene.edge.notes.filter(({ event, cause }) => event === 'cut' && cause === 'made-way').length).toBeGreaterThan(10);
  });

  test('when nobody has to make way: a page that says busy, after a moment, and at once when too many wait', async () => {
    scene = await createScene(address, { upstream: { ...few, slowAfterMs: 60_000 } });
    const upstream = await scene.behind(host, answer);
    await sitMany(16, get('/wait'));
    await expect.poll(upstream.open).toBe(16);
    const askedMs = performance.now();
    const four = Array.from({ length: 4 }, () => scene.way['HTTP/2'].ask());
    await delay(100);
    const fifth = await scene.way['HTTP/2'].ask();
    expect(performance.now() - askedMs).toBeLessThan(550);
    for (const got of [fifth, ...(await Promise.all(four))]) {
      expect(got).toMatchObject({ status: 503, end: 'whole' });
      expect(got.body).toContain('Very busy');
      expect(fieldOf(got.fields, 'retry-after')).toEqual(['5']);
    }
    expect(performance.now() - askedMs).toBeGreaterThan(590);
    expect(upstream.connections()).toBe(16);
    // One that ends lets the next one in.
    const next = scene.way['HTTP/2'].ask();
    await delay(50);
    sockets[0]?.destroy();
    expect(await next).toMatchObject({ status: 200, body: 'good' });
  });

  test('uploads that wait have an end in number: the oldest make way', async () => {
    scene = await createScene(address, { upstream: few, uploads: 8 });
    await scene.behind(host, answer);
    const uploads = await sitMany(8, slowUpload);
    await delay(400);
    expect(await scene.way['HTTP/2'].ask({ body: 'small' })).toMatchObject({ status: 200, body: 'good' });
    await expect.poll(() => scene.edge.notes.filter(({ kind, cause }) => kind === 'busy' && cause === 'made-way').length).toBe(1);
    expect(closed(uploads)).toBe(0);
  });

  test('WebSockets have an end in number: the oldest make way', async () => {
    scene = await createScene(address, { upstream: { ...few, webSockets: 8 } });
    const upstream = await scene.behind(host, answer);
    const some = await sitMany(8, upgrade);
    for (const socket of some) socket.resume();
    await expect.poll(upstream.open).toBe(8);
    await delay(400);
    const one = await sit(upgrade);
    const first = await new Promise<Buffer>((done) => one.once('data', done));
    expect(first.toString()).toMatch(/^HTTP\/1\.1 101 /);
    await expect.poll(() => closed(some)).toBe(1);
    expect(upstream.open()).toBe(8);
  });

  test('connections of one visitor have an end in number', async () => {
    scene = await createScene(address, { connectionsPerVisitor: 8 });
    await scene.behind(host, answer);
    await sitMany(8, '');
    await expect(sit(get('/'))).rejects.toThrow();
    sockets[0]?.destroy();
    await expect.poll(async () => (await scene.way['HTTP/1.1'].ask()).status).toBe(200);
  });
});

test('whoever has little is served while another has all: two addresses', async () => {
  scene = await createScene('127.0.0.1', { upstream: few });
  const upstream = await scene.behind(host, answer);
  const mine = await sitMany(3, get('/stream'), '127.0.0.2');
  const greedy = await sitMany(13, get('/stream'), '127.0.0.3');
  for (const socket of [...mine, ...greedy]) socket.resume();
  await expect.poll(upstream.open).toBe(16);
  await delay(400);
  for (const socket of await sitMany(20, get('/stream'), '127.0.0.3')) socket.resume();
  await delay(1000);
  expect(closed(mine)).toBe(0);
  const one = await sit(get('/'), '127.0.0.2');
  expect((await new Promise<Buffer>((done) => one.once('data', done))).toString()).toMatch(/^HTTP\/1\.1 200 /);
});

import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createScene, families, host, type Scene } from './testing/scene.ts';
import { always } from './testing/scripted-upstream.ts';

const good = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood';
const behind = `POST /behind HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 4\r\n\r\nevil`;

/** Refused means refused: what came behind a 400 on the same connection is not carried out, however it was packed. */
describe.each(families)('refused over $family', ({ address }) => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await createScene(address);
  });
  afterAll(() => scene.close());

  const refusals: readonly (readonly [string, string])[] = [
    ['two hosts', `GET / HTTP/1.1\r\nHost: ${host}\r\nHost: other\r\n\r\n`],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['another host in the target', `GET http://other/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
    ['a target that is none', `GET nothing HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
    ['* with GET', `GET * HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
    ['the same length twice', `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok`],
    ['both lengths', `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['an unknown coding', `POST / HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['a body in an upgrade', `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\nok`],
    ['an upgrade to nowhere', `GET nothing HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`],
    ['CONNECT', `CONNECT other:22 HTTP/1.1\r\nHost: other:22\r\n\r\n`],
    ['no HTTP at all', 'nonsense\r\n\r\n'],
  ];

  test.each(refusals)('behind %s nothing is carried out', async (_name, refused) => {
    const upstream = await scene.behind(host, always(good));
    for (const bytes of [refused + behind, refused + behind + behind]) {
      const { text, isOpen } = await scene.raw(bytes);
      expect(text).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
      expect(isOpen).toBe(false);
    }
    // In pieces: what comes after the refusal has gone out.
    const socket = await scene.tls();
    socket.on('error', () => undefined);
    socket.resume();
    const closed = new Promise((done) => socket.once('close', done));
    socket.write(refused);
    const timer = setInterval(() => socket.writable && socket.write(behind), 5);
    await closed;
    clearInterval(timer);
    expect(upstream.heard).toEqual([]);
  });

  test('what came before a refusal is still answered, and only that', async () => {
    const upstream = await scene.behind(host, always(good));
    const { text } = await scene.raw(`GET /before HTTP/1.1\r\nHost: ${host}\r\n\r\nGET * HTTP/1.1\r\nHost: ${host}\r\n\r\n${behind}`);
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
    expect(upstream.heard.map(({ line }) => line)).toEqual(['GET /before HTTP/1.1']);
  });

  test.each([
    ['Connection: close', `GET /last HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`],
    ['HTTP/1.0', `GET /last HTTP/1.0\r\nHost: ${host}\r\n\r\n`],
  ])('behind a request that says it is the last (%s) nothing is carried out', async (_name, last) => {
    const upstream = await scene.behind(host, always(good));
    const { text } = await scene.raw(last + behind);
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200']);
    expect(upstream.heard.map(({ line }) => line.split(' ')[1])).toEqual(['/last']);
  });

  test('on the plain port, too', async () => {
    await scene.behind(host, always(good));
    const socket = connect(scene.edge.httpPort, address);
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    const closed = new Promise((done) => socket.once('close', done));
    socket.write(`GET nothing HTTP/1.1\r\nHost: ${host}\r\n\r\nGET /behind HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await closed;
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).not.toContain('/behind');
  });
});

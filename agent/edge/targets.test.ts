import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createScene, families, host, type Scene } from './testing/scene.ts';
import { always } from './testing/scripted-upstream.ts';

const good = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood';

describe.each(families)('targets over $family', ({ address }) => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await createScene(address);
  });
  afterAll(() => scene.close());

  test.each([
    ['GET', `http://${host}/a?b=c`, host, 'GET /a?b=c HTTP/1.1'],
    ['GET', `https://${host}/a`, host, 'GET /a HTTP/1.1'],
    ['GET', `https://${host}`, host, 'GET / HTTP/1.1'],
    ['GET', `https://${host}?b=c`, host, 'GET /?b=c HTTP/1.1'],
    ['GET', `HTTPS://${host.toUpperCase()}/a`, host, 'GET /a HTTP/1.1'],
    ['GET', `https://${host}:443/a`, host, 'GET /a HTTP/1.1'],
    ['GET', `http://${host}:80/a`, host, 'GET /a HTTP/1.1'],
    ['GET', `https://${host}:8443/a`, `${host}:8443`, 'GET /a HTTP/1.1'],
    ['OPTIONS', '*', host, 'OPTIONS * HTTP/1.1'],
    ['OPTIONS', `https://${host}`, host, 'OPTIONS * HTTP/1.1'],
    ['OPTIONS', `https://${host}/`, host, 'OPTIONS / HTTP/1.1'],
    ['GET', '//other/a', host, 'GET //other/a HTTP/1.1'],
  ])('%s %s reaches the application in the form for it', async (method, target, name, line) => {
    const upstream = await scene.behind(host, always(good));
    const { text } = await scene.raw(`${method} ${target} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(upstream.heard.map((one) => one.line)).toEqual([line]);
  });

  test.each([
    ['GET', '*', host],
    ['GET', 'https://other.farm.localhost/', host],
    ['GET', `https://${host}@other/`, host],
    ['GET', `ftp://${host}/`, host],
    ['GET', `https://${host}:8443/a`, host],
  ])('%s %s is refused', async (method, target, name) => {
    const upstream = await scene.behind(host, always(good));
    const { text } = await scene.raw(`${method} ${target} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(upstream.heard).toEqual([]);
  });

  test('OPTIONS * over HTTP/2', async () => {
    const upstream = await scene.behind(host, always(good));
    expect(await scene.way['HTTP/2'].ask({ method: 'OPTIONS', path: '*' })).toMatchObject({ status: 200, body: 'good' });
    expect(upstream.heard.map((one) => one.line)).toEqual(['OPTIONS * HTTP/1.1']);
    // nghttp2 resets what RFC 9113 §8.3.1 forbids
    expect(await scene.way['HTTP/2'].ask({ path: '*' })).toMatchObject({ end: 'none' });
  });

  test.each([[['http/1.0']], [['http/1.0', 'http/1.1']], [['http/1.1']], [[]]])('a client that offers ALPN %j is served', async (alpn) => {
    await scene.behind(host, always(good));
    const socket = await scene.tls({ alpn });
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    const closed = new Promise((done) => socket.once('close', done));
    socket.write(`GET / HTTP/1.0\r\nHost: ${host}\r\n\r\n`);
    await closed;
    expect(text).toMatch(/^HTTP\/1\.1 200 [\s\S]*good$/);
  });
});

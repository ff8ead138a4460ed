import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readFastRequest } from './fast-request.ts';
import { createScene, host, type Scene } from './testing/scene.ts';
import { always, valuesOf } from './testing/scripted-upstream.ts';

const start = `GET /a?b=c HTTP/1.1\r\nHost: ${host}\r\n`;

test('reads a fetch: what passes in the order in which it came, what one connection or we ourselves say left out', () => {
  const fields = 'A: 1\r\nConnection: Keep-Alive\r\nX-Forwarded-For: 1.2.3.4\r\nCookie: a=b\r\nB:\t2 \r\n';
  expect(readFastRequest(`${start}${fields}\r\n`)).toEqual({
    method: 'GET',
    path: '/a?b=c',
    host,
    fields: 'A: 1\r\nCookie: a=b\r\nB:\t2 \r\n',
  });
  expect(readFastRequest(`HEAD / HTTP/1.1\r\nx: y\r\nhOsT:${host}\t\r\n\r\n`)).toEqual({
    method: 'HEAD',
    path: '/',
    host,
    fields: 'x: y\r\n',
  });
});

test.each([
  ['half a head', start],
  ['more behind it', `${start}\r\nG`],
  ['two requests', `${start}\r\n${start}\r\n`],
  ['another method', `POST / HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
  ['a small method', `get / HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
  ['HTTP/1.0', `GET / HTTP/1.0\r\nHost: ${host}\r\n\r\n`],
  ['no version', `GET /\r\nHost: ${host}\r\n\r\n`],
  ['a space in the target', `GET /a b HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
  ['a fragment', `GET /a#b HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
  ['a target in absolute form', `GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
  ['a target in UTF-8', `GET /\xc3\xbc HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
  ['no field', 'GET / HTTP/1.1\r\n\r\n'],
  ['no host', 'GET / HTTP/1.1\r\nA: b\r\n\r\n'],
  ['an empty host', 'GET / HTTP/1.1\r\nHost: \r\n\r\n'],
  ['a host outside ASCII', `GET / HTTP/1.1\r\nHost: ${host}\xa0\r\n\r\n`],
  ['two hosts', `${start}Host: ${host}\r\n\r\n`],
  ['a length', `${start}Content-Length: 0\r\n\r\n`],
  ['a coding', `${start}Transfer-Encoding: chunked\r\n\r\n`],
  ['the end of the connection', `${start}Connection: close\r\n\r\n`],
  ['a field named by Connection', `${start}Connection: keep-alive, a\r\n\r\n`],
  ['an upgrade', `${start}Upgrade: websocket\r\n\r\n`],
  ['an expectation', `${start}expect: 100-continue\r\n\r\n`],
  ['trailers', `${start}TE: trailers\r\n\r\n`],
  ['a folded field', `${start}A: b\r\n c: d\r\n\r\n`],
  ['a space before the colon', `${start}A : b\r\n\r\n`],
  ['a field without a name', `${start}: b\r\n\r\n`],
  ['a field without a colon', `${start}A\r\nb: c\r\n\r\n`],
  ['a name that is no token', `${start}A(b): c\r\n\r\n`],
  ['a line feed alone', `${start}A: b\nC: d\r\n\r\n`],
  ['a carriage return alone', `${start}A: b\rC: d\r\n\r\n`],
  ['NUL', `${start}A: b\0\r\n\r\n`],
])('leaves %s to the parser that knows all', (_name, text) => {
  expect(readFastRequest(text)).toBeUndefined();
});

describe('a connection', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await createScene('127.0.0.1', { headMs: 1000 });
  });
  afterAll(() => scene.close());
  const good = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood';
  const ask = (method: string, more: string): string => `${method} /a HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\n${more}\r\n`;
  const withoutDate = (text: string): string =>
    text.replace(/Date: [A-Z][^\r]+ GMT\r\n/, 'Date: now\r\n').replace(/[A-Z0-9]{4}-[A-Z0-9]{4}/g, '');

  /** All that comes until the connection ends or is quiet. */
  const answerTo = async (bytes: string): Promise<{ readonly text: string; readonly isOpen: boolean }> => {
    const socket = await scene.tls();
    socket.on('error', () => undefined);
    let text = '';
    let heardMs = 0;
    socket.on('data', (piece: Buffer) => {
      text += piece.toString('latin1');
      heardMs = performance.now();
    });
    socket.write(bytes, 'latin1');
    await expect
      .poll(() => socket.closed || (heardMs > 0 && performance.now() - heardMs > 100), { interval: 10, timeout: 10_000 })
      .toBe(true);
    const isOpen = !socket.closed;
    socket.destroy();
    return { text, isOpen };
  };

  test.each([
    ['a short body', good],
    ['a long one', `HTTP/1.1 200 OK\r\ncontent-length: 20000\r\n\r\n${'a'.repeat(20_000)}`],
    ['a chunked one', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n'],
    ['trailers', 'HTTP/1.1 200 OK\r\ntrailer: x-sum\r\ntransfer-encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\nx-sum: 1\r\n\r\n'],
    ['an empty chunked body', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a date of its own', 'HTTP/1.1 200 OK\r\nDATE: Mon, 01 Jan 2024 00:00:00 GMT\r\ncontent-length: 0\r\n\r\n'],
    ['no reason, odd status, two cookies', 'HTTP/1.1 299\r\nset-cookie: a=1; Domain=b\r\nset-cookie: b=2\r\ncontent-length: 0\r\n\r\n'],
    ['a reason in Latin-1', 'HTTP/1.1 404 Sch\xf6n\r\ncontent-length: 4\r\n\r\n\xf6\xf6\xf6\xf6'],
    ['204', 'HTTP/1.1 204 No Content\r\nx-a: b\r\n\r\n'],
    ['205 with a body', 'HTTP/1.1 205 Reset\r\ncontent-length: 4\r\n\r\ngood'],
    ['304 with a length', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 1234\r\n\r\n'],
    ['an early hint', `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${good}`],
    ['what is no answer', 'HTTP/9 200 OK\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\ngood'],
    ['a body cut off', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\ngood'],
  ])('gives byte for byte what the long way gives: %s', async (name, answer) => {
    await scene.behind(host, ({ socket, head }) => {
      const isHead = head.startsWith('HEAD');
      const end = answer.indexOf('\r\n\r\n') + 4;
      socket.write(isHead ? answer.slice(0, end) : answer, 'latin1');
      if (name === 'a body cut off') setTimeout(() => socket.end(), 50);
    });
    for (const method of ['GET', 'HEAD']) {
      if (method === 'HEAD' && name === 'an early hint') continue;
      const short = await answerTo(ask(method, ''));
      const long = await answerTo(ask(method, 'TE: deflate\r\n'));
      expect(short.text).not.toBe('');
      expect(withoutDate(short.text)).toBe(withoutDate(long.text));
      expect(short.isOpen).toBe(long.isOpen);
    }
  });

  test('tells the application the same as the long way', async () => {
    const upstream = await scene.behind(host, always(good));
    await answerTo(ask('GET', 'Cookie: a=b\r\nForwarded: for=evil\r\n'));
    await answerTo(ask('GET', 'Cookie: a=b\r\nForwarded: for=evil\r\nTE: deflate\r\n'));
    expect(upstream.heard[0]?.head).toBe(upstream.heard[1]?.head);
    expect(valuesOf(upstream.heard[0]?.head ?? '', 'forwarded')).toEqual([`for=127.0.0.1;host=${host};proto=https`]);
  });

  test('answers what is sent behind a fetch, in order, whatever it is', async () => {
    const upstream = await scene.behind(host, ({ socket, line }) => {
      setTimeout(() => socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${line.length}\r\n\r\n${line}`), 20);
    });
    const socket = await scene.tls();
    let got = '';
    socket.on('data', (bytes: Buffer) => (got += bytes.toString()));
    const fetch = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    socket.write(fetch('/1'));
    socket.write(fetch('/2'));
    await expect.poll(() => got).toContain('GET /2');
    socket.write(`${fetch('/3')}${fetch('/3')}${fetch('/3').slice(0, 20)}`);
    await expect.poll(() => got.match(/GET \/3/g)?.length).toBe(2);
    socket.write(fetch('/3').slice(20));
    await expect.poll(() => got.match(/GET \/3/g)?.length).toBe(3);
    socket.write(`POST /4 HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 4\r\n\r\nbo`);
    socket.write('dy');
    await expect.poll(() => got).toContain('POST /4');
    socket.write(`${fetch('/5')}${fetch('/6')}GET /7 HT`);
    socket.write(`TP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    await expect.poll(() => socket.closed).toBe(true);
    expect(got.match(/(?:GET|POST) \/\d/g)).toEqual([
      'GET /1',
      'GET /2',
      'GET /3',
      'GET /3',
      'GET /3',
      'POST /4',
      'GET /5',
      'GET /6',
      'GET /7',
    ]);
    expect(upstream.heard.map(({ line }) => line)).toHaveLength(9);
  });

  test('on which nothing comes is told 408, and one that has had an answer stays', async () => {
    await scene.behind(host, always(good));
    const [silent, served] = await Promise.all([scene.raw('', 3000), scene.raw(ask('GET', ''), 2500)]);
    expect(silent).toMatchObject({ isOpen: false });
    expect(silent.text).toMatch(/^HTTP\/1\.1 408 /);
    expect(served.isOpen).toBe(true);
    expect(served.text).toMatch(/ 200 OK.*good$/s);
  });

  test('ends with its answer once the edge drains', async () => {
    const draining = await createScene('127.0.0.1');
    try {
      await draining.behind(host, always(good));
      const socket = await draining.tls();
      let got = '';
      socket.on('data', (bytes: Buffer) => (got += bytes.toString()));
      socket.write(ask('GET', ''));
      await expect.poll(() => got).toContain('good');
      expect(got).toContain('Connection: keep-alive\r\nKeep-Alive: timeout=65\r\n');
      draining.edge.context.drain.isOn = true;
      got = '';
      socket.write(ask('GET', ''));
      await expect.poll(() => socket.closed).toBe(true);
      expect(got).toMatch(/Connection: close\r\n\r\ngood$/);
    } finally {
      await draining.close();
    }
  });

  test('that closes takes its request along', async () => {
    let isGone = false;
    const upstream = await scene.behind(host, () => undefined, { onConnection: (socket) => socket.on('close', () => (isGone = true)) });
    const socket = await scene.tls();
    socket.write(ask('GET', ''));
    await expect.poll(() => upstream.heard.length).toBe(1);
    socket.destroy();
    await expect.poll(() => isGone).toBe(true);
  });
});

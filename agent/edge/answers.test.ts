import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { fieldOf, type Got } from './testing/both-ways.ts';
import { createScene, families, host, type Scene, ways } from './testing/scene.ts';
import { always, type ScriptedUpstream } from './testing/scripted-upstream.ts';

/** What the application said arrives: one row for each odd but legal answer, on both versions. */
describe.each(families)('answers over $family', ({ address }) => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await createScene(address);
  });
  afterAll(() => scene.close());

  const upstreamSays = (bytes: string): Promise<ScriptedUpstream> => scene.behind(host, always(bytes));
  const good = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood';

  describe.each(ways)('%s', (way) => {
    const ask = (more: Parameters<Scene['way']['HTTP/1.1']['ask']>[0] = {}): Promise<Got> => scene.way[way].ask(more);

    test.each([
      ['304 with the length of what it stands for', '304 Not Modified', 'content-length: 1234', [], 'GET'],
      ['304 without a length', '304 Not Modified', 'etag: "a"', [], 'GET'],
      ['304 with length 0', '304 Not Modified', 'content-length: 0', [], 'GET'],
      ['204 with a length', '204 No Content', 'content-length: 5', [], 'GET'],
      ['204 with length 0', '204 No Content', 'content-length: 0', [], 'DELETE'],
      ['205 with length 0', '205 Reset Content', 'content-length: 0', [], 'GET'],
      ['HEAD with a length', '200 OK', 'content-length: 99', ['99'], 'HEAD'],
      ['HEAD with chunked', '200 OK', 'transfer-encoding: chunked', [], 'HEAD'],
      ['HEAD without a length', '200 OK', 'x-a: b', [], 'HEAD'],
    ] as const)('%s: no body, and whole', async (_name, status, field, lengths, method) => {
      await upstreamSays(`HTTP/1.1 ${status}\r\n${field}\r\nx-kept: yes\r\n\r\n`);
      const got = await ask({ method });
      expect(got).toMatchObject({ status: Number(status.slice(0, 3)), body: '', end: 'whole' });
      expect(fieldOf(got.fields, 'x-kept')).toEqual(['yes']);
      if (method === 'HEAD') expect(fieldOf(got.fields, 'content-length')).toEqual(lengths);
      if (status.startsWith('204')) expect(fieldOf(got.fields, 'content-length')).toEqual([]);
    });

    test('205 with a body: the body stays behind', async () => {
      await upstreamSays('HTTP/1.1 205 Reset Content\r\ncontent-length: 5\r\nx-kept: yes\r\n\r\nhello');
      expect(await ask()).toMatchObject({ status: 205, body: '', end: 'whole' });
    });

    test('a body behind 204 does not become the next answer', async () => {
      let count = 0;
      await scene.behind(host, ({ socket }) => {
        count += 1;
        socket.write(count === 1 ? `HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil` : good);
      });
      expect(await ask()).toMatchObject({ status: 204, end: 'whole' });
      expect(await ask()).toMatchObject({ status: 200, body: 'good' });
    });

    test('a reason phrase outside ASCII and outside UTF-8', async () => {
      await upstreamSays('HTTP/1.1 404 Nicht gefunden \xfc \xd0\xbd\r\ncontent-length: 2\r\n\r\nno');
      const got = await ask();
      expect(got).toMatchObject({ status: 404, body: 'no', end: 'whole' });
      if (way === 'HTTP/1.1') expect(got.reason).toContain('Nicht gefunden \xfc');
    });

    test.each(['HTTP/1.1 404 ', 'HTTP/1.1 404'])('no reason phrase (%s)', async (line) => {
      await upstreamSays(`${line}\r\ncontent-length: 2\r\n\r\nno`);
      expect(await ask()).toMatchObject({ status: 404, body: 'no', end: 'whole' });
    });

    test.each([207, 226, 299, 300, 306, 399, 418, 451, 499, 506, 599])('status %i', async (status) => {
      await upstreamSays(`HTTP/1.1 ${status} Odd\r\ncontent-length: 3\r\nx-a: b\r\n\r\nodd`);
      expect(await ask()).toMatchObject({ status, body: 'odd', end: 'whole' });
    });

    test('a status above 599 is a server error with its body', async () => {
      await upstreamSays('HTTP/1.1 799 Odd\r\ncontent-length: 3\r\n\r\nodd');
      expect(await ask()).toMatchObject({ status: way === 'HTTP/2' ? 500 : 799, body: 'odd', end: 'whole' });
    });

    test('fields that came twice arrive twice, in order', async () => {
      const fields = ['a=1', 'b=2', 'c=3'].map((value) => `Set-Cookie: ${value}\r\n`).join('');
      const rest =
        'WWW-Authenticate: Basic realm="a, b"\r\nWWW-Authenticate: Negotiate\r\nLocation: /a\r\nLocation: /b\r\nVary: a\r\nVary: b\r\nContent-Type: text/a\r\nContent-Type: text/b\r\nETag: "a"\r\nETag: "b"\r\n';
      await upstreamSays(`HTTP/1.1 401 No\r\n${fields}${rest}Content-Length: 2\r\n\r\nno`);
      const got = await ask();
      expect(got).toMatchObject({ status: 401, body: 'no', end: 'whole' });
      expect(fieldOf(got.fields, 'set-cookie')).toEqual(['a=1', 'b=2', 'c=3']);
      expect(fieldOf(got.fields, 'www-authenticate')).toEqual(['Basic realm="a, b"', 'Negotiate']);
      expect(fieldOf(got.fields, 'location')).toEqual(['/a', '/b']);
      expect(fieldOf(got.fields, 'vary')).toEqual(['a', 'b']);
      expect(fieldOf(got.fields, 'content-type')).toEqual(['text/a', 'text/b']);
      expect(fieldOf(got.fields, 'etag')).toEqual(['"a"', '"b"']);
    });

    test('the same length twice is one length', async () => {
      await upstreamSays('HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-length: 4\r\n\r\ngood');
      const got = await ask();
      expect(got).toMatchObject({ status: 200, body: 'good', end: 'whole' });
      expect(fieldOf(got.fields, 'content-length')).toEqual(['4']);
    });

    test('an empty value, a value with bytes above ASCII, a folded value', async () => {
      await upstreamSays('HTTP/1.1 200 OK\r\nx-empty:\r\nx-high: \xe4\xf6\r\nx-folded: a\r\n  b\r\ncontent-length: 4\r\n\r\ngood');
      const got = await ask();
      expect(got).toMatchObject({ status: 200, body: 'good', end: 'whole' });
      expect(fieldOf(got.fields, 'x-empty')).toEqual(['']);
      expect(fieldOf(got.fields, 'x-high')).toEqual(['\xe4\xf6']);
      expect(fieldOf(got.fields, 'x-folded')).toEqual(['a b']);
    });

    test('lines that end with a line feed alone', async () => {
      await upstreamSays('HTTP/1.1 200 OK\nx-a: b\ncontent-length: 4\n\ngood');
      expect(await ask()).toMatchObject({ status: 200, body: 'good', end: 'whole' });
    });

    test('an answer of HTTP/1.0 that ends with its connection', async () => {
      await scene.behind(host, ({ socket }) => socket.end('HTTP/1.0 200 OK\r\nx-a: b\r\n\r\ngood'));
      expect(await ask()).toMatchObject({ status: 200, body: 'good', end: 'whole' });
    });

    test('a head that comes byte by byte, a body in odd chunks', async () => {
      const bytes = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;a="b\\"c"\r\ngo\r\n002\r\nod\r\n0\r\n\r\n';
      await scene.behind(host, ({ socket }) => {
        for (let at = 0; at < bytes.length; at++) setTimeout(() => socket.write(bytes[at] ?? ''), at);
      });
      expect(await ask()).toMatchObject({ status: 200, body: 'good', end: 'whole' });
    });

    test('103 passes before the answer, and 100 and 102 do no harm', async () => {
      await upstreamSays(
        `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n${good}`,
      );
      const got = await ask();
      expect(got).toMatchObject({ status: 200, body: 'good', end: 'whole' });
      expect(got.interim).toContain(103);
    });

    test('trailers pass', async () => {
      await upstreamSays(
        'HTTP/1.1 200 OK\r\ntrailer: grpc-status\r\ntransfer-encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\ngrpc-status: 0\r\nx-sum: 1\r\nset-cookie: a=b\r\nhost: evil\r\n\r\n',
      );
      const got = await ask({ fields: { te: 'trailers' } });
      expect(got).toMatchObject({ status: 200, body: 'good', end: 'whole' });
      expect(got.trailers).toEqual(['grpc-status', '0', 'x-sum', '1']);
    });

    test('trailers after no body at all', async () => {
      await upstreamSays('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\ngrpc-status: 12\r\n\r\n');
      const got = await ask({ fields: { te: 'trailers' } });
      expect(got).toMatchObject({ status: 200, body: '', end: 'whole' });
      expect(got.trailers).toEqual(['grpc-status', '12']);
    });

    test('a call of gRPC: body, te and trailers both ways', async () => {
      const upstream = await upstreamSays(
        'HTTP/1.1 200 OK\r\ncontent-type: application/grpc\r\ntransfer-encoding: chunked\r\n\r\n5\r\nreply\r\n0\r\ngrpc-status: 0\r\ngrpc-message: fine\r\n\r\n',
      );
      const got = await ask({
        body: 'question',
        isChunked: true,
        fields: { te: 'trailers', 'content-type': 'application/grpc' },
        trailers: { 'x-sum': '7' },
      });
      expect(got).toMatchObject({ status: 200, body: 'reply', end: 'whole', trailers: ['grpc-status', '0', 'grpc-message', 'fine'] });
      expect(upstream.heard[0]?.head).toMatch(/\nte: trailers/i);
      expect(upstream.heard[0]?.body).toMatch(/0\r\nx-sum: 7\r\n\r\n$/);
    });

    test.each([
      ['nonsense', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
      ['both lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
      ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\ngood!'],
      ['a length that is none', 'HTTP/1.1 200 OK\r\ncontent-length: +4\r\n\r\ngood'],
      ['a coding that nobody asked for', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
      ['a zero byte in a value', 'HTTP/1.1 200 OK\r\nx-a: a\0b\r\ncontent-length: 4\r\n\r\ngood'],
      ['a carriage return in a value', 'HTTP/1.1 200 OK\r\nx-a: a\rb\r\ncontent-length: 4\r\n\r\ngood'],
      ['a name that is none', 'HTTP/1.1 200 OK\r\nx a: b\r\ncontent-length: 4\r\n\r\ngood'],
      ['a line without a colon', 'HTTP/1.1 200 OK\r\nnothing\r\ncontent-length: 4\r\n\r\ngood'],
      ['a status that is none', 'HTTP/1.1 20 OK\r\ncontent-length: 4\r\n\r\ngood'],
      ['101 that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
      ['a head without an end', `HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(80_000)}\r\n\r\n`],
    ])('%s is no answer: 502 with its cause in the log, and not "does not answer"', async (_name, bytes) => {
      await upstreamSays(bytes);
      const got = await ask();
      expect(got).toMatchObject({ status: 502, end: 'whole' });
      expect(got.body).not.toContain('does not answer');
      const note = scene.edge.notes.findLast(({ event }) => event === 'page');
      expect(note).toMatchObject({ kind: 'unreadable', instanceId: `instance-of-${host}` });
      expect(String(note?.['cause'])).not.toBe('');
    });

    test.each([
      ['a chunk size that is none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\ngo\r\nzz\r\nod\r\n0\r\n\r\n'],
      ['a chunk longer than it says', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\ngood\r\n0\r\n\r\n'],
    ])('%s: the answer is cut, and the log says why', async (_name, bytes) => {
      await upstreamSays(bytes);
      const got = await ask();
      expect(['cut', 'none']).toContain(got.end);
      expect(scene.edge.notes.findLast(({ event }) => event === 'cut')).toMatchObject({ instanceId: `instance-of-${host}` });
    });

    test('a fault of ours is said to be one', async () => {
      const upstream = await upstreamSays(good);
      const planted = vi.spyOn(scene.edge.context.traffic, 'begin').mockImplementation(() => {
        throw new Error('planted');
      });
      const got = await ask();
      planted.mockRestore();
      expect(got).toMatchObject({ status: 500, end: 'whole' });
      expect(got.body).not.toContain('does not answer');
      expect(scene.edge.notes.findLast(({ event }) => event === 'bug')).toMatchObject({ message: 'Error: planted' });
      expect(upstream.heard).toEqual([]);
      expect(await ask()).toMatchObject({ status: 200, body: 'good' });
    });

    test('an upstream that ends inside its answer: the answer is cut, never short', async () => {
      await scene.behind(host, ({ socket }) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'));
      expect(['cut', 'none']).toContain((await ask()).end);
      await scene.behind(host, ({ socket }) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n'));
      expect(['cut', 'none']).toContain((await ask()).end);
    });
  });
});

import { connect } from 'node:http2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fieldOf } from './testing/both-ways.ts';
import { createScene, families, host, type Scene, ways } from './testing/scene.ts';
import { always } from './testing/scripted-upstream.ts';

type Opened = { readonly status: number; readonly reason: string; readonly fields: string[]; readonly body: string };

/** Asks for a WebSocket in raw bytes; what came within a moment. */
async function open1(scene: Scene): Promise<Opened> {
  const key = 'dGhlIHNhbXBsZSBub25jZQ==';
  const { text } = await scene.raw(
    `GET /socket HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    400,
  );
  const end = text.indexOf('\r\n\r\n');
  const [line = '', ...rest] = text.slice(0, end).split('\r\n');
  const fields = rest.flatMap((one) => [one.slice(0, one.indexOf(':')).toLowerCase(), one.slice(one.indexOf(':') + 1).trim()]);
  return { status: Number(line.slice(9, 12)), reason: line.slice(13), fields, body: text.slice(end + 4) };
}

function open2(scene: Scene): Promise<Opened> {
  const name = scene.address.includes(':') ? `[${scene.address}]` : scene.address;
  const session = connect(`https://${name}:${scene.edge.httpsPort}`, {
    ca: scene.wildcard.certificate.chainPem,
    servername: host,
  });
  session.on('error', () => undefined);
  return new Promise((resolve) => {
    session.once('remoteSettings', () => {
      const stream = session.request(
        { ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/socket', ':authority': host, 'sec-websocket-version': '13' },
        { endStream: false },
      );
      const got = { status: 0, reason: '', fields: [] as string[], body: '' };
      const done = (): void => {
        resolve(got);
        session.destroy();
      };
      setTimeout(done, 400);
      stream.on('response', (head, _flags, raw?: unknown) => {
        got.status = Number(head[':status']);
        got.fields = (raw as string[]).slice(2);
      });
      stream.on('data', (chunk: Buffer) => {
        got.body += chunk.toString('latin1');
      });
      stream.on('error', () => undefined);
    });
  });
}

const opens = { 'HTTP/1.1': open1, 'HTTP/2': open2 };
const switched =
  'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n';

describe.each(families)('WebSockets over $family', ({ address }) => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await createScene(address);
  });
  afterAll(() => scene.close());

  describe.each(ways)('%s', (way) => {
    const open = (): Promise<Opened> => opens[way](scene);

    test('fields that came twice with 101 arrive twice, cookies stay with their host, and the first frame is not lost', async () => {
      await scene.behind(
        host,
        always(
          `${switched}Set-Cookie: a=1; Domain=farm.localhost\r\nSet-Cookie: b=2\r\nAlt-Svc: h3=":1"\r\nX-A: 1\r\nX-A: 2\r\n\r\n\x81\x02hi`,
        ),
      );
      const got = await open();
      expect(got.status).toBe(way === 'HTTP/2' ? 200 : 101);
      expect(fieldOf(got.fields, 'set-cookie')).toEqual(['a=1', 'b=2']);
      expect(fieldOf(got.fields, 'x-a')).toEqual(['1', '2']);
      expect(fieldOf(got.fields, 'alt-svc')).toEqual([]);
      expect(got.body).toBe('\x81\x02hi');
    });

    test.each([
      [
        '401 with fields that came twice',
        401,
        'HTTP/1.1 401 No\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 2\r\n\r\nno',
        'no',
      ],
      ['403 in chunks', 403, 'HTTP/1.1 403 No\r\ntransfer-encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n', 'no'],
      ['418 with a reason outside ASCII', 418, 'HTTP/1.1 418 \xfc\xd0\xbd\r\ncontent-length: 2\r\n\r\nno', 'no'],
      ['426 until the end of the connection', 426, 'HTTP/1.0 426 No\r\n\r\nno', 'no'],
      ['204', 204, 'HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n', ''],
      ['205 with a body', 205, 'HTTP/1.1 205 Reset Content\r\ncontent-length: 2\r\n\r\nno', ''],
      ['304 with a length', 304, 'HTTP/1.1 304 Not Modified\r\ncontent-length: 99\r\n\r\n', ''],
      ['200', 200, 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno', 'no'],
      ['599', 599, 'HTTP/1.1 599 Odd\r\ncontent-length: 2\r\n\r\nno', 'no'],
      [
        'a hint before the refusal',
        401,
        'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 401 No\r\ncontent-length: 2\r\n\r\nno',
        'no',
      ],
    ])('a refusal arrives: %s', async (_name, status, bytes, body) => {
      await scene.behind(host, ({ socket }) =>
        bytes.startsWith('HTTP/1.0') ? socket.end(bytes, 'latin1') : socket.write(bytes, 'latin1'),
      );
      const got = await open();
      // Over HTTP/2 a 2xx would open the socket that the application refused (RFC 8441 §5).
      expect(got.status).toBe(way === 'HTTP/2' && status < 300 ? 502 : status);
      if (status >= 300) expect(got.body).toBe(body);
      expect(scene.edge.notes.filter(({ event }) => event === 'bug')).toEqual([]);
      if (_name.startsWith('401')) expect(fieldOf(got.fields, 'set-cookie')).toEqual(['a=1', 'b=2']);
    });

    test('a status above 599 is a refusal, too', async () => {
      await scene.behind(host, always('HTTP/1.1 799 Odd\r\ncontent-length: 2\r\n\r\nno'));
      expect((await open()).status).toBe(way === 'HTTP/2' ? 500 : 799);
    });

    test.each([
      ['nonsense', 'nonsense\r\n\r\n'],
      ['101 to another protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: Upgrade\r\n\r\n'],
      ['both lengths', 'HTTP/1.1 401 No\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\nno'],
    ])('%s: 502 and its cause in the log', async (_name, bytes) => {
      await scene.behind(host, always(bytes));
      expect((await open()).status).toBe(502);
      const note = scene.edge.notes.findLast(({ event }) => event === 'page');
      expect(note).toMatchObject({ kind: 'unreadable', instanceId: `instance-of-${host}` });
    });
  });

  test('an absolute target is understood', async () => {
    const upstream = await scene.behind(host, always(`${switched}\r\n`));
    const { text } = await scene.raw(
      `GET https://${host}/socket HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n`,
      1000,
    );
    expect(text).toMatch(/^HTTP\/1\.1 101 /);
    expect(upstream.heard[0]?.line).toBe('GET /socket HTTP/1.1');
  });
});

import { connect, type ClientHttp2Session } from 'node:http2';
import { Agent, request } from 'node:https';
import { block, flags, FrameReader, frame, frameTypes, preface, settings, statusOf, uint32 } from '../../../agent/edge/testing/frames.ts';
import { type At, type Attack, createOpener, exchange, hostText, openPlain } from './attack.ts';
import { inPieces, mutate, type Random } from './random.ts';
import type { MadUpstream } from './mad-upstream.ts';
import { fuzzHost as host } from './victims.ts';

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');

const requests = [
  `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  `GET /a?b=c HTTP/1.1\r\nHost: ${host}\r\nCookie: a=1; b=2\r\nX-Forwarded-For: 192.0.2.1\r\nConnection: close, x-a\r\nX-A: 1\r\n\r\n`,
  `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\n\r\nhelloGET /next HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  `POST / HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n5;a=b\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n`,
  `PUT /x HTTP/1.1\r\nHost: ${host}\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc`,
  `GET http://${host}/path HTTP/1.1\r\nHost: ${host}\r\nTE: trailers\r\n\r\n`,
  `OPTIONS * HTTP/1.1\r\nHost: ${host}\r\n\r\nHEAD / HTTP/1.1\r\nHost: ${host}:8443\r\nAccept: text/html\r\n\r\n`,
  `GET /socket HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\x81\x85abcd\x09\x07\x0f\x08\x0e`,
  `CONNECT ${host}:443 HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  `GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`,
].map(latin);

/** A TLS ClientHello, as it would begin: what is behind it is noise. */
const hello = Buffer.concat([latin('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'), Buffer.alloc(509, 7)]);

const isGood = (text: string): boolean => /^HTTP\/1\.1 200 /.test(text);

/** Bytes of HTTP/1.1 within TLS, on the port of the redirect, and in the place of a handshake. */
export function edgeHttp1(at: At): Attack {
  const port = Number(at['port']);
  const tls = createOpener(port, { servername: host, ca: hostText(at, 'ca'), ALPNProtocols: ['http/1.1'] });
  const open = (random: Random): ReturnType<typeof openPlain> => {
    if (random.chance(12)) return openPlain(random.chance(2) ? port : Number(at['plainPort']));
    return tls();
  };
  return {
    once: async (random) => {
      const socket = await open(random);
      const bytes = random.chance(30) ? hello : random.pick(requests);
      if (socket !== undefined) await exchange(socket, inPieces(mutate(bytes, random, requests), random));
    },
    check: async () => {
      const socket = await tls();
      if (socket === undefined) return 'no connection';
      const got = (await exchange(socket, [latin(`GET /well HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)], true)).toString(
        'latin1',
      );
      return isGood(got) ? undefined : `answered ${JSON.stringify(got.slice(0, 200))}`;
    },
    close: () => undefined,
  };
}

const head = (method: string, path: string, ...more: [string, string][]): Buffer =>
  block([[':method', method], [':scheme', 'https'], [':authority', host], [':path', path], ...more]);
const { data, headers, priority, rstStream, ping, goaway, windowUpdate, continuation, pushPromise } = frameTypes;
const whole = flags.endHeaders | flags.endStream;

/** Frames of proper conversations, each a piece of its own. */
const conversations: readonly (readonly Buffer[])[] = [
  [frame(headers, whole, 1, head('GET', '/')), frame(headers, whole, 3, head('GET', '/b', ['cookie', 'a=1'], ['cookie', 'b=2']))],
  [frame(headers, flags.endHeaders, 1, head('POST', '/', ['content-length', '5'])), frame(data, flags.endStream, 1, latin('hello'))],
  [
    frame(headers, flags.endHeaders, 1, head('POST', '/', ['te', 'trailers'])),
    frame(data, flags.padded, 1, latin('\x03hello\0\0\0')),
    frame(headers, whole, 1, block([['x-sum', '1']])),
  ],
  [
    frame(headers, flags.endStream, 1, head('GET', '/').subarray(0, 20)),
    frame(continuation, flags.endHeaders, 1, head('GET', '/').subarray(20)),
  ],
  [
    frame(headers, flags.endHeaders, 1, head('CONNECT', '/socket', [':protocol', 'websocket'], ['sec-websocket-version', '13'])),
    frame(data, 0, 1, latin('\x81\x85abcd\x09\x07\x0f\x08\x0e')),
  ],
  [
    frame(headers, whole | flags.priority, 1, Buffer.concat([uint32(0), latin('\x10'), head('GET', '/')])),
    frame(priority, 0, 3, latin('\0\0\0\x01\x10')),
  ],
  [frame(headers, flags.endHeaders, 1, head('POST', '/')), frame(rstStream, 0, 1, uint32(8)), frame(ping, 0, 0, Buffer.alloc(8))],
  [settings([4, 100], [5, 16_384]), frame(windowUpdate, 0, 0, uint32(1000)), frame(headers, whole, 1, head('GET', '/'))],
  [frame(goaway, 0, 0, uint32(0, 0)), frame(pushPromise, flags.endHeaders, 1, Buffer.concat([uint32(2), head('GET', '/')]))],
];
const allFrames = conversations.flat();

/** A frame of any type with any flags on any stream. */
const anyFrame = (random: Random): Buffer => {
  const payload = random.chance(3) ? Buffer.alloc(random.pick([0, 1, 4, 5, 6, 8, 9, 16_384, 16_385]), random.below(256)) : head('GET', '/');
  const said = random.chance(15) ? random.pick([0, 1, 16_385, 1_000_000, 16_777_215]) : payload.length;
  return frame(random.below(12), random.below(256), random.pick([0, 1, 2, 3, 5, 0x7fffffff, 0x80000001]), payload, said);
};

function http2Case(random: Random): Buffer[] {
  const pieces = [preface, settings(), ...random.pick(conversations)].map((piece, at) =>
    at > 0 && random.chance(3) ? mutate(piece, random, allFrames) : piece,
  );
  for (let more = random.below(6); more > 0; more -= 1) {
    const piece = random.chance(2) ? anyFrame(random) : random.pick(allFrames);
    pieces.splice(random.chance(20) ? random.below(2) : 2 + random.below(pieces.length - 1), 0, piece);
  }
  // A flood of one frame now and then.
  if (random.chance(50)) pieces.push(...Array.from({ length: 3000 }, () => pieces.at(-1) ?? preface));
  return random.chance(2) ? [Buffer.concat(pieces)] : inPieces(Buffer.concat(pieces), random);
}

/** Frames of HTTP/2, well made and not. */
export function edgeHttp2(at: At): Attack {
  const open = createOpener(Number(at['port']), { servername: host, ca: hostText(at, 'ca'), ALPNProtocols: ['h2'] });
  return {
    once: async (random) => {
      const socket = await open();
      if (socket !== undefined) await exchange(socket, http2Case(random));
    },
    check: async () => {
      const socket = await open();
      if (socket === undefined) return 'no connection';
      const got = await exchange(socket, [preface, settings(), frame(headers, whole, 1, head('GET', '/well'))], true);
      const frames = new FrameReader().feed(got);
      const answer = frames.find(({ type, streamId }) => type === headers && streamId === 1);
      return answer !== undefined && statusOf(answer.payload) === 200 ? undefined : `frames ${frames.map(({ type }) => type).join(' ')}`;
    },
    close: () => undefined,
  };
}

/** The application answers with whatever it likes, over both versions. */
export function edgeUpstream(at: At, upstream: MadUpstream): Attack {
  const [port, ca] = [Number(at['port']), hostText(at, 'ca')];
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  let session: ClientHttp2Session | undefined;
  const overHttp1 = (path: string, isSocket: boolean): Promise<string> =>
    new Promise((resolve) => {
      const upgrade = {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      };
      const fields = { host, ...(isSocket ? upgrade : {}) };
      const asked = request({
        host: '127.0.0.1',
        port,
        ca,
        servername: host,
        path,
        headers: fields,
        ...(isSocket ? { agent: false } : { agent }),
      });
      asked.on('response', (answer) => {
        answer.resume();
        answer.on('error', () => undefined);
        answer.on('close', () => resolve(String(answer.statusCode)));
      });
      asked.on('upgrade', (_answer, socket) => {
        socket.destroy();
        resolve('101');
      });
      asked.on('error', () => resolve('error'));
      asked.setTimeout(path === '/well' ? 20_000 : 300, () => asked.destroy());
      asked.end();
    });
  const overHttp2 = (path: string): Promise<void> =>
    new Promise((resolve) => {
      if (session === undefined || session.destroyed || session.closed) {
        session = connect(`https://127.0.0.1:${port}`, { ca, servername: host });
        session.on('error', () => undefined);
      }
      const stream = session.request({ ':path': path, ':authority': host });
      stream.on('error', () => undefined);
      stream.on('close', () => resolve());
      stream.setTimeout(300, () => stream.close());
      stream.resume();
    });
  return {
    once: async (random) => {
      const path = upstream.expect(random);
      if (random.chance(2)) await overHttp1(path, random.chance(6));
      else await overHttp2(path);
    },
    check: async () => {
      const status = await overHttp1('/well', false);
      return status === '200' ? undefined : `answered ${status}`;
    },
    close: () => {
      agent.destroy();
      session?.destroy();
    },
  };
}

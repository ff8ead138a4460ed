import { block, flags, frame, frameTypes, uint32 } from '../frames.ts';
import { body, bytes, malformed, pseudo, refusals, row } from './http2-tools.ts';
import type { Expected, Row } from './row.ts';

const { headers, rstStream } = frameTypes;
const refused = (path: string, host: string): string => `GET ${path}/hidden HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
const connectFields = (path: string, host: string) =>
  [...pseudo('CONNECT', path, host), [':protocol', 'websocket'], ['sec-websocket-version', '13']] as const;

/** Asks for a WebSocket as a browser does, over either version; `behind`: what it says before it was answered. */
const open1 =
  (behind = '', more = 'GET') =>
  (path: string, host: string): readonly Buffer[] => [
    bytes(
      `${more} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n${behind}`,
    ),
  ];
const open2 = (path: string, host: string): readonly Buffer[] => [frame(headers, flags.endHeaders, 1, block(connectFields(path, host)))];

type Rest = Omit<Row, 'section' | 'name' | 'version' | 'send' | 'expected'>;

/** The application misbehaves: the same on both kinds, by RFC 6455 and RFC 8441. */
const both = (
  section: string,
  name: string,
  upstream: string,
  expected: { readonly 1: Expected; readonly 2: Expected },
  rest: Rest = {},
): Row[] => [
  { section, name: `WebSocket: ${name}`, version: 'HTTP/1.1', send: open1(), upstream, expected: expected[1], ...rest },
  row(section.startsWith('6455') ? '8441 §5' : section, `WebSocket: ${name}`, open2, { upstream, expected: expected[2], ...rest }),
];
const passes = (status: number, data?: string) =>
  ({
    1: { kind: 'said', status: [status], ...(data === undefined ? {} : { body: data }) },
    2: { kind: 'answered', streamId: 1, status: [status], ...(data === undefined ? {} : { data }) },
  }) as const;
const unreadable = {
  1: { kind: 'said', status: [502, 500, 503] },
  2: { kind: 'answered', streamId: 1, status: [502, 500, 503] },
} as const;
const opened = (data: string, isCut = false) => {
  const expected: Expected = { kind: 'opened', data, isCut };
  return { 1: expected, 2: expected };
};

const hi = '\x81\x02hi';
const switching = 'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n';

const upstreamRows: readonly Row[] = [
  ...both('6455 §4.2.2', 'the first frame with the answer', `${switching}\r\n${hi}`, opened(hi)),
  ...both('6455 §4.2.2', '103 before 101', `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${switching}\r\n${hi}`, opened(hi)),
  ...both('6455 §7.1.1', 'the end right behind the answer', `${switching}\r\n${hi}`, opened(hi, true), { upstreamEnds: true }),
  ...both('6455 §4.1', '101 without a protocol', `HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\n\r\n${hi}`, unreadable),
  ...both(
    '6455 §4.1',
    '101 to another protocol',
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: Upgrade\r\n\r\n${hi}`,
    unreadable,
  ),
  ...both('9110 §5.5', 'NUL in a field of 101', `${switching}x: a\0b\r\n\r\n${hi}`, unreadable),
  ...both('9112 §4', 'no answer of HTTP', 'hello\r\n\r\n', unreadable, { upstreamEnds: true }),
  ...both('9112 §4', 'the end before an answer', ' ', unreadable, { upstreamEnds: true }),
  ...both('6455 §4.1', 'a refusal with its words', 'HTTP/1.1 401 Unauthorized\r\ncontent-length: 4\r\n\r\ngood', passes(401, 'good')),
  ...both('9110 §15.4.5', 'a refusal of 304 with a length', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 100\r\n\r\n', passes(304)),
  ...both('6455 §4.1', '200 opens nothing', 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood', {
    1: passes(200, 'good')[1],
    2: unreadable[2],
  }),
  ...both(
    '9112 §8',
    'a refusal that ends early',
    'HTTP/1.1 403 Forbidden\r\ncontent-length: 100\r\n\r\nhalf',
    { 1: { kind: 'cut' }, 2: { kind: 'stream-error', streamId: 1 } },
    { upstreamEnds: true },
  ),
];

const refusal = 'HTTP/1.1 401 Unauthorized\r\ncontent-length: 4\r\n\r\ngood';
const one = (section: string, name: string, send: Row['send'], expected: Expected, rest: Rest = {}): Row => ({
  ...{ section, name: `WebSocket: ${name}`, version: 'HTTP/1.1', send, expected },
  ...rest,
});
const wrong = (path: string, host: string, ...fields: readonly (readonly [string, string])[]): Buffer =>
  frame(headers, flags.endHeaders, 1, block([...connectFields(path, host), ...fields]));

/** The visitor misbehaves. */
const visitorRows: readonly Row[] = [
  one('6455 §4.1', 'asked for with POST', open1('', 'POST'), { kind: 'refused' }, { heard: false }),
  one(
    '9112 §6',
    'asked for with a body, and a request behind it',
    (path, host) => [
      bytes(
        `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n\r\nhello${refused(path, host)}`,
      ),
    ],
    { kind: 'refused' },
    { heard: false },
  ),
  one(
    '3.2',
    'asked for without a Host',
    (path) => [bytes(`GET ${path} HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)],
    { kind: 'refused' },
    { heard: false },
  ),
  one(
    '9112 §9.3.2',
    'a request behind one that is refused is none',
    (path, host) => open1(refused(path, host))(path, host),
    { kind: 'said', status: [401], body: 'good' },
    { upstream: refusal },
  ),
  one(
    '9112 §9.3.2',
    'a request behind one that is opened is a frame',
    (path, host) => open1(hi)(path, host),
    { kind: 'opened', data: hi, isCut: false },
    { upstream: `${switching}\r\n${hi}` },
  ),
  malformed('8441 §4', 'WebSocket: CONNECT without a path', (_path, host) => [
    frame(
      headers,
      flags.endHeaders,
      1,
      block([
        [':method', 'CONNECT'],
        [':scheme', 'https'],
        [':authority', host],
        [':protocol', 'websocket'],
      ]),
    ),
  ]),
  malformed('8441 §4', 'WebSocket: CONNECT without a scheme', (path, host) => [
    frame(
      headers,
      flags.endHeaders,
      1,
      block([
        [':method', 'CONNECT'],
        [':path', path],
        [':authority', host],
        [':protocol', 'websocket'],
      ]),
    ),
  ]),
  malformed('8.2.2', 'WebSocket: CONNECT with Upgrade', (path, host) => [wrong(path, host, ['upgrade', 'websocket'])]),
  malformed('8.3.1', 'WebSocket: CONNECT with another Host', (path, host) => [wrong(path, host, ['host', 'other.farm.localhost'])]),
  row('8441 §5', 'WebSocket: to the host of somebody else', (path) => open2(path, 'nobody.example'), {
    expected: { kind: 'stream-error', streamId: 1, orStatus: refusals },
    heard: false,
  }),
  row(
    '8441 §5',
    'WebSocket: a request in its first bytes is none where it is refused',
    (path, host) => [...open2(path, host), body(refused(path, host), { isLast: false })],
    { upstream: refusal, expected: { kind: 'answered', streamId: 1, status: [401], data: 'good' } },
  ),
  row('8441 §5', 'WebSocket: reset by its visitor', open2, {
    upstream: `${switching}\r\n${hi}`,
    after: () => [frame(rstStream, 0, 1, uint32(8))],
    expected: { kind: 'goes-on' },
  }),
  row('8441 §5', 'WebSocket: ended by its visitor', open2, {
    upstream: `${switching}\r\n${hi}`,
    after: () => [body('')],
    expected: { kind: 'goes-on' },
  }),
];

/** Both kinds of WebSocket: an upgrade of HTTP/1.1 (RFC 6455) and a stream of HTTP/2 (RFC 8441). */
export const webSocketRows: readonly Row[] = [...upstreamRows, ...visitorRows];

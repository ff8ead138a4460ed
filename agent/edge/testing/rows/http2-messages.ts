import { block, flags, frame, frameTypes, uint32 } from '../frames.ts';
import { body, bytes, get, malformed, post, pseudo, refusals, requestBlock, row, whole } from './http2-tools.ts';
import type { Row } from './row.ts';

const { headers, settings, ping, rstStream, continuation, data, windowUpdate } = frameTypes;
const answered = { kind: 'answered', streamId: 1, status: [200], data: 'good' } as const;
const ended = { kind: 'connection-error' } as const;

/** One field that makes a request malformed. */
const field = (section: string, name: string, [key, value]: readonly [string, string]): Row =>
  malformed(section, name, (path, host) => [get(path, host, { more: [[key, value]] })]);

const dropsField = {
  expected: { kind: 'answered', streamId: 1, status: [200] },
  why: 'nghttp2 in Node takes the field away, and nothing of it reaches the application',
} as const;
/** A field whose name or value cannot be. */
const odd = (name: string, [key, value]: readonly [string, string]): Row => ({ ...field('8.2.1', name, [key, value]), ours: dropsField });

/** Pseudo fields as they are listed; `PATH` and `HOST` stand for the row's own. */
const pseudoFields = (name: string, fields: readonly (readonly [string, string])[], rest: Partial<Row> = {}): Row =>
  malformed(
    '8.3',
    name,
    (path, host) => [
      frame(headers, whole, 1, block(fields.map(([key, value]) => [key, value.replace('PATH', path).replace('HOST', host)]))),
    ],
    rest,
  );

const [method, scheme, authority, target] = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'HOST'],
  [':path', 'PATH'],
] as const;

/** Requests, their fields and their bodies, CONNECT, TLS and floods: RFC 9113 §8 to §10. */
export const messageRows: readonly Row[] = [
  malformed(
    '8.1',
    'a second head in the place of trailers',
    (path, host) => [post(path, host), frame(headers, flags.endHeaders, 1, block([['x-a', '1']]))],
    { upstream: '' },
  ),
  malformed('8.1', 'trailers with a pseudo field', (path, host) => [post(path, host), frame(headers, whole, 1, block([[':path', '/x']]))], {
    upstream: '',
  }),
  row(
    '8.1',
    'trailers are passed on',
    (path, host) => [post(path, host), body('hello', { isLast: false }), frame(headers, whole, 1, block([['x-sum', '1']]))],
    {
      ...{ expected: answered, heard: 'hello' },
    },
  ),
  malformed('8.1.1', 'more bytes than announced', (path, host) => [post(path, host, { more: [['content-length', '3']] }), body('hello')]),
  malformed('8.1.1', 'fewer bytes than announced', (path, host) => [post(path, host, { more: [['content-length', '9']] }), body('hello')]),
  malformed('8.1.1', 'bytes announced, and no body', (path, host) => [
    get(path, host, { more: [['content-length', '5']], method: 'POST' }),
  ]),
  malformed('8.1.1', 'two lengths', (path, host) => [
    post(path, host, {
      more: [
        ['content-length', '5'],
        ['content-length', '6'],
      ],
    }),
    body('hello'),
  ]),
  malformed('8.1.1', 'a length that is no number', (path, host) => [
    post(path, host, { more: [['content-length', '0x5']] }),
    body('hello'),
  ]),
  malformed('8.1.1', 'a length with a sign', (path, host) => [post(path, host, { more: [['content-length', '+5']] }), body('hello')]),

  field('8.2.1', 'a name in upper case', ['X-Upper', '1']),
  odd('a name with a space', ['x a', '/hidden']),
  odd('a name with a colon', ['x:a', '/hidden']),
  odd('a name with a line break', ['x\r\ny', '/hidden']),
  odd('a name with NUL', ['x\0', '1']),
  odd('a name beyond ASCII', ['x\xe4', '1']),
  odd('a name of nothing', ['', '1']),
  odd('a value with NUL', ['x-a', 'a\0/hidden']),
  odd('a value with a line feed', ['x-a', 'a\nx-b: /hidden']),
  odd('a value with a carriage return', ['x-a', 'a\r/hidden']),
  odd('a value that begins with a space', ['x-a', ' a']),
  odd('a value that ends with a tab', ['x-a', 'a\t']),
  field('8.2.2', 'Connection', ['connection', 'keep-alive']),
  field('8.2.2', 'Proxy-Connection', ['proxy-connection', 'keep-alive']),
  field('8.2.2', 'Keep-Alive', ['keep-alive', 'timeout=5']),
  field('8.2.2', 'Transfer-Encoding', ['transfer-encoding', 'chunked']),
  field('8.2.2', 'Upgrade', ['upgrade', 'websocket']),
  field('8.2.2', 'TE with more than trailers', ['te', 'trailers, gzip']),
  row('8.2.2', 'TE with trailers', (path, host) => [get(path, host, { more: [['te', 'trailers']] })], { expected: answered }),
  row(
    '8.2.3',
    'crumbs of cookies become one field',
    (path, host) => [
      get(path, host, {
        more: [
          ['cookie', 'a=1'],
          ['x-a', '1'],
          ['cookie', 'b=2'],
        ],
      }),
    ],
    {
      ...{ expected: answered, heard: 'cookie: a=1; b=2' },
    },
  ),

  pseudoFields('an unknown pseudo field', [method, scheme, authority, target, [':what', 'x']]),
  pseudoFields('a pseudo field of answers', [method, scheme, authority, target, [':status', '200']]),
  pseudoFields('a pseudo field behind a field', [method, scheme, authority, ['x-a', '1'], target]),
  pseudoFields('two paths', [method, scheme, authority, target, [':path', 'PATH/hidden']]),
  pseudoFields('two methods', [method, [':method', 'POST'], scheme, authority, target]),
  pseudoFields('two schemes', [method, scheme, [':scheme', 'http'], authority, target]),
  pseudoFields('two authorities', [method, scheme, authority, [':authority', 'other.farm.localhost'], target]),
  pseudoFields('no method', [scheme, authority, target]),
  pseudoFields('no scheme', [method, authority, target]),
  pseudoFields('no path', [method, scheme, authority]),
  pseudoFields('an empty path', [method, scheme, authority, [':path', '']]),
  pseudoFields('a path without a slash', [method, scheme, authority, [':path', 'row']]),
  pseudoFields('* with GET', [method, scheme, authority, [':path', '*']]),
  pseudoFields('a path with a space', [method, scheme, authority, [':path', 'PATH /x']]),
  pseudoFields('a path with a line break', [method, scheme, authority, [':path', 'PATH\r\nx: y']]),
  pseudoFields('a method with a space', [[':method', 'GET /x'], scheme, authority, target]),
  pseudoFields('an empty method', [[':method', ''], scheme, authority, target]),
  pseudoFields('an authority with a name of a user', [method, scheme, [':authority', 'anna@HOST'], target]),
  pseudoFields('an authority with a line break', [method, scheme, [':authority', 'HOST\r\nx: y'], target]),
  pseudoFields('another Host beside the authority', [method, scheme, authority, target, ['host', 'other.farm.localhost']]),
  pseudoFields('no authority and no Host', [method, scheme, target]),
  row(
    '8.3.1',
    'Host in the place of an authority',
    (path, host) => [
      frame(
        headers,
        whole,
        1,
        block([
          [':method', 'GET'],
          [':scheme', 'https'],
          [':path', path],
          ['host', host],
        ]),
      ),
    ],
    {
      ...{ expected: answered, heard: 'GET /' },
    },
  ),

  row(
    '8.5',
    'CONNECT to somewhere',
    (_path, host) => [
      frame(
        headers,
        whole,
        1,
        block([
          [':method', 'CONNECT'],
          [':authority', `${host}:443`],
        ]),
      ),
    ],
    {
      ...{ expected: { kind: 'stream-error', streamId: 1, orStatus: refusals }, heard: false },
    },
  ),
  malformed('8.5', 'CONNECT with a path', (path, host) => [get(path, host, { method: 'CONNECT' })]),
  malformed('8.5', 'CONNECT without an authority', () => [frame(headers, whole, 1, block([[':method', 'CONNECT']]))]),
  malformed('8441 §4', 'extended CONNECT of a protocol nobody speaks', (path, host) => [
    frame(headers, flags.endHeaders, 1, block([...pseudo('CONNECT', path, host), [':protocol', 'nothing']])),
  ]),
  malformed('8441 §4', ':protocol with GET', (path, host) => [
    frame(headers, whole, 1, block([...pseudo('GET', path, host), [':protocol', 'websocket']])),
  ]),

  row('9.1.1', 'an authority of somebody else', (path) => [get(path, 'nobody.example')], {
    expected: { kind: 'answered', streamId: 1, status: [421, 404, 400, 503] },
    heard: false,
  }),
  row('9.2.1', 'TLS 1.1', () => [], {
    tls: { maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
    expected: { kind: 'no-connection' },
  }),
  row('9.2.2', 'TLS 1.2 with a suite that does not authenticate', () => [], {
    tls: { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' },
    expected: { kind: 'no-connection' },
  }),

  row(
    '10.5',
    'an endless field block in CONTINUATION',
    (path, host) => [
      frame(headers, 1, 1, requestBlock(path, host)),
      ...Array.from({ length: 200 }, (_, at) => frame(continuation, 0, 1, block([[`x-${at}`, 'y'.repeat(9000)]]))),
    ],
    { expected: ended, heard: false },
  ),
  row(
    '10.5',
    'empty CONTINUATION without an end',
    (path, host) => [frame(headers, 1, 1, requestBlock(path, host)), ...Array.from({ length: 20_000 }, () => frame(continuation, 0, 1))],
    {
      ...{ expected: ended, heard: false },
    },
  ),
  malformed('10.5', 'more fields than anybody needs', (path, host) => [
    get(path, host, { more: Array.from({ length: 1500 }, (_, at) => [`x-${at}`, '1'] as const) }),
  ]),
  malformed('10.5', 'a field that stands for many bytes, many times', (path, host) => {
    const stored = Buffer.concat([Buffer.from([0x40]), block([['x-bomb', 'z'.repeat(3000)]]).subarray(1)]);
    return [frame(headers, whole, 1, Buffer.concat([requestBlock(path, host), stored, Buffer.alloc(4000, 0xbe)]))];
  }),
  row(
    '10.5',
    'resets as fast as they can be sent',
    (path, host) =>
      Array.from({ length: 3000 }, (_, at) => [post(path, host, { id: 2 * at + 1 }), frame(rstStream, 0, 2 * at + 1, uint32(8))]).flat(),
    {
      ...{ upstream: '', expected: ended, patienceMs: 30_000 },
    },
  ),
  row('10.5', 'SETTINGS by the thousands cost the others nothing', () => Array.from({ length: 900 }, () => frame(settings, 0, 0)), {
    expected: { kind: 'goes-on' },
  }),
  row(
    '10.5',
    'PING by the thousands cost the others nothing',
    () => Array.from({ length: 900 }, () => frame(ping, 0, 0, Buffer.alloc(8))),
    { expected: { kind: 'goes-on' } },
  ),
  row('10.5', 'grants of one byte by the thousands', () => Array.from({ length: 5000 }, () => frame(windowUpdate, 0, 0, uint32(1))), {
    expected: { kind: 'goes-on' },
  }),
  row(
    '10.5',
    'a request behind a body of empty frames',
    (path, host) => [post(path, host), ...Array.from({ length: 200 }, () => frame(data, 0, 1)), body('hello')],
    {
      ...{ expected: answered, heard: 'hello' },
    },
  ),
  row('10.5', 'bytes that are no frames', () => [bytes('\xff'.repeat(64))], { expected: ended }),
];

import { flags, frame, frameTypes, preface, settings, uint32 } from '../frames.ts';
import { body, bytes, endHeaders, get, post, requestBlock, row, whole } from './http2-tools.ts';
import type { Row } from './row.ts';

const { data, headers, priority, rstStream, ping, windowUpdate, continuation } = frameTypes;
const protocolError = { kind: 'connection-error', codes: ['PROTOCOL_ERROR'] } as const;
const sizeError = { kind: 'connection-error', codes: ['FRAME_SIZE_ERROR', 'PROTOCOL_ERROR'] } as const;
const compressionError = { kind: 'connection-error', codes: ['COMPRESSION_ERROR', 'PROTOCOL_ERROR'] } as const;
const answered = { kind: 'answered', streamId: 1, status: [200], data: 'good' } as const;
const dropped = { kind: 'dropped' } as const;
const silent = '';
const closedOr = { kind: 'stream-error', streamId: 1, codes: ['STREAM_CLOSED', 'PROTOCOL_ERROR'] } as const;

/** A field block that is wrong from these bytes on (RFC 7541). */
const badBlock = (name: string, ...wrong: number[]): Row =>
  row('4.3', name, (path, host) => [frame(headers, whole, 1, Buffer.concat([requestBlock(path, host), Buffer.from(wrong)]))], {
    expected: compressionError,
    heard: false,
  });

/** Connection, frames, states of streams and flow control: RFC 9113 §3 to §5. */
export const framingRows: readonly Row[] = [
  row(
    '3.4',
    'a request of HTTP/1.1 in the place of the preface',
    (path, host) => [bytes(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)],
    {
      ...{ isBare: true, expected: { kind: 'connection-error' }, heard: false },
    },
  ),
  row('3.4', 'a preface with a wrong end', () => [Buffer.concat([preface.subarray(0, 20), bytes('XX\r\n'), settings()])], {
    isBare: true,
    expected: { kind: 'connection-error' },
  }),
  row('3.4', 'no SETTINGS behind the preface', (path, host) => [preface, get(path, host)], {
    isBare: true,
    expected: protocolError,
    heard: false,
  }),
  row('3.4', 'a proper start', (path, host) => [get(path, host)], { expected: answered, heard: 'GET /' }),

  row('4.1', 'a frame of an unknown type is passed over', (path, host) => [frame(0x7f, 0xff, 1, bytes('what?')), get(path, host)], {
    expected: answered,
  }),
  row('4.1', 'unknown flags are passed over', (path, host) => [frame(ping, 0xfe, 0, Buffer.alloc(8)), get(path, host)], {
    expected: answered,
  }),
  row('4.1', 'the reserved bit of a stream is passed over', (path, host) => [frame(headers, whole, 0x80000001, requestBlock(path, host))], {
    expected: answered,
  }),
  row('4.2', 'DATA larger than the largest frame', (path, host) => [post(path, host), frame(data, 1, 1, Buffer.alloc(16_385))], {
    expected: { kind: 'stream-error', streamId: 1, codes: ['FRAME_SIZE_ERROR', 'PROTOCOL_ERROR'] },
  }),
  row(
    '4.2',
    'HEADERS larger than the largest frame',
    (path, host) => [frame(headers, whole, 1, Buffer.concat([requestBlock(path, host), Buffer.alloc(16_385)]))],
    {
      ...{ expected: sizeError, heard: false },
    },
  ),
  row('4.2', 'SETTINGS larger than the largest frame', () => [frame(4, 0, 0, Buffer.alloc(6 * 2731))], { expected: sizeError }),

  badBlock('index 0', 0x80),
  badBlock('an index beyond the table', 0xfe),
  badBlock('a name by an index beyond the table', 0x7e, 1, 97),
  badBlock('a literal that is cut', 0, 5, 97),
  badBlock('a number that has no end', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f),
  badBlock('Huffman with its end of string', 0, 1, 97, 0x84, 0xff, 0xff, 0xff, 0xff),
  badBlock('Huffman with padding of zeros', 0, 1, 97, 0x81, 0x18),
  badBlock('a change of the table behind a field', 0x20),
  row(
    '4.3',
    'a table larger than allowed',
    (path, host) => [frame(headers, whole, 1, Buffer.concat([Buffer.from([0x3f, 0xe1, 0xff, 0x03]), requestBlock(path, host)]))],
    {
      ...{ expected: compressionError, heard: false },
    },
  ),
  row(
    '5.5',
    'a frame of an unknown type within a field block',
    (path, host) => {
      const block = requestBlock(path, host);
      return [
        frame(headers, flags.endStream, 1, block.subarray(0, 9)),
        frame(0x7f, 0, 1),
        frame(continuation, endHeaders, 1, block.subarray(9)),
      ];
    },
    { expected: protocolError, heard: false },
  ),

  row('5.1 idle', 'DATA', () => [body('x')], { expected: { kind: 'connection-error', codes: ['PROTOCOL_ERROR', 'STREAM_CLOSED'] } }),
  row('5.1 idle', 'RST_STREAM', () => [frame(rstStream, 0, 1, uint32(8))], { expected: protocolError }),
  row('5.1 idle', 'WINDOW_UPDATE', () => [frame(windowUpdate, 0, 1, uint32(8))], { expected: protocolError }),
  row('5.1 idle', 'CONTINUATION', (path, host) => [frame(continuation, endHeaders, 1, requestBlock(path, host))], {
    expected: protocolError,
    heard: false,
  }),
  row('5.1 half-closed', 'DATA behind the end', (path, host) => [get(path, host), body('x')], { upstream: silent, expected: closedOr }),
  row('5.1 half-closed', 'HEADERS behind the end', (path, host) => [get(path, host), get(`${path}/hidden`, host)], {
    upstream: silent,
    expected: closedOr,
  }),
  row(
    '5.1 half-closed',
    'CONTINUATION behind the end',
    (path, host) => [get(path, host), frame(continuation, endHeaders, 1, requestBlock(path, host))],
    {
      ...{ upstream: silent, expected: closedOr },
    },
  ),
  row(
    '5.1 half-closed',
    'WINDOW_UPDATE, PRIORITY and RST_STREAM are taken',
    (path, host) => [
      ...[
        get(path, host),
        frame(windowUpdate, 0, 1, uint32(8)),
        frame(priority, 0, 1, bytes('\0\0\0\0\x10')),
        frame(rstStream, 0, 1, uint32(8)),
      ],
    ],
    { upstream: silent, expected: { kind: 'goes-on' } },
  ),
  row(
    '5.1 closed',
    'DATA behind the own RST_STREAM',
    (path, host) => [post(path, host), frame(rstStream, 0, 1, uint32(8)), body(`${path}/hidden`)],
    {
      ...{ upstream: silent, expected: dropped },
    },
  ),
  row(
    '5.1 closed',
    'HEADERS behind the own RST_STREAM',
    (path, host) => [post(path, host), frame(rstStream, 0, 1, uint32(8)), get(`${path}/hidden`, host)],
    {
      ...{ upstream: silent, expected: dropped },
    },
  ),
  row('5.1 closed', 'DATA behind both ends', (path, host) => [get(path, host)], {
    after: (path) => [body(`${path}/hidden`)],
    expected: dropped,
  }),
  row('5.1 closed', 'HEADERS behind both ends', (path, host) => [get(path, host)], {
    after: (path, host) => [get(`${path}/hidden`, host)],
    expected: dropped,
  }),
  row('5.1 closed', 'WINDOW_UPDATE, PRIORITY and RST_STREAM are passed over', (path, host) => [get(path, host)], {
    after: () => [frame(windowUpdate, 0, 1, uint32(8)), frame(priority, 0, 1, bytes('\0\0\0\0\x10')), frame(rstStream, 0, 1, uint32(8))],
    expected: { kind: 'goes-on' },
  }),

  row('5.1.1', 'an even stream', (path, host) => [get(path, host, { id: 2 })], { expected: protocolError, heard: false }),
  row('5.1.1', 'a stream below the last one', (path, host) => [get(path, host, { id: 5 }), get(`${path}/hidden`, host, { id: 3 })], {
    expected: { kind: 'connection-error', codes: ['PROTOCOL_ERROR', 'STREAM_CLOSED'] },
    ours: { expected: dropped, why: 'nghttp2 takes it for a stream that has ended, and passes over it' },
  }),
  row(
    '5.1.2',
    'more streams at a time than allowed',
    (path, host) => Array.from({ length: 400 }, (_, at) => get(path, host, { id: 2 * at + 1 })),
    {
      upstream: silent,
      expected: { kind: 'stream-error', streamId: 799, codes: ['REFUSED_STREAM', 'PROTOCOL_ERROR', 'ENHANCE_YOUR_CALM'] },
    },
  ),

  row(
    '5.2',
    'a body larger than all windows',
    (path, host) => [post(path, host), ...Array.from({ length: 80 }, () => body('x'.repeat(16_384), { isLast: false }))],
    {
      upstream: silent,
      expected: { kind: 'stream-error', streamId: 1, codes: ['FLOW_CONTROL_ERROR'] },
      ours: {
        expected: { kind: 'goes-on' },
        why: 'Node grants as the application reads, so that nothing is exceeded by the time it is looked at',
      },
    },
  ),
  row('5.2', 'an answer waits for a window of one byte', (path, host) => [settings([4, 1]), get(path, host)], {
    expected: { kind: 'at-most', streamId: 1, bytes: 1 },
  }),
  row('5.2', 'and goes on by as much as is granted', (path, host) => [settings([4, 1]), get(path, host)], {
    after: () => [frame(windowUpdate, 0, 1, uint32(3))],
    expected: answered,
  }),
  row('5.2', 'an answer waits where a window became negative', (path, host) => [settings([4, 2]), get(path, host)], {
    after: () => [settings([4, 0]), frame(windowUpdate, 0, 1, uint32(2))],
    expected: { kind: 'at-most', streamId: 1, bytes: 2 },
  }),
  row(
    '5.3.1',
    'HEADERS with a weight and a dependency',
    (path, host) => [
      frame(headers, whole | flags.priority, 1, Buffer.concat([uint32(0x80000003), bytes('\x20'), requestBlock(path, host)])),
    ],
    { expected: answered },
  ),
  row('5.3.1', 'PRIORITY for a stream that is to come', (path, host) => [frame(priority, 0, 5, bytes('\0\0\0\0\x10')), get(path, host)], {
    expected: answered,
  }),
  row('5.4.1', 'an error of the connection is told by GOAWAY, then the connection ends', () => [frame(ping, 0, 0, Buffer.alloc(7))], {
    expected: sizeError,
  }),
  row(
    '5.4.2',
    'an error of one stream leaves the others',
    (path, host) => [
      get(path, host, {
        more: [
          ['upper', 'x'],
          ['Upper', 'x'],
        ],
      }),
      get(path, host, { id: 3 }),
    ],
    {
      expected: { kind: 'answered', streamId: 3, status: [200] },
    },
  ),
];

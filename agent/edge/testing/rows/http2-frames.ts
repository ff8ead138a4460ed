import { flags, frame, frameTypes, settings, uint32 } from '../frames.ts';
import { body, bytes, endHeaders, get, post, requestBlock, row, whole } from './http2-tools.ts';
import type { Expected, Row } from './row.ts';

const { data, headers, priority, rstStream, pushPromise, ping, goaway, windowUpdate, continuation } = frameTypes;
const protocolError = { kind: 'connection-error', codes: ['PROTOCOL_ERROR'] } as const;
const sizeError = { kind: 'connection-error', codes: ['FRAME_SIZE_ERROR', 'PROTOCOL_ERROR'] } as const;
const flowError = { kind: 'connection-error', codes: ['FLOW_CONTROL_ERROR', 'PROTOCOL_ERROR'] } as const;
const answered = { kind: 'answered', streamId: 1, status: [200], data: 'good' } as const;

const setting = (name: string, id: number, value: number, expected: Expected): Row =>
  row('6.5.2', name, (path, host) => [settings([id, value]), get(path, host)], { expected });

/** Each frame with a wrong size, on a wrong stream, at a wrong time: RFC 9113 §6 and §7. */
export const frameRows: readonly Row[] = [
  row('6.1', 'DATA on stream 0', (path, host) => [post(path, host), body('x', { id: 0 })], { expected: protocolError }),
  row(
    '6.1',
    'DATA with more padding than it has bytes',
    (path, host) => [post(path, host), frame(data, flags.padded | 1, 1, bytes('\x09abc'))],
    { expected: protocolError },
  ),
  row('6.1', 'DATA with padding but without its length', (path, host) => [post(path, host), frame(data, flags.padded | 1, 1)], {
    expected: sizeError,
  }),
  row('6.1', 'padding of DATA stays here', (path, host) => [post(path, host), frame(data, flags.padded | 1, 1, bytes('\x03hello\0\0\0'))], {
    expected: answered,
    heard: '\r\n\r\nhello',
  }),

  row('6.2', 'HEADERS on stream 0', (path, host) => [get(path, host, { id: 0 })], { expected: protocolError, heard: false }),
  row(
    '6.2',
    'HEADERS with more padding than they have bytes',
    (path, host) => [frame(headers, whole | flags.padded, 1, Buffer.concat([bytes('\xff'), requestBlock(path, host)]))],
    {
      ...{ expected: protocolError, heard: false },
    },
  ),
  row('6.2', 'HEADERS with half a priority', () => [frame(headers, whole | flags.priority, 1, bytes('\0\0'))], { expected: sizeError }),
  row(
    '6.2',
    'HEADERS with padding',
    (path, host) => [frame(headers, whole | flags.padded, 1, Buffer.concat([bytes('\x02'), requestBlock(path, host), bytes('\0\0')]))],
    { expected: answered },
  ),

  row('6.3', 'PRIORITY on stream 0', () => [frame(priority, 0, 0, bytes('\0\0\0\x01\x10'))], {
    expected: protocolError,
    ours: { expected: { kind: 'goes-on' }, why: 'nghttp2 passes over all priorities' },
  }),
  row('6.3', 'PRIORITY of four bytes', (path, host) => [post(path, host), frame(priority, 0, 1, bytes('\0\0\0\x01'))], {
    ...{ upstream: '', expected: { kind: 'stream-error', streamId: 1, codes: ['FRAME_SIZE_ERROR'] } },
  }),

  row('6.4', 'RST_STREAM on stream 0', () => [frame(rstStream, 0, 0, uint32(8))], { expected: protocolError }),
  row('6.4', 'RST_STREAM of three bytes', (path, host) => [post(path, host), frame(rstStream, 0, 1, bytes('\0\0\0'))], {
    upstream: '',
    expected: sizeError,
  }),

  row('6.5', 'SETTINGS on a stream', (path, host) => [post(path, host), frame(4, 0, 1)], { upstream: '', expected: protocolError }),
  row('6.5', 'an acknowledgement with content', () => [frame(4, flags.ack, 0, Buffer.alloc(6))], { expected: sizeError }),
  row('6.5', 'SETTINGS of five bytes', () => [frame(4, 0, 0, Buffer.alloc(5))], { expected: sizeError }),
  setting('a push setting of 2', 2, 2, protocolError),
  setting('a window above 2^31 - 1', 4, 2 ** 31, flowError),
  setting('a largest frame of 16,383', 5, 16_383, protocolError),
  setting('a largest frame of 2^24', 5, 2 ** 24, protocolError),
  setting('a setting nobody knows is passed over', 0xfafa, 5, answered),
  setting('no table at all', 1, 0, answered),
  setting('a largest list of fields of 1 is advice', 6, 1_000_000, answered),

  row(
    '6.6',
    'PUSH_PROMISE from a client',
    (path, host) => [get(path, host), frame(pushPromise, endHeaders, 1, Buffer.concat([uint32(2), requestBlock(`${path}/hidden`, host)]))],
    {
      ...{ upstream: '', expected: protocolError },
    },
  ),

  row('6.7', 'PING on a stream', (path, host) => [post(path, host), frame(ping, 0, 1, Buffer.alloc(8))], {
    upstream: '',
    expected: protocolError,
  }),
  row('6.7', 'PING of seven bytes', () => [frame(ping, 0, 0, Buffer.alloc(7))], { expected: sizeError }),
  row('6.7', 'PING of nine bytes', () => [frame(ping, 0, 0, Buffer.alloc(9))], { expected: sizeError }),
  row(
    '6.7',
    'an acknowledgement nobody asked for is passed over',
    (path, host) => [frame(ping, flags.ack, 0, Buffer.alloc(8)), get(path, host)],
    {
      expected: answered,
      ours: {
        expected: { kind: 'connection-error' },
        why: 'Node ends the connection: it had asked for none (RFC 9113 says nothing of it)',
      },
    },
  ),

  row('6.8', 'GOAWAY on a stream', (path, host) => [post(path, host), frame(goaway, 0, 1, uint32(0, 0))], {
    upstream: '',
    expected: protocolError,
  }),
  row('6.8', 'GOAWAY of seven bytes', () => [frame(goaway, 0, 0, Buffer.alloc(7))], { expected: sizeError }),
  row('6.8', 'what was asked before GOAWAY is answered', (path, host) => [get(path, host), frame(goaway, 0, 0, uint32(0, 0))], {
    expected: answered,
  }),

  row('6.9', 'WINDOW_UPDATE of three bytes', () => [frame(windowUpdate, 0, 0, bytes('\0\0\x01'))], { expected: sizeError }),
  row('6.9', 'a grant of nothing for the connection', () => [frame(windowUpdate, 0, 0, uint32(0))], { expected: protocolError }),
  row('6.9', 'a grant of nothing for a stream', (path, host) => [get(path, host), frame(windowUpdate, 0, 1, uint32(0))], {
    ...{ upstream: '', expected: { kind: 'stream-error', streamId: 1, codes: ['PROTOCOL_ERROR'] } },
  }),
  row('6.9.1', 'a window of the connection above 2^31 - 1', () => [frame(windowUpdate, 0, 0, uint32(0x7fffffff))], {
    expected: { kind: 'connection-error', codes: ['FLOW_CONTROL_ERROR'] },
  }),
  row('6.9.1', 'a window of a stream above 2^31 - 1', (path, host) => [get(path, host), frame(windowUpdate, 0, 1, uint32(0x7fffffff))], {
    ...{ upstream: '', expected: { kind: 'stream-error', streamId: 1, codes: ['FLOW_CONTROL_ERROR'] } },
  }),
  row(
    '6.9.2',
    'a setting that lifts a window above 2^31 - 1',
    (path, host) => [get(path, host), frame(windowUpdate, 0, 1, uint32(0x7fff0000 - 65_535)), settings([4, 0x7fffffff])],
    {
      ...{ upstream: '', expected: { kind: 'connection-error', codes: ['FLOW_CONTROL_ERROR'] } },
    },
  ),

  row(
    '6.10',
    'CONTINUATION on stream 0',
    (path, host) => [frame(headers, 1, 1, requestBlock(path, host)), frame(continuation, endHeaders, 0)],
    { expected: protocolError, heard: false },
  ),
  row(
    '6.10',
    'CONTINUATION of another stream',
    (path, host) => [frame(headers, 1, 1, requestBlock(path, host)), frame(continuation, endHeaders, 3)],
    { expected: protocolError, heard: false },
  ),
  row(
    '6.10',
    'CONTINUATION behind a block that has ended',
    (path, host) => [post(path, host), frame(continuation, endHeaders, 1, requestBlock(path, host))],
    { upstream: '', expected: protocolError },
  ),
  row(
    '6.10',
    'DATA within a field block',
    (path, host) => [frame(headers, 0, 1, requestBlock(path, host)), body('x'), frame(continuation, endHeaders, 1)],
    { expected: protocolError, heard: false },
  ),
  row(
    '6.10',
    'another request within a field block',
    (path, host) => [frame(headers, 1, 1, requestBlock(path, host)), get(`${path}/hidden`, host, { id: 3 })],
    { expected: protocolError, heard: false },
  ),
  row(
    '6.10',
    'a block in three pieces, one of them empty',
    (path, host) => {
      const block = requestBlock(path, host);
      return [frame(headers, 1, 1, block.subarray(0, 7)), frame(continuation, 0, 1), frame(continuation, endHeaders, 1, block.subarray(7))];
    },
    { expected: answered },
  ),

  row(
    '7',
    'an unknown code in RST_STREAM',
    (path, host) => [post(path, host), frame(rstStream, 0, 1, uint32(0xdeadbeef)), get(path, host, { id: 3 })],
    {
      expected: { kind: 'answered', streamId: 3, status: [200] },
    },
  ),
  row('7', 'an unknown code in GOAWAY', (path, host) => [get(path, host), frame(goaway, 0, 0, uint32(0, 0xdeadbeef))], {
    expected: answered,
    ours: { expected: { kind: 'connection-error' }, why: 'Node ends the connection of whoever says that it failed, as for INTERNAL_ERROR' },
  }),
];

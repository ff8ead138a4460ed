import { block, flags, frame, frameTypes } from '../frames.ts';
import type { Row } from './row.ts';

const { data, headers } = frameTypes;
export const endHeaders = flags.endHeaders;
/** A request that is whole with its fields. */
export const whole = flags.endHeaders | flags.endStream;
export const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

type Fields = readonly (readonly [string, string])[];
export const pseudo = (method: string, path: string, host: string): Fields => [
  [':method', method],
  [':scheme', 'https'],
  [':authority', host],
  [':path', path],
];

/** The fields of a request, with more behind them. */
export const requestBlock = (path: string, host: string, more: Fields = [], method = 'GET'): Buffer =>
  block([...pseudo(method, path, host), ...more]);

/** A request without a body. */
export const get = (
  path: string,
  host: string,
  { id = 1, more = [], method = 'GET' }: { id?: number; more?: Fields; method?: string } = {},
): Buffer => frame(headers, whole, id, requestBlock(path, host, more, method));

/** The head of a request whose body follows. */
export const post = (path: string, host: string, { id = 1, more = [] }: { id?: number; more?: Fields } = {}): Buffer =>
  frame(headers, endHeaders, id, requestBlock(path, host, more, 'POST'));

export const body = (text: string, { id = 1, isLast = true }: { id?: number; isLast?: boolean } = {}): Buffer =>
  frame(data, isLast ? flags.endStream : 0, id, bytes(text));

type Rest = Omit<Row, 'section' | 'name' | 'version' | 'send'>;

/** A row of HTTP/2. */
export const row = (section: string, name: string, send: Row['send'], rest: Rest): Row => ({
  section,
  name,
  version: 'HTTP/2',
  send,
  ...rest,
});

/** Statuses by which a malformed request is refused. */
export const refusals = [400, 404, 405, 421, 431, 500, 501, 502] as const;

/** A malformed request (§8.1.1): reset or refused, and nothing of it reaches the application. */
export const malformed = (section: string, name: string, send: Row['send'], rest: Partial<Rest> = {}): Row =>
  row(section, name, send, {
    expected: {
      kind: 'stream-error',
      streamId: 1,
      codes: ['PROTOCOL_ERROR', 'INTERNAL_ERROR', 'CANCEL', 'REFUSED_STREAM', 'COMPRESSION_ERROR', 'ENHANCE_YOUR_CALM'],
      orStatus: refusals,
    },
    heard: false,
    ...rest,
  });

import type { Row } from './row.ts';

const bytes = (text: string): Buffer[] => [Buffer.from(text, 'latin1')];
/** A request that must never be one: it stands behind something that was refused. */
const hidden = (path: string, host: string): string => `GET ${path}/hidden HTTP/1.1\r\nHost: ${host}\r\n\r\n`;

/** A request that two readers could read in two ways, with another behind it. */
const smuggled = (section: string, name: string, fields: string, body: string, version = '1.1'): Row => ({
  ...{ section, name, version: 'HTTP/1.1', expected: { kind: 'refused' }, heard: false },
  send: (path, host) => bytes(`POST ${path} HTTP/${version}\r\nHost: ${host}\r\n${fields}\r\n\r\n${body}${hidden(path, host)}`),
});

/** A head that is wrong; `PATH` and `HOST` stand for the row's own. */
const badHead = (section: string, name: string, head: string): Row => ({
  ...{ section, name, version: 'HTTP/1.1', expected: { kind: 'refused' }, heard: false },
  send: (path, host) => bytes(`${head.replaceAll('PATH', path).replaceAll('HOST', host)}\r\n\r\n${hidden(path, host)}`),
});

const said = (section: string, name: string, request: string, heard: string | undefined, status: readonly number[] = [200]): Row => ({
  ...{ section, name, version: 'HTTP/1.1', expected: { kind: 'said', status }, ...(heard === undefined ? {} : { heard }) },
  send: (path, host) => bytes(request.replaceAll('PATH', path).replaceAll('HOST', host)),
});

/** The application misbehaves: what a visitor of HTTP/1.1 sees. */
const upstream = (section: string, name: string, answer: string, expected: Row['expected'], upstreamEnds = false): Row => ({
  ...{ section, name, version: 'HTTP/1.1', upstream: answer, upstreamEnds, expected },
  send: (path, host) => bytes(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`),
});
const unreadable = { kind: 'said', status: [502, 500, 503] } as const;
const passes = (status: number, body?: string): Row['expected'] => ({
  kind: 'said',
  status: [status],
  ...(body === undefined ? {} : { body }),
});

/** Misbehaviour over HTTP/1.1, by the sections of RFC 9112 (or the RFC that is named). */
export const http1Rows: readonly Row[] = [
  smuggled('6.1', 'both lengths', 'Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
  smuggled('6.3', 'two lengths', 'Content-Length: 5\r\nContent-Length: 6', 'hello'),
  smuggled('6.3', 'a list of lengths', 'Content-Length: 5, 5', 'hello'),
  smuggled('6.2', 'a signed length', 'Content-Length: +5', 'hello'),
  smuggled('6.2', 'a hexadecimal length', 'Content-Length: 0x5', 'hello'),
  smuggled('6.2', 'a negative length', 'Content-Length: -5', 'hello'),
  smuggled('5.1', 'a space before the colon', 'Content-Length : 5', 'hello'),
  smuggled('6.1', 'an encoding nobody knows', 'Transfer-Encoding: xchunked', '0\r\n\r\n'),
  smuggled('6.1', 'chunked, but not last', 'Transfer-Encoding: chunked, identity', '0\r\n\r\n'),
  smuggled('6.1', 'chunked twice', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
  smuggled('6.1', 'chunked in HTTP/1.0', 'Transfer-Encoding: chunked', '0\r\n\r\n', '1.0'),
  smuggled('6.1', 'a control character before chunked', 'Transfer-Encoding: \x0bchunked', '0\r\n\r\n'),
  { ...smuggled('7.1', 'a chunk longer than it says', 'Transfer-Encoding: chunked', '3\r\nhello\r\n0\r\n\r\n'), heard: false },
  { ...smuggled('7.1', 'a chunk size with a sign', 'Transfer-Encoding: chunked', '+5\r\nhello\r\n0\r\n\r\n') },
  { ...smuggled('7.1', 'a chunk size that overflows', 'Transfer-Encoding: chunked', '10000000000000005\r\nhello\r\n0\r\n\r\n') },
  { ...smuggled('7.1', 'a chunk size with 0x', 'Transfer-Encoding: chunked', '0x5\r\nhello\r\n0\r\n\r\n') },
  badHead('5.2', 'a folded field', 'GET PATH HTTP/1.1\r\nHost: HOST\r\nX: a\r\n b'),
  badHead('9110 §5.5', 'NUL in a value', 'GET PATH HTTP/1.1\r\nHost: HOST\r\nX: a\0b'),
  badHead('2.2', 'a carriage return alone', 'GET PATH HTTP/1.1\r\nHost: HOST\r\nX: a\rb'),
  badHead('9110 §5.1', 'a name of nothing', 'GET PATH HTTP/1.1\r\nHost: HOST\r\n: a'),
  badHead('9110 §5.1', 'a name with a space', 'GET PATH HTTP/1.1\r\nHost: HOST\r\nX Y: a'),
  badHead('3.2', 'no Host', 'GET PATH HTTP/1.1'),
  badHead('3.2', 'two Hosts', 'GET PATH HTTP/1.1\r\nHost: HOST\r\nHost: other.farm.localhost'),
  badHead('3.2', 'the same Host twice', 'GET PATH HTTP/1.1\r\nHost: HOST\r\nHost: HOST'),
  badHead('3.2.2', 'an absolute target of another host', 'GET http://other.farm.localhostPATH HTTP/1.1\r\nHost: HOST'),
  badHead('3.2', 'a target without a slash', 'GET row HTTP/1.1\r\nHost: HOST'),
  badHead('3.1', 'a method with a control character', 'GE\x01T PATH HTTP/1.1\r\nHost: HOST'),
  badHead('2.3', 'a version that does not exist', 'GET PATH HTTP/9.9\r\nHost: HOST'),
  badHead('3.2.3', 'CONNECT', 'CONNECT HOST:443 HTTP/1.1\r\nHost: HOST'),
  badHead('3', 'a head of 100 kB', `GET PATH HTTP/1.1\r\nHost: HOST\r\nX: ${'x'.repeat(100_000)}`),
  said('3.2.2', 'an absolute target', 'GET https://HOSTPATH HTTP/1.1\r\nHost: HOST\r\n\r\n', 'GET /row'),
  said('2.2', 'an empty line before the request', '\r\nGET PATH HTTP/1.1\r\nHost: HOST\r\n\r\n', 'GET /row'),
  said(
    '7.1.1',
    'an extension of a chunk',
    'POST PATH HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n',
    'hello',
  ),
  said(
    '9110 §7.6.1',
    'what Connection names stays here',
    'GET PATH HTTP/1.1\r\nHost: HOST\r\nConnection: x-a\r\nX-A: /hidden\r\n\r\n',
    'GET /row',
  ),
  said(
    '7239',
    'what a visitor says of itself is not believed',
    'GET PATH HTTP/1.1\r\nHost: HOST\r\nX-Forwarded-For: /hidden\r\nX_Forwarded_For: /hidden\r\n\r\n',
    'x-forwarded-for: ',
  ),

  upstream('9112 §4', 'no answer of HTTP', 'hello\r\n\r\n', unreadable, true),
  upstream('9112 §4', 'the end before an answer', ' ', unreadable, true),
  upstream('9112 §6.3', 'two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\ngood!', unreadable),
  upstream('9112 §6.1', 'both lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', unreadable),
  upstream('9110 §5.5', 'NUL in a field', 'HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 4\r\n\r\ngood', unreadable),
  upstream('9112 §5', 'a line without a colon', 'HTTP/1.1 200 OK\r\nwhat\r\ncontent-length: 4\r\n\r\ngood', unreadable),
  upstream(
    '9110 §15.2.2',
    '101 that nobody asked for',
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nraw',
    unreadable,
  ),
  upstream('9112 §8', 'a body that ends early', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf', { kind: 'cut' }, true),
  upstream(
    '9112 §7.1',
    'chunks that end early',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n',
    { kind: 'cut' },
    true,
  ),
  upstream('9112 §7.1', 'a chunk size that is none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n', {
    kind: 'cut',
  }),
  upstream('9110 §15.4.5', '304 with a length', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 100\r\n\r\n', passes(304)),
  upstream('9110 §15.3.5', '204 with a length', 'HTTP/1.1 204 No Content\r\ncontent-length: 9\r\n\r\n', passes(204)),
  upstream('9110 §15', 'a status nobody knows', 'HTTP/1.1 299 Fine\r\ncontent-length: 4\r\n\r\ngood', passes(299, 'good')),
  upstream(
    '9110 §15.2',
    '103 before the answer',
    'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood',
    passes(200, 'good'),
  ),
  upstream('9112 §4', 'a reason beyond ASCII', 'HTTP/1.1 200 sch\xf6n\r\ncontent-length: 4\r\n\r\ngood', passes(200, 'good')),
];

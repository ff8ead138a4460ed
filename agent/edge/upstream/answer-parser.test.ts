import { expect, test } from 'vitest';
import { AnswerParser, BadAnswer } from './answer-parser.ts';

type Read = { readonly events: string[]; readonly failure: string };

/** What comes of these pieces, bodies joined: how they were cut must not matter. */
function read(pieces: readonly Buffer[], isHead = false): Read {
  const events: string[] = [];
  let body = '';
  const flush = (): void => {
    if (body !== '') events.push(`body ${body}`);
    body = '';
  };
  const parser = new AnswerParser({
    onInterim: ({ status }) => events.push(`interim ${status}`),
    onHead: ({ status, reason, raw }) => events.push(`head ${status} ${reason} ${raw.join('|')}`),
    onBody: (view) => {
      body += view.toString('latin1');
    },
    onEnd: (trailers) => {
      flush();
      events.push(`end ${trailers.join('|')} ${parser.isReusable}`);
    },
    onUpgrade: (_head, rest) => events.push(`upgrade ${rest.toString('latin1')}`),
  });
  parser.begin(isHead);
  try {
    for (const piece of pieces) parser.feed(piece);
  } catch (error) {
    flush();
    if (!(error instanceof BadAnswer)) throw error;
    return { events, failure: error.message };
  }
  flush();
  return { events, failure: '' };
}

const messages = [
  'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-A: \xa0b\xe4 \r\n\r\ngood',
  'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 404 Nicht \xfc\r\ntransfer-encoding: chunked\r\n\r\n2;x="y"\r\ngo\r\n02\r\nod\r\n0\r\nX-Sum: 1\r\nX-B: 2\r\n\r\n',
  'HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n',
  'HTTP/1.0 200\nX-A : b\nX-F: a\n\tb\n\nuntil the end',
  'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngoodHTTP/1.1 200 OK\r\n\r\n',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\na\n0\n\n',
];

test.each(messages)('%j reads the same however it is cut', (text) => {
  const bytes = Buffer.from(text, 'latin1');
  const whole = read([bytes]);
  expect(whole.events.length).toBeGreaterThan(0);
  for (let at = 1; at < bytes.length; at++) expect(read([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
  expect(read([...bytes].map((byte) => Buffer.from([byte])))).toEqual(whole);
});

test('what these messages say', () => {
  expect(messages.map((text) => read([Buffer.from(text, 'latin1')]))).toEqual([
    { events: ['head 200 OK Content-Length|4|X-A|\xa0b\xe4', 'body good', 'end  true'], failure: '' },
    {
      events: ['interim 103', 'head 404 Nicht \xfc transfer-encoding|chunked', 'body good', 'end X-Sum|1|X-B|2 true'],
      failure: '',
    },
    { events: ['head 204 No Content Content-Length|9', 'end  true'], failure: '' },
    { events: ['head 200  X-A|b|X-F|a b', 'body until the end'], failure: '' },
    { events: ['head 200 OK connection|close|content-length|0', 'end  false'], failure: '' },
    { events: ['head 200 OK Content-Length|4', 'body good', 'end  true'], failure: 'bytes-behind-answer' },
    { events: ['head 200 OK transfer-encoding|chunked', 'body a'], failure: 'chunk-invalid' },
    { events: ['head 200 OK transfer-encoding|chunked'], failure: 'chunk-invalid' },
  ]);
});

test('5,000 broken answers are refused or read, never anything else', () => {
  let seed = 8;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  let refused = 0;
  const passed: string[] = [];
  for (let round = 0; round < 5000; round++) {
    const bytes = Buffer.from(messages[round % messages.length] ?? '', 'latin1');
    for (let change = random(3); change >= 0; change--) bytes[random(bytes.length)] = random(4) === 0 ? 10 : random(256);
    const cut = random(bytes.length);
    const one = read([bytes.subarray(0, cut), bytes.subarray(cut)], random(8) === 0);
    if (one.failure !== '') refused += 1;
    if (one.events.some((event) => event.startsWith('head') && /[\0\r\n]/.test(event))) passed.push(bytes.toString('latin1'));
  }
  expect(passed).toEqual([]);
  expect(refused).toBeGreaterThan(500);
});

test('a size, trailers or a head that never end are not kept', () => {
  const start = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
  expect(read([Buffer.from(`${start}1;${'a'.repeat(5000)}`)]).failure).toBe('chunk-invalid');
  expect(read([Buffer.from(`${start}0\r\n${'x: y\r\n'.repeat(4000)}`)]).failure).toBe('chunk-invalid');
  expect(read(Array.from({ length: 100 }, () => Buffer.from(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(1000)}`))).failure).toBe('head-too-long');
});

import { expect, test } from 'vitest';
import { endpoints, hostAndPort, plainText, readField, webAddress } from './credential-fields.ts';

const open = <F extends 'text' | 'url' | 'host' | 'servers'>(format: F) => ({ format, isSecret: false });

test.each([
  ['http://dns.example:8081', true],
  ['https://10.0.0.1/', true],
  ['ftp://dns.example', false],
  ['dns.example', false],
  ['javascript:alert(1)', false],
  ['file:///etc/passwd', false],
])('the web address %s', (text, isGood) => {
  const expected = isGood ? { kind: 'value', value: text } : { kind: 'problem', problem: 'url', text: '' };
  expect(readField(open('url'), webAddress, ` ${text} `)).toEqual(expected);
});

test.each([
  ['api.example', true],
  ['api.example:8080', true],
  ['203.0.113.7:8080', true],
  ['[2001:db8::1]:53', true],
  ['https://api.example', false],
  ['api.example/path', false],
  ['-api.example', false],
  ['user@api.example', false],
])('the host %s', (text, isGood) => expect(readField(open('host'), hostAndPort, text).kind).toBe(isGood ? 'value' : 'problem'));

test('name servers, one in a line, with ports', () => {
  const read = (text: string) => readField(open('servers'), endpoints, text);
  expect(read('203.0.113.1\n203.0.113.2:5353 [2001:db8::1]:54\n2001:db8::2')).toEqual({
    kind: 'value',
    value: [
      { address: '203.0.113.1', port: 53 },
      { address: '203.0.113.2', port: 5353 },
      { address: '2001:db8::1', port: 54 },
      { address: '2001:db8::2', port: 53 },
    ],
  });
  for (const [text, bad] of [
    ['203.0.113.1 ns1.example', 'ns1.example'],
    ['203.0.113.300', '203.0.113.300'],
    ['203.0.113.1:0', '203.0.113.1:0'],
    ...['::::', '2001:db8::1::2', '1:2:3', '[:::]:53', '[203.0.113.1]:53', '203.0.113.09', '2001:db8::1:53:70000'].map((text) => [
      text,
      text,
    ]),
    ['203.0.113.1:65536', '203.0.113.1:65536'],
  ] as const)
    expect(read(text)).toEqual({ kind: 'problem', problem: 'servers', text: bad });
});

test('a secret that would break out of its header is not taken, and is in no answer', () => {
  const secret = { format: 'password', isSecret: true } as const;
  for (const text of ['a\r\nb', 'two words', 'schlüssel', 'a\u0000b'])
    expect(readField(secret, plainText, text)).toEqual({ kind: 'problem', problem: 'characters', text: '' });
  expect(readField(secret, plainText, ' key\n')).toEqual({ kind: 'value', value: 'key' });
  expect(readField(secret, plainText, ' \n')).toEqual({ kind: 'absent' });
});

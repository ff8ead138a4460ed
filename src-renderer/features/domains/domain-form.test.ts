import { expect, test } from 'vitest';
import { checkDomainDraft, emptyDomainDraft, isDomainName, isWebAddress, nameServersFrom } from './domain-form.ts';

test.each([
  ['farm.example', true],
  ['farm.example.', true],
  ['ферма.рф', true],
  ['farm.localhost', true],
  ['localhost', false],
  ['-farm.example', false],
  ['farm-.example', false],
  ['farm example.org', false],
  ['', false],
  ['*.farm.example', false],
  [`${'a'.repeat(64)}.example`, false],
])('the domain %s', (text, isGood) => expect(isDomainName(text)).toBe(isGood));

test.each([
  ['http://dns.example:8081', true],
  ['https://10.0.0.1/', true],
  ['ftp://dns.example', false],
  ['dns.example', false],
  ['javascript:alert(1)', false],
])('the web address %s', (text, isGood) => expect(isWebAddress(text)).toBe(isGood));

test('name servers, one in a line, with ports', () => {
  expect(nameServersFrom('203.0.113.1\n203.0.113.2:5353 [2001:db8::1]:54\n2001:db8::2')).toEqual({
    nameServers: [
      { address: '203.0.113.1', port: 53 },
      { address: '203.0.113.2', port: 5353 },
      { address: '2001:db8::1', port: 54 },
      { address: '2001:db8::2', port: 53 },
    ],
    bad: undefined,
  });
  expect(nameServersFrom('203.0.113.1 ns1.example').bad).toBe('ns1.example');
  expect(nameServersFrom('203.0.113.300').bad).toBe('203.0.113.300');
  expect(nameServersFrom('203.0.113.1:0').bad).toBe('203.0.113.1:0');
});

test.each([['::::'], ['2001:db8::1::2'], ['1:2:3'], ['[:::]:53'], ['[203.0.113.1]:53'], ['203.0.113.09'], ['2001:db8::1:53:70000']])(
  '%s is no name server',
  (text) => expect(nameServersFrom(text)).toEqual({ nameServers: [], bad: text }),
);

test.each([[undefined], [7], [{ name: 4 }]])('%j is no draft', (kept) => expect(checkDomainDraft(kept)).toEqual(emptyDomainDraft));

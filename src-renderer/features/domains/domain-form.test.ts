import { expect, test } from 'vitest';
import { checkDomainDraft, emptyDomainDraft, isDomainName } from './domain-form.ts';

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

test.each([[undefined], [7], [{ name: 4 }]])('%j is no draft', (kept) => expect(checkDomainDraft(kept)).toEqual(emptyDomainDraft));

test('a draft of a release that knew PowerDNS only goes on, and a secret is never taken from a draft', () => {
  const old = { name: 'farm.example', kind: 'powerdns', url: 'http://dns.example:8081', nameServers: '203.0.113.1' };
  const fields = { 'powerdns.url': old.url, 'powerdns.nameServers': old.nameServers };
  expect(checkDomainDraft(old)).toEqual({ name: 'farm.example', kind: 'powerdns', fields });
  const planted = { ...old, apiKey: 'planted', fields: { ...fields, 'powerdns.apiKey': 'planted', 'nobody.x': 'planted' } };
  expect(checkDomainDraft(planted)).toEqual({ name: 'farm.example', kind: 'powerdns', fields });
});
